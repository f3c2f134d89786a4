value = "defined by the script"


def function(n):
    return n + 1
