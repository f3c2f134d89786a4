"""Interpreter.call_async() and run_async(): calls in interpreters that coroutines wait for.

The calls of one interpreter take turns, in the order in which they were made; those of different interpreters run at the
same time, each in a thread.
"""

import asyncio
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from _interpcontrol import Ticket

# As many threads as interpreters run calls at the same time: it starts one only if none is idle.
_threads = ThreadPoolExecutor(max_workers=1 << 20, thread_name_prefix="interpreters")


class _Job:
    """One call: what it does, its result, and what stops it while it runs."""

    __slots__ = ("future", "ticket", "function", "args", "kwargs")

    def __init__(self, id, function, args, kwargs):
        self.future = Future()
        self.ticket = Ticket(id)
        self.function, self.args, self.kwargs = function, args, kwargs

    def run(self):
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            self.ticket.begin()
            try:
                result = self.function(*self.args, **self.kwargs)
            finally:
                self.ticket.end()
        except BaseException as exception:
            self.future.set_exception(exception)
        else:
            self.future.set_result(result)
        # Neither job nor frame keeps what the call was about.
        self = None


class Turns:
    """The calls of one interpreter that wait for their turn."""

    def __init__(self):
        self._lock = threading.Lock()
        self._waiting = deque()
        self._busy = False

    def add(self, job):
        with self._lock:
            self._waiting.append(job)
            if self._busy:
                return
            self._busy = True
        try:
            _threads.submit(self._work)
        except BaseException:
            with self._lock:
                self._busy = False
                self._waiting.remove(job)
            raise

    def _work(self):
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy = False
                    return
                job = self._waiting.popleft()
            job.run()
            del job


async def run(turns, id, function, args, kwargs):
    """Wait for function(*args, **kwargs), which enters the interpreter, in its turn.

    A coroutine that is cancelled goes on at once: a call that waits for its turn is not made, one that runs gets Stopped.
    """
    job = _Job(id, function, args, kwargs)
    turns.add(job)
    try:
        return await asyncio.wrap_future(job.future)
    except asyncio.CancelledError:
        job.ticket.stop()
        raise
    finally:
        del job
