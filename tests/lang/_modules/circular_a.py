from . import circular_b

NAME = "a"


def value():
    return NAME, circular_b.NAME
