"""Runs the tests of one module of CPython's suite and notes what becomes of each method.

    run.py MODULE NOTES [DONE...]

Lines in the file NOTES: `list ID` for each method, before any runs; `start ID`; then `OUTCOME ID`, where the outcome is pass, fail,
error, skip, expected-failure or unexpected-success. A method without an outcome was running when the process ended. Methods named
DONE are left out.
"""

import os
import sys
import unittest


def name_of(test):
    # Some tests have an attribute `id` of their own.
    return type(test).id(test)


class Notes(unittest.TestResult):
    def __init__(self, file):
        super().__init__()
        self.file = file
        self.outcome = "pass"

    def note(self, word, test):
        self.file.write(f"{word} {name_of(test)}\n")
        self.file.flush()

    def startTest(self, test):
        super().startTest(test)
        self.outcome = "pass"
        self.note("start", test)

    def stopTest(self, test):
        super().stopTest(test)
        self.note(self.outcome, test)

    def show(self, word, test, error):
        print("=" * 40, word, name_of(test), file=sys.stderr)
        try:
            print(self._exc_info_to_string(error, test), file=sys.stderr, flush=True)
        except Exception as problem:
            print("(no traceback:", problem, ")", repr(error[1])[:500], file=sys.stderr, flush=True)

    def addFailure(self, test, error):
        self.outcome = "fail"
        self.show("FAIL", test, error)

    def addError(self, test, error):
        self.outcome = "error"
        self.show("ERROR", test, error)
        if not hasattr(test, "_testMethodName"):
            # setUpClass or setUpModule failed: there is no stopTest for it.
            self.note("error", test)

    def addSkip(self, test, reason):
        self.outcome = "skip"
        if not hasattr(test, "_testMethodName"):
            self.note("skip", test)

    def addExpectedFailure(self, test, error):
        self.outcome = "expected-failure"

    def addUnexpectedSuccess(self, test):
        self.outcome = "unexpected-success"

    def addSubTest(self, test, subtest, error):
        if error is not None:
            if issubclass(error[0], test.failureException):
                self.outcome = "fail"
                self.show("FAIL", subtest, error)
            else:
                self.outcome = "error"
                self.show("ERROR", subtest, error)


def methods(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from methods(test)
        else:
            yield test


def without(suite, done):
    """The suite with the methods that are done taken out; its structure is kept, for the fixtures of classes and modules."""
    left = type(suite)()
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            left.addTest(without(test, done))
        elif name_of(test) not in done:
            left.addTest(test)
    return left


# Files that import `_testinternalcapi` unconditionally, or test little without it.
NEED_INTERNALS = {"test.test_class", "test.test_interpreters", "test.test_crossinterp"}


def main():
    module, path, *done = sys.argv[1:]
    sys.argv[1:] = []
    if module in NEED_INTERNALS:
        sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "emulated"))
    with open(path, "a") as file:
        try:
            suite = unittest.defaultTestLoader.loadTestsFromName(module)
        except unittest.SkipTest as reason:
            file.write(f"list {module}\nskip {module}\n")
            return
        for test in methods(suite):
            file.write(f"list {name_of(test)}\n")
        file.flush()
        without(suite, set(done)).run(Notes(file))


if __name__ == "__main__":
    main()
