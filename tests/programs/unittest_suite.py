# A unittest suite over a small module: fixtures, subtests, mocks by hand, skips, expected failures, custom assertions.
import io
import unittest
import warnings


class Stack:
    def __init__(self, items=(), *, limit=None):
        self._items, self.limit = list(items), limit

    def push(self, item):
        if self.limit is not None and len(self) >= self.limit:
            raise OverflowError(f"more than {self.limit} items")
        self._items.append(item)
        return self

    def pop(self):
        if not self._items:
            raise IndexError("pop from an empty stack")
        return self._items.pop()

    def peek(self, default=None):
        return self._items[-1] if self._items else default

    def old(self):
        warnings.warn("old() is deprecated", DeprecationWarning, stacklevel=2)
        return self.peek()

    def __len__(self):
        return len(self._items)

    def __iter__(self):
        return reversed(self._items)

    def __eq__(self, other):
        return list(self) == list(other)

    def __repr__(self):
        return f"Stack({self._items!r})"


class Case(unittest.TestCase):
    log = []

    @classmethod
    def setUpClass(cls):
        cls.log.append("class up")

    @classmethod
    def tearDownClass(cls):
        cls.log.append("class down")

    def setUp(self):
        self.stack = Stack("abc")
        self.addCleanup(self.log.append, f"clean {self._testMethodName}")

    def assertTop(self, stack, item):
        if stack.peek() != item:
            self.fail(self._formatMessage(None, f"top of {stack!r} is not {item!r}"))

    def test_push_and_pop(self):
        self.assertTop(self.stack, "c")
        self.assertIs(self.stack.push("d"), self.stack)
        self.assertEqual([self.stack.pop() for _ in range(4)], list("dcba"))
        self.assertFalse(self.stack)

    def test_empty(self):
        with self.assertRaises(IndexError) as caught:
            Stack().pop()
        self.assertEqual(str(caught.exception), "pop from an empty stack")
        self.assertRaisesRegex(OverflowError, r"^more than \d items$", Stack("ab", limit=2).push, "c")
        self.assertIsNone(Stack().peek())

    def test_many(self):
        for n in range(5):
            with self.subTest(n=n):
                self.assertLess(len(Stack(range(n))), 4)

    def test_warns(self):
        with self.assertWarns(DeprecationWarning) as caught:
            self.stack.old()
        self.assertIn("deprecated", str(caught.warning))

    def test_collections(self):
        self.assertCountEqual(self.stack, "bca")
        self.assertListEqual(list(self.stack), ["c", "b", "a"])
        self.assertDictEqual({"a": 1} | {"b": 2}, {"b": 2, "a": 1})
        self.assertAlmostEqual(0.1 + 0.2, 0.3)
        self.assertNotAlmostEqual(1, 1.1, places=1)
        self.assertIsInstance(self.stack, Stack)
        self.assertRegex("stack", "^s.*k$")
        self.assertGreaterEqual(3, 3)

    @unittest.skip("not today")
    def test_skipped(self):
        self.fail("never runs")

    @unittest.skipIf(len("x") == 1, "a condition")
    def test_skipped_if(self):
        self.fail("never runs")

    @unittest.expectedFailure
    def test_expected(self):
        self.assertEqual(1, 2)

    @unittest.expectedFailure
    def test_unexpected(self):
        self.assertEqual(1, 1)

    def test_skip_inside(self):
        self.skipTest("inside")

    def test_context(self):
        self.enterContext(io.StringIO())
        with self.assertLogs("stack", "INFO") as logs:
            import logging
            logging.getLogger("stack.x").warning("careful %d", 5)
        self.assertEqual(logs.output, ["WARNING:stack.x:careful 5"])


class Async(unittest.TestCase):
    def test_identity(self):
        self.assertIs(None, None)
        self.assertIsNot([], [])
        self.assertNotIn(4, {1, 2})
        self.assertTupleEqual((1, (2,)), (1, (2,)))
        self.assertMultiLineEqual("a\nb", "a\nb")


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.lines = []

    def addSuccess(self, test):
        self.lines.append(f"ok {test._testMethodName}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.lines.append(f"skip {test._testMethodName}: {reason}")

    def addFailure(self, test, err):
        self.lines.append(f"fail {test._testMethodName}: {err[1]}")

    def addError(self, test, err):
        self.lines.append(f"error {test._testMethodName}: {err[0].__name__}: {err[1]}")

    def addSubTest(self, test, subtest, err):
        if err:
            self.lines.append(f"sub {subtest._subDescription()}: {err[1]}")

    def addExpectedFailure(self, test, err):
        self.lines.append(f"xfail {test._testMethodName}: {err[1]}")

    def addUnexpectedSuccess(self, test):
        self.lines.append(f"xpass {test._testMethodName}")


loader = unittest.TestLoader()
suite = unittest.TestSuite([loader.loadTestsFromTestCase(Case), loader.loadTestsFromTestCase(Async)])
print(suite.countTestCases(), loader.getTestCaseNames(Async))
result = Result()
suite.run(result)
print(*result.lines, sep="\n")
print(result.testsRun, Case.log[0], Case.log[-1], len(Case.log))


class Broken(unittest.TestCase):
    def setUp(self):
        raise LookupError("no fixture")

    def test_never(self):
        pass


result = Result()
loader.loadTestsFromTestCase(Broken).run(result)
for method in ("assertEqual", "assertIn", "assertIs", "assertTrue", "assertLess", "assertIsNone", "assertListEqual", "assertDictEqual"):
    args = {"assertEqual": ("a\nb", "a\nc"), "assertIn": (1, [2]), "assertIs": (1, 2), "assertTrue": (0,), "assertLess": (2, 1),
            "assertIsNone": (0,), "assertListEqual": ([1, 2, 3], [1, 3]), "assertDictEqual": ({"a": 1}, {"a": 2})}[method]
    try:
        getattr(Broken("test_never"), method)(*args, msg="a message")
    except AssertionError as error:
        result.lines.append(f"{method}: {error}")
print(*result.lines, sep="\n")

# === stdout
# 12 ['test_identity']
# ok test_collections
# ok test_context
# ok test_empty
# xfail test_expected: 1 != 2
# sub (n=4): 4 not less than 4
# ok test_push_and_pop
# skip test_skip_inside: inside
# skip test_skipped: not today
# skip test_skipped_if: a condition
# xpass test_unexpected
# ok test_warns
# ok test_identity
# 12 class up class down 11
# error test_never: LookupError: no fixture
# assertEqual: 'a\nb' != 'a\nc'
#   a
# - b
# + c
#  : a message
# assertIn: 1 not found in [2] : a message
# assertIs: 1 is not 2 : a message
# assertTrue: 0 is not true : a message
# assertLess: 2 not less than 1 : a message
# assertIsNone: 0 is not None : a message
# assertListEqual: Lists differ: [1, 2, 3] != [1, 3]
#
# First differing element 1:
# 2
# 3
#
# First list contains 1 additional elements.
# First extra element 2:
# 3
#
# - [1, 2, 3]
# ?     ---
#
# + [1, 3] : a message
# assertDictEqual: {'a': 1} != {'a': 2}
# - {'a': 1}
# ?       ^
#
# + {'a': 2}
# ?       ^
#  : a message
