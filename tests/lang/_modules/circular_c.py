from .circular_d import thing
