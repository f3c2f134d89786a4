from . import circular_a

NAME = "b"


def value():
    return NAME, circular_a.NAME
