# Containers of one's own: LRU cache, ordered set, trie, linked list, ring buffer, bit set, interval map, priority queue.
from collections.abc import Iterator, Mapping, MutableSequence, MutableSet, Sequence
from functools import wraps


class LRU(dict):
    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def __getitem__(self, key):
        value = super().pop(key)
        super().__setitem__(key, value)
        return value

    def __setitem__(self, key, value):
        super().pop(key, None)
        super().__setitem__(key, value)
        while len(self) > self.limit:
            del self[next(iter(self))]


cache = LRU(2)
cache["a"], cache["b"] = 1, 2
cache["a"]
cache["c"] = 3
print(cache, "b" in cache)


class OrderedSet(MutableSet):
    def __init__(self, items=()):
        self._d = dict.fromkeys(items)

    def __contains__(self, x):
        return x in self._d

    def __iter__(self):
        return iter(self._d)

    def __len__(self):
        return len(self._d)

    def add(self, x):
        self._d[x] = None

    def discard(self, x):
        self._d.pop(x, None)

    def __repr__(self):
        return f"OrderedSet({list(self)})"


s = OrderedSet("hello")
s.add("z")
s.remove("e")
print(s, s & OrderedSet("olz"), s | OrderedSet("x"), s - {"h"}, s == {"h", "l", "o", "z"}, s <= OrderedSet("hlozq"), s.isdisjoint("qq"), s.pop())


class Linked(MutableSequence):
    class Node:
        __slots__ = "value", "next"

        def __init__(self, value, next=None):
            self.value, self.next = value, next

    def __init__(self, items=()):
        self.head, self.size = None, 0
        self.extend(items)

    def _link(self, i):
        if not -self.size <= i < self.size:
            raise IndexError("linked list index out of range")
        node = self.head
        for _ in range(i % self.size):
            node = node.next
        return node

    def __getitem__(self, i):
        return self._link(i).value

    def __setitem__(self, i, value):
        self._link(i).value = value

    def __delitem__(self, i):
        if i == 0:
            self.head = self.head.next
        else:
            before = self._link(i - 1)
            before.next = before.next.next
        self.size -= 1

    def insert(self, i, value):
        if i == 0 or self.head is None:
            self.head = self.Node(value, self.head)
        else:
            before = self._link(min(i, self.size) - 1)
            before.next = self.Node(value, before.next)
        self.size += 1

    def __len__(self):
        return self.size


l = Linked([1, 2, 3])
l.append(4)
l.insert(1, "x")
l.reverse()
del l[2]
l += [9]
print(list(l), l.pop(), l.index(4), l.count(1), 2 in l, list(reversed(l)), l[-1])
try:
    l[10]
except IndexError as error:
    print(error)


class Trie:
    def __init__(self):
        self.children, self.end = {}, False

    def add(self, word):
        node = self
        for c in word:
            node = node.children.setdefault(c, Trie())
        node.end = True
        return self

    def complete(self, prefix):
        node = self
        for c in prefix:
            if c not in node.children:
                return
            node = node.children[c]
        stack = [(node, prefix)]
        while stack:
            node, word = stack.pop()
            if node.end:
                yield word
            stack += [(node.children[c], word + c) for c in sorted(node.children, reverse=True)]


t = Trie()
for w in "car cart care dog do".split():
    t.add(w)
print(list(t.complete("car")), list(t.complete("x")), sorted(t.complete("")))


class Bits(int):
    def __contains__(self, i):
        return bool(self >> i & 1)

    def __iter__(self):
        n, i = int(self), 0
        while n:
            if n & 1:
                yield i
            n, i = n >> 1, i + 1

    def __len__(self):
        return self.bit_count()


b = Bits(1 << 70 | 0b1011)
print(list(b), 3 in b, 2 in b, len(b), b & 3)


class Ring(Sequence):
    def __init__(self, size):
        self.items, self.size, self.at = [], size, 0

    def push(self, x):
        if len(self.items) < self.size:
            self.items.append(x)
        else:
            self.items[self.at] = x
            self.at = (self.at + 1) % self.size

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        if i >= len(self):
            raise IndexError
        return self.items[(self.at + i) % self.size]

    def __len__(self):
        return len(self.items)


r = Ring(3)
for i in range(5):
    r.push(i)
print(list(r), r[1:], r[0], 4 in r, r.index(3), [*reversed(r)])


class View(Mapping):
    def __init__(self, data, keys):
        self.data, self._keys = data, keys

    def __getitem__(self, key):
        if key not in self._keys:
            raise KeyError(key)
        return self.data[key]

    def __iter__(self):
        return iter(self._keys)

    def __len__(self):
        return len(self._keys)


v = View({"a": 1, "b": 2, "c": 3}, ["c", "a"])
print(dict(v), v.get("b", "hidden"), list(v.items()), {**v}, v == {"a": 1, "c": 3}, "b" in v)
try:
    Sequence()
except TypeError as error:
    print(error)
print(isinstance([], Sequence), isinstance({}, Mapping), isinstance(iter([]), Iterator), issubclass(Ring, Sequence), isinstance(5, Iterator))

# === stdout
# {'a': 1, 'c': 3} False
# OrderedSet(['l', 'o', 'z']) OrderedSet(['o', 'l', 'z']) OrderedSet(['h', 'l', 'o', 'z', 'x']) OrderedSet(['l', 'o', 'z']) True True True h
# [4, 3, 'x', 1, 9] 9 0 1 False [1, 'x', 3, 4] 1
# linked list index out of range
# ['car', 'care', 'cart'] [] ['car', 'care', 'cart', 'do', 'dog']
# [0, 1, 3, 70] True False 4 3
# [2, 3, 4] [3, 4] 2 True 1 [4, 3, 2]
# {'c': 3, 'a': 1} hidden [('c', 3), ('a', 1)] {'c': 3, 'a': 1} True False
# Can't instantiate abstract class Sequence without an implementation for abstract methods '__getitem__', '__len__'
# True True True True False
