if True:
    print("windows", "a\
b")
