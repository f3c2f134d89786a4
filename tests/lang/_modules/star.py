__all__ = ["shown"]
shown = "shown"
hidden = "hidden"
_private = 1
