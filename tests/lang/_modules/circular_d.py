from .circular_c import other
thing = 1
