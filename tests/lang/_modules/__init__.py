"""What tests/lang/imports.py imports."""
NAME = "the package"


def __getattr__(name):
    if name == "lazily":
        return "made by the module's __getattr__"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
