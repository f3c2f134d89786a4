# collections of the library.
from collections import Counter, OrderedDict, defaultdict, deque, ChainMap

print(Counter("hello").most_common(2), defaultdict(list, a=[1])["b"], deque([1, 2, 3], maxlen=2), OrderedDict(a=1), ChainMap({"a": 1}, {"b": 2})["b"])
d = deque("abc")
d.rotate(1)
d.appendleft("x")
print(d, d.pop(), d.popleft(), list(d), len(d))

# === stdout
# [('l', 2), ('h', 1)] [] deque([2, 3], maxlen=2) OrderedDict({'a': 1}) 2
# deque(['c', 'a']) b x ['c', 'a'] 2
