"""What any form of the module does, in a fresh interpreter."""

import tally

assert tally.__doc__ == "Counts words."
assert tally.calls() == 0
assert tally.count("To be or not to be") == 6
assert tally.total("to") == tally.total("be") == 2 and tally.calls() == 1
seen = []
tally.each("a b c", seen.append)
assert seen == ["a", "b", "c"]
for call, text in [
    (lambda: tally.total("nothing"), "KeyError('nothing')"),
    (lambda: tally.count("a\0b"), "ValueError('a text has no null characters')"),
    (lambda: tally.count(1), "TypeError(\"argument 'text': 'int' object is not an instance of 'str'\")"),
    (lambda: tally.each("a b", lambda word: 1 / 0), "ZeroDivisionError('division by zero')"),
]:
    try:
        call()
    except Exception as error:
        assert repr(error) == text, (repr(error), text)
    else:
        assert False, text

longest = tally.Longest(len)
assert [longest.offer(x) for x in ["a", [1, 2], (), "abc"]] == [True, True, False, True]
assert longest.best == "abc" and tally.Longest(len).best is None


# Python classes derive their operators from the one runtime there is, whoever calls them.
class Both:
    def __add__(self, other):
        return "add"

    def __radd__(self, other):
        return "radd"


seen = []
tally.each("a b", lambda word: seen.append((Both() + word, word + Both())))
assert seen == [("add", "radd")] * 2
