from ..one import ONE
