VALUE = "leaf"


def function():
    from ..two import TWO

    return TWO * 10
