"""Interpreters in the spelling of PEP 554: create(), Interpreter.run(), channels.

The classes of the standard library's concurrent.interpreters stand behind it; Interpreter objects of both modules that
have the same id are the same interpreter.
"""

import _interpchannels
import _interpreters
from concurrent.interpreters import (
    ExecutionFailed,
    InterpreterError,
    InterpreterNotFoundError,
    NotShareableError,
    is_shareable,
)
import concurrent.interpreters as _modern
from _interpchannels import (
    ChannelClosedError,
    ChannelEmptyError,
    ChannelError,
    ChannelNotEmptyError,
    ChannelNotFoundError,
)

__all__ = [
    "create", "list_all", "get_current", "get_main", "is_shareable", "create_channel", "list_all_channels",
    "Interpreter", "RecvChannel", "SendChannel", "RunFailedError", "ExecutionFailed", "InterpreterError",
    "InterpreterNotFoundError", "NotShareableError", "ChannelError", "ChannelNotFoundError", "ChannelClosedError",
    "ChannelEmptyError", "ChannelNotEmptyError",
]

RunFailedError = ExecutionFailed


class Interpreter:
    """One interpreter of this process."""

    __slots__ = ("_modern", "__weakref__")

    def __init__(self, id, *, isolated=None):
        if not isinstance(id, int):
            raise TypeError(f"id must be an int, got {id!r}")
        self._modern = _modern.Interpreter(id)

    @classmethod
    def _of(cls, modern):
        self = object.__new__(cls)
        self._modern = modern
        return self

    @property
    def id(self):
        return self._modern.id

    def __repr__(self):
        return f"Interpreter({self.id})"

    def __hash__(self):
        return hash(self.id)

    def __eq__(self, other):
        if not isinstance(other, Interpreter):
            return NotImplemented
        return self.id == other.id

    def is_running(self):
        """Whether a thread runs code in the interpreter's __main__."""
        return self._modern.is_running()

    def close(self):
        """Finalize and destroy the interpreter."""
        self._modern.close()

    def run(self, source, /, *, channels=None):
        """Run source in the interpreter's __main__, as exec() does here. Objects in `channels` are bound there first.

        An uncaught exception is raised here as RunFailedError.
        """
        shared = {} if channels is None else dict(channels)
        excinfo = _interpreters.exec(self.id, source, shared)
        if excinfo is not None:
            raise RunFailedError(excinfo)

    def prepare_main(self, ns=None, /, **kwargs):
        """Bind shareable objects in the interpreter's __main__."""
        self._modern.prepare_main(ns, **kwargs)

    def call(self, callable, /, *args, **kwargs):
        """Call the object in the interpreter and return its result."""
        return self._modern.call(callable, *args, **kwargs)


def create(*, isolated=True):
    """Return a new idle interpreter."""
    return Interpreter._of(_modern.create())


def list_all():
    """Return all interpreters of the process."""
    return [Interpreter._of(modern) for modern in _modern.list_all()]


def get_current():
    """Return the running interpreter."""
    return Interpreter._of(_modern.get_current())


def get_main():
    """Return the main interpreter."""
    return Interpreter._of(_modern.get_main())


_MISSING = object()


class _End:

    __slots__ = ("_id", "__weakref__")

    def __init__(self, id):
        if not isinstance(id, (int, _interpchannels.ChannelID)):
            raise TypeError(f"id must be an int, got {id!r}")
        self._id = self._end(id)

    @property
    def id(self):
        return self._id

    def __repr__(self):
        return f"{type(self).__name__}(id={int(self._id)})"

    def __hash__(self):
        return hash(int(self._id))

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return int(self._id) == int(other._id)

    def __reduce__(self):
        return type(self), (int(self._id),)


class RecvChannel(_End):
    """The receiving end of a channel."""

    __slots__ = ()

    @staticmethod
    def _end(id):
        return _interpchannels._channel_id(int(id), recv=True, force=True)

    def recv(self, timeout=None):
        """Return the next object, waiting until there is one."""
        obj, unbound = _interpchannels._recv_wait(self._id, timeout)
        return obj

    def recv_nowait(self, default=_MISSING):
        """Return the next object if there is one, else the default or ChannelEmptyError."""
        if default is _MISSING:
            obj, unbound = _interpchannels.recv(self._id)
            return obj
        try:
            obj, unbound = _interpchannels.recv(self._id)
        except ChannelEmptyError:
            return default
        return obj

    def close(self):
        """Close the receiving end."""
        _interpchannels.close(self._id, recv=True)


class SendChannel(_End):
    """The sending end of a channel."""

    __slots__ = ()

    @staticmethod
    def _end(id):
        return _interpchannels._channel_id(int(id), send=True, force=True)

    def send(self, obj, timeout=None):
        """Send the object and wait until it is received."""
        _interpchannels.send(self._id, obj, blocking=True, timeout=timeout)

    def send_nowait(self, obj):
        """Send the object without waiting for a receiver."""
        _interpchannels.send(self._id, obj, blocking=False)

    def send_buffer(self, obj, timeout=None):
        """Send the object's buffer: the receiver gets a memoryview of the same memory."""
        _interpchannels.send_buffer(self._id, obj, blocking=True, timeout=timeout)

    def send_buffer_nowait(self, obj):
        """As send_buffer, without waiting for a receiver."""
        _interpchannels.send_buffer(self._id, obj, blocking=False)

    def close(self):
        """Close the sending end."""
        _interpchannels.close(self._id, send=True)


_interpchannels._register_end_types(SendChannel, RecvChannel)


def create_channel():
    """Return the two ends of a new channel: (receiving, sending)."""
    id = _interpchannels.create()
    return RecvChannel(id), SendChannel(id)


def list_all_channels():
    """Return the ends of all open channels."""
    return [(RecvChannel(id), SendChannel(id)) for id, _, _ in _interpchannels.list_all()]
