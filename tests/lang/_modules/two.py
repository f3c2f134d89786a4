from .one import ONE
from . import one as _one
TWO = ONE + _one.ONE
