ONE = 1
try:
    loads += 1
except NameError:
    loads = 1
print("loading", __name__)
