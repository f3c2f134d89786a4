"""What CPython's tests ask of `_testinternalcapi` about interpreters, in terms of `_interpreters`.

Only the files of the suite that cannot be loaded without the module see this one; others skip what needs it.
"""

import sys
import unittest

import _interpreters


def next_interpreter_id():
    # Ids grow by one and are never used again.
    interpreter = _interpreters.create()
    _interpreters.destroy(interpreter)
    return interpreter + 1


def create_interpreter(config="isolated", *, whence=None):
    return _interpreters.create("isolated" if config is None else config)


def destroy_interpreter(interpreter, *, basic=False):
    _interpreters.destroy(interpreter)


def exec_interpreter(interpreter, script, *, main=False):
    failure = _interpreters.exec(interpreter, script)
    if failure is None:
        return 0
    print(failure.errdisplay, file=sys.stderr)
    return -1


def run_in_subinterp_with_config(script, config, *, xi=False):
    interpreter = _interpreters.create(config)
    try:
        return exec_interpreter(interpreter, script)
    finally:
        _interpreters.destroy(interpreter)


def get_recursion_depth():
    depth = 0
    frame = sys._getframe(1)
    while frame is not None:
        depth += 1
        frame = frame.f_back
    return depth


def has_inline_values(obj):
    raise unittest.SkipTest("inline values are CPython's")
