"""Interpreters in the spelling of PEP 554, and what they share.

create() and Interpreter.run(); channels; select(); memory, a dict, locks and the like that all interpreters see. The
classes of the standard library's concurrent.interpreters stand behind the interpreters: objects of both modules that have
the same id are the same interpreter.
"""

import weakref

import _interpcontrol
import _interpreters
import _interpshare
import concurrent.interpreters as _modern
from concurrent.interpreters import (
    ExecutionFailed,
    InterpreterError,
    InterpreterNotFoundError,
    NotShareableError,
    Queue,
    QueueEmpty,
    QueueFull,
    create_queue,
    is_shareable,
)
from concurrent.interpreters import _crossinterp
from _interpchannels import (
    ChannelClosedError,
    ChannelEmptyError,
    ChannelError,
    ChannelFullError,
    ChannelNotEmptyError,
    ChannelNotFoundError,
)
from _interpcontrol import Stats, Stopped
from _interpshare import (
    AtomicInt,
    Barrier,
    Condition,
    Event,
    Lock,
    RecvChannel,
    RLock,
    Semaphore,
    SendChannel,
    SharedArray,
    SharedBuffer,
    SharedDict,
    Template,
    freeze,
    isfrozen,
    list_all_channels,
    select,
)

__all__ = [
    "create", "prepare", "list_all", "get_current", "get_main", "is_shareable", "create_channel", "list_all_channels", "select", "select_async",
    "create_queue", "freeze", "isfrozen", "Interpreter", "RecvChannel", "SendChannel", "Queue", "AtomicInt", "Barrier",
    "Condition", "Event", "Lock", "RLock", "Semaphore", "SharedArray", "SharedBuffer", "SharedDict", "Stats", "Stopped", "Template",
    "RunFailedError", "ExecutionFailed",
    "InterpreterError", "InterpreterNotFoundError", "NotShareableError", "ChannelError", "ChannelNotFoundError",
    "ChannelClosedError", "ChannelEmptyError", "ChannelFullError", "ChannelNotEmptyError", "QueueEmpty", "QueueFull",
    "UNBOUND", "UNBOUND_ERROR", "UNBOUND_REMOVE", "ItemInterpreterDestroyed",
]

def __getattr__(name):
    # The pool lies in a layer above this library, and is not there in every program.
    if name == "Pool":
        try:
            from serpens_pool import Pool
        except ImportError:
            pass
        else:
            return Pool
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


RunFailedError = ExecutionFailed
UNBOUND = _crossinterp.UnboundItem.singleton("channel", __name__)
UNBOUND_ERROR = _crossinterp.UNBOUND_ERROR
UNBOUND_REMOVE = _crossinterp.UNBOUND_REMOVE


class ItemInterpreterDestroyed(ChannelError, _crossinterp.ItemInterpreterDestroyed):
    """Raised from recv(): the interpreter that sent the item is gone."""


_known = weakref.WeakValueDictionary()


class Interpreter:
    """One interpreter of this process."""

    __slots__ = ("_modern", "_turns", "__weakref__")

    def __new__(cls, id, *, isolated=None):
        if not isinstance(id, int):
            raise TypeError(f"id must be an int, got {id!r}")
        return cls._of(_modern.Interpreter(id))

    @classmethod
    def _of(cls, modern):
        # There is one object for each id.
        self = _known.get(modern.id)
        if self is None:
            self = object.__new__(cls)
            self._modern = modern
            self._turns = None
            _known[modern.id] = self
        return self

    @property
    def id(self):
        return self._modern.id

    def __repr__(self):
        return f"Interpreter({self.id})"

    def __hash__(self):
        return hash(self.id)

    def __reduce__(self):
        return Interpreter, (self.id,)

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

    exec = run

    def prepare_main(self, ns=None, /, **kwargs):
        """Bind shareable objects in the interpreter's __main__."""
        self._modern.prepare_main(ns, **kwargs)

    def call(self, callable, /, *args, **kwargs):
        """Call the object in the interpreter and return its result.

        What it raises is raised here as itself, if it can be pickled, with the RunFailedError that tells of it as its cause;
        else the RunFailedError is raised.
        """
        result, told = _interpreters.call(self.id, callable, args, kwargs, preserve_exc=True)
        if told is None:
            return result
        exception = told.__dict__.pop("exception", None)
        failure = RunFailedError(told)
        if exception is None:
            raise failure
        raise exception from failure

    def stats(self):
        """Return what the interpreter has counted since it was made, as Stats.

        It may run meanwhile, in any thread.
        """
        return _interpcontrol.stats(self.id)

    def stack(self, timeout=1.0):
        """Return where the thread that runs the interpreter's __main__ is now, as a traceback.StackSummary, and let it go on.

        The summary of an idle interpreter is empty. TimeoutError is raised if the interpreter runs native code for longer
        than the timeout, in seconds.
        """
        found = _stacks(self, timeout)
        return next((summary for _, is_main, summary in found if is_main), _summary([]))

    def stacks(self, timeout=1.0):
        """Return where each of the interpreter's threads is now: a dict of summaries as stack() returns, by thread identity."""
        return {ident: summary for ident, _, summary in _stacks(self, timeout)}

    def call_async(self, callable, /, *args, **kwargs):
        """Return an awaitable of what call() returns or raises: the event loop runs on meanwhile.

        Calls of one interpreter take turns, in the order in which they were made here. If the coroutine that waits is
        cancelled, it goes on at once; a call that has begun gets the exception Stopped, at its next loop or call.
        """
        return self._in_turn(self.call, (callable, *args), kwargs)

    def run_async(self, source, /, *, channels=None):
        """Return an awaitable that does what run() does, as call_async() does call()."""
        return self._in_turn(self.run, (source,), {"channels": channels})

    def _in_turn(self, function, args, kwargs):
        import _call_async
        if self._turns is None:
            self._turns = _call_async.Turns()
        return _call_async.run(self._turns, self.id, function, args, kwargs)

    def call_in_thread(self, callable, /, *args, **kwargs):
        """Return a new thread that calls the object in the interpreter."""
        return self._modern.call_in_thread(callable, *args, **kwargs)


def _stacks(interp, timeout):
    import _thread
    found = _interpcontrol.stacks(interp.id, timeout)
    if interp.id == _interpreters.get_current()[0]:
        # The thread that asks is seen where it asks.
        own = _thread.get_ident()
        found = [(ident, is_main, frames[:-2] if ident == own else frames) for ident, is_main, frames in found]
    return [(ident, is_main, _summary(frames)) for ident, is_main, frames in found]


def _summary(frames):
    import traceback
    return traceback.StackSummary.from_list([traceback.FrameSummary(*frame, lookup_line=False) for frame in frames])


def create(*, isolated=True):
    """Return a new idle interpreter."""
    return Interpreter._of(_modern.create())


def prepare(*modules):
    """Run the bodies of modules of the standard library once, for all interpreters that are created and import them later.

    This happens by itself for what interpreters have imported, when another one is created. Modules whose bodies have effects outside of
    their modules are passed over. Returns the names of all modules whose bodies need not run any more.
    """
    return _interpcontrol.prepare(*modules)


def _prologue(prologue):
    # The id of the interpreter that a Template is made of.
    if isinstance(prologue, (Interpreter, _modern.Interpreter)):
        return prologue.id
    if not isinstance(prologue, str):
        raise TypeError(f"prologue must be a str or an Interpreter, not {type(prologue).__name__}")
    interp = create()
    interp.run(prologue)
    # The template takes it over.
    interp._modern._ownsref = False
    return interp.id


def _adopt(id):
    return Interpreter._of(_modern.Interpreter(id, _ownsref=True))


def list_all():
    """Return all interpreters of the process."""
    return [Interpreter._of(modern) for modern in _modern.list_all()]


def get_current():
    """Return the running interpreter."""
    return Interpreter._of(_modern.get_current())


def get_main():
    """Return the main interpreter."""
    return Interpreter._of(_modern.get_main())


def create_channel(maxsize=0, *, unbounditems=UNBOUND):
    """Return the two ends of a new channel: (receiving, sending).

    A channel with a maxsize holds so many objects, and send() waits for room; without, send() waits for the receiver.
    "unbounditems" says what takes the place of objects whose sender is destroyed: UNBOUND, UNBOUND_ERROR (recv() raises
    ItemInterpreterDestroyed) or UNBOUND_REMOVE (they vanish).
    """
    if unbounditems is UNBOUND:
        unbounditems = _crossinterp.UNBOUND
    op, = _crossinterp.serialize_unbound(unbounditems)
    return _interpshare.create_channel(maxsize, op)


def _resolve_unbound(op):
    resolved = _crossinterp.resolve_unbound(op, ItemInterpreterDestroyed)
    return UNBOUND if resolved is _crossinterp.UNBOUND else resolved


class _Bell:
    """What wakes one event loop: a pipe with the futures that wait for a byte in it."""

    def __init__(self, loop):
        import os
        self.loop = loop
        self.read, self.write = os.pipe()
        os.set_blocking(self.read, False)
        os.set_blocking(self.write, False)
        self.waiting = set()
        self._finalizer = weakref.finalize(self, _Bell._close, os.close, self.read, self.write)

    @staticmethod
    def _close(close, read, write):
        close(read)
        close(write)

    def ring(self):
        import os
        try:
            while len(os.read(self.read, 4096)) == 4096:
                pass
        except BlockingIOError:
            pass
        for future in self.waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, things):
        future = self.loop.create_future()
        if not self.waiting:
            self.loop.add_reader(self.read, self.ring)
        self.waiting.add(future)
        wakeups = []
        try:
            wakeups += [_interpshare.wake_fd(thing, self.write) for thing in things]
            if None not in wakeups:
                await future
        finally:
            wakeups.clear()
            self.waiting.discard(future)
            if not self.waiting:
                self.loop.remove_reader(self.read)


_bells = weakref.WeakKeyDictionary()


async def _ready(*things):
    import asyncio
    loop = asyncio.get_running_loop()
    bell = _bells.get(loop)
    if bell is None:
        # The loop refers to the bell while somebody waits; the bell to the loop weakly.
        bell = _bells[loop] = _Bell(weakref.proxy(loop))
    await bell.wait(things)


async def select_async(things, timeout=None):
    """As select(), while the event loop runs on."""
    import asyncio
    things = list(things)
    async with asyncio.timeout(timeout):
        while True:
            try:
                return select(things, 0)
            except TimeoutError:
                await _ready(*things)


async def _recv_async(end):
    while True:
        try:
            return end.recv_nowait()
        except ChannelEmptyError:
            await _ready(end)


async def _anext(end):
    try:
        return await _recv_async(end)
    except ChannelClosedError:
        raise StopAsyncIteration from None


async def _send_async(end, obj):
    while True:
        try:
            return end.send_nowait(obj)
        except ChannelFullError:
            await _ready(end)
