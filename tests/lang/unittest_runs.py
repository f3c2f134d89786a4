# unittest of the library: outcomes and summary.
import unittest


class Tests(unittest.TestCase):
    def setUp(self):
        self.items = [1]

    def test_equal(self):
        self.assertEqual(self.items, [1])

    def test_raises(self):
        with self.assertRaisesRegex(ValueError, "inv"):
            int("x")

    def test_fails(self):
        self.assertEqual({"a": 1}, {"a": 2})

    def test_errors(self):
        self.items.missing

    @unittest.skip("a reason")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.assertTrue(False)

    def test_subtests(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)


result = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(Tests).run(result)
print(result)
for kind in "failures", "errors":
    for test, text in getattr(result, kind):
        print(kind, test, text.splitlines()[-1])
print(result.skipped[0][1], len(result.expectedFailures))

# === stdout
# <unittest.result.TestResult run=7 errors=1 failures=2>
# failures test_fails (__main__.Tests.test_fails) 
# failures test_subtests (__main__.Tests.test_subtests) (i=1) AssertionError: 1 == 1
# errors test_errors (__main__.Tests.test_errors) AttributeError: 'list' object has no attribute 'missing'
# a reason 1
