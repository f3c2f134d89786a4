def f():
    raise ValueError("in a script")


f()
