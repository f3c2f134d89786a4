"""What CPython's tests ask of `_testinternalcapi` about interpreters, in terms of `_interpreters` and `_interpinternals`.

Only the files of the suite that cannot be loaded without the module see this one; others skip what needs it.
"""

import sys
import unittest

import _interpreters
from _interpinternals import (
    create_interpreter,
    exec_interpreter,
    get_crossinterp_data,
    next_interpreter_id,
    restore_crossinterp_data,
)


def destroy_interpreter(interpreter, *, basic=False):
    _interpreters.destroy(interpreter)


def run_in_subinterp_with_config(script, config, *, xi=False, whence=_interpreters.WHENCE_CAPI):
    interpreter = create_interpreter(config, whence=_interpreters.WHENCE_XI if xi else whence)
    try:
        return exec_interpreter(interpreter, script)
    finally:
        _interpreters.destroy(interpreter)


def get_code_var_counts(code):
    """The variables of a code object or function by kind, as far as its public attributes tell."""
    code = getattr(code, "__code__", code)
    arguments = code.co_argcount + code.co_kwonlyargcount
    varargs, varkwargs = bool(code.co_flags & 0x04), bool(code.co_flags & 0x08)
    every = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
    return {
        "total": len(every),
        "posonly": code.co_posonlyargcount,
        "posorkw": code.co_argcount - code.co_posonlyargcount,
        "kwonly": code.co_kwonlyargcount,
        "varargs": varargs,
        "varkwargs": varkwargs,
        "pure": code.co_nlocals - arguments - varargs - varkwargs,
        "cells": len(code.co_cellvars),
        "free": len(code.co_freevars),
        "names": len(code.co_names),
    }


def get_recursion_depth():
    depth = 0
    frame = sys._getframe(1)
    while frame is not None:
        depth += 1
        frame = frame.f_back
    return depth


def has_inline_values(obj):
    raise unittest.SkipTest("inline values are CPython's")
