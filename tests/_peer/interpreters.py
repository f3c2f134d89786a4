"""The module `interpreters` in PEP 554's spelling, for CPython: what the article's programs import there.

Serpens has a module of this name; this one is only on the path of the peers that it is compared with.
"""

from concurrent.interpreters import *
from concurrent.interpreters import Interpreter

import _interpchannels
from test.support import channels as _channels

RunFailedError = __import__("concurrent.interpreters").interpreters.ExecutionFailed
ChannelEmptyError = _channels.ChannelEmptyError

Interpreter.run = Interpreter.exec
create_channel = _channels.create


def _recv_nowait(self, default=None):
    return _interpchannels.recv(self.id, default)[0]


_channels.RecvChannel.recv_nowait = _recv_nowait
