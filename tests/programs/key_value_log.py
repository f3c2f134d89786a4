# A small storage engine: an append-only log with checksums, compaction, transactions, indexes and an LRU cache.
import bisect
import contextlib
import functools
import io
import json
import operator
import struct
import binascii
from collections import OrderedDict, namedtuple
from collections.abc import MutableMapping

Entry = namedtuple("Entry", "sequence key value", defaults=(None,))
HEADER = struct.Struct(">IHIq")


class LRU(OrderedDict):
    def __init__(self, size):
        super().__init__()
        self.size, self.hits, self.misses = size, 0, 0

    def __getitem__(self, key):
        try:
            value = super().__getitem__(key)
        except KeyError:
            self.misses += 1
            raise
        self.hits += 1
        self.move_to_end(key)
        return value

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > self.size:
            self.popitem(last=False)


class Corrupt(ValueError):
    def __init__(self, offset, reason):
        super().__init__(f"{reason} at {offset}")
        self.offset = offset


class Log:
    def __init__(self, file):
        self.file = file

    def append(self, entry):
        key = entry.key.encode()
        value = b"" if entry.value is None else json.dumps(entry.value, separators=(",", ":")).encode()
        body = HEADER.pack(binascii.crc32(key + value), len(key), len(value), entry.sequence) + key + value
        self.file.seek(0, io.SEEK_END)
        offset = self.file.tell()
        self.file.write(body)
        return offset

    def read(self, offset):
        self.file.seek(offset)
        head = self.file.read(HEADER.size)
        if len(head) < HEADER.size:
            raise Corrupt(offset, "short header")
        checksum, n_key, n_value, sequence = HEADER.unpack(head)
        body = self.file.read(n_key + n_value)
        if len(body) < n_key + n_value:
            raise Corrupt(offset, "short body")
        if binascii.crc32(body) != checksum:
            raise Corrupt(offset, "bad checksum")
        key, value = body[:n_key], body[n_key:]
        return Entry(sequence, key.decode(), json.loads(value) if value else None), self.file.tell()

    def __iter__(self):
        offset = 0
        end = self.file.seek(0, io.SEEK_END)
        while offset < end:
            entry, following = self.read(offset)
            yield offset, entry
            offset = following


class Store(MutableMapping):
    def __init__(self, file=None, cache=2):
        self.log = Log(file or io.BytesIO())
        self.keys_sorted, self.offsets, self.sequence = [], {}, 0
        self.cache = LRU(cache)
        self.indexes = {}
        for offset, entry in self.log:
            self.remember(offset, entry)

    def remember(self, offset, entry):
        self.sequence = max(self.sequence, entry.sequence)
        at = bisect.bisect_left(self.keys_sorted, entry.key)
        known = at < len(self.keys_sorted) and self.keys_sorted[at] == entry.key
        if entry.value is None:
            if known:
                del self.keys_sorted[at], self.offsets[entry.key]
        else:
            if not known:
                self.keys_sorted.insert(at, entry.key)
            self.offsets[entry.key] = offset

    def write(self, key, value):
        self.sequence += 1
        entry = Entry(self.sequence, key, value)
        self.remember(self.log.append(entry), entry)
        self.cache.pop(key, None)

    def __getitem__(self, key):
        with contextlib.suppress(KeyError):
            return self.cache[key]
        entry, _ = self.log.read(self.offsets[key])
        self.cache[key] = entry.value
        return entry.value

    def __setitem__(self, key, value):
        if value is None:
            raise TypeError("None cannot be stored")
        self.write(key, value)

    def __delitem__(self, key):
        if key not in self.offsets:
            raise KeyError(key)
        self.write(key, None)

    def __iter__(self):
        return iter(self.keys_sorted)

    def __len__(self):
        return len(self.keys_sorted)

    def range(self, low, high):
        i, j = (bisect.bisect_left(self.keys_sorted, k) for k in (low, high))
        return [(k, self[k]) for k in self.keys_sorted[i:j]]

    @contextlib.contextmanager
    def transaction(self):
        before = {k: self.get(k) for k in self}
        try:
            yield self
        except BaseException as error:
            error.add_note("rolled back")
            for key in before.keys() | set(self):
                if (old := before.get(key)) != self.get(key):
                    self.write(key, old)
            raise

    def compact(self):
        fresh = Store(cache=self.cache.size)
        for key in self:
            fresh[key] = self[key]
        return fresh

    @property
    def size(self):
        return self.log.file.seek(0, io.SEEK_END)


store = Store()
store.update(apple=1, banana={"n": [1, 2]}, cherry="é☃")
store["apple"] = 2
del store["banana"]
store["date"] = [None, True, 1.5]
print(dict(store), len(store), "banana" in store, store.sequence, store.size)
print(store.range("b", "e"), store.cache.hits, store.cache.misses, list(store.cache))
try:
    with store.transaction():
        store["apple"], store["zebra"] = 99, 1
        del store["date"]
        store["bad"] = None
except TypeError as error:
    print(error, error.__notes__)
print(sorted(store.items(), key=operator.itemgetter(0)), store.pop("missing", "default"), store.setdefault("fig", 7))
again = Store(io.BytesIO(store.log.file.getvalue()))
print(again == store, dict(again) == dict(store), again.sequence, store.compact().size < store.size, store.compact() == store)
damaged = bytearray(store.log.file.getvalue())
damaged[HEADER.size + 1] ^= 0xFF
for data in (damaged, store.log.file.getvalue()[:-1], store.log.file.getvalue()[:10], b""):
    try:
        print(len(Store(io.BytesIO(data))))
    except Corrupt as error:
        print(type(error).__name__, error, error.offset)
for bad in (lambda: store["nope"], lambda: store.__delitem__("nope"), lambda: store.popitem()[0], lambda: store.range(1, 2)):
    try:
        print(bad())
    except (KeyError, TypeError) as error:
        print(type(error).__name__, error)


@functools.lru_cache(maxsize=3)
def slow(n, *, factor=1):
    return n * factor


print([slow(n % 4) for n in range(10)], slow(1, factor=2), slow.cache_info(), slow.cache_parameters())
slow.cache_clear()
print(slow.cache_info(), Entry(1, "k"), Entry._make([1, 2, 3])._asdict(), Entry(1, "a") < Entry(1, "b"), isinstance(store, MutableMapping))

# === stdout
# {'apple': 2, 'cherry': 'é☃', 'date': [None, True, 1.5]} 3 False 6 182
# [('cherry', 'é☃'), ('date', [None, True, 1.5])] 2 4 ['cherry', 'date']
# None cannot be stored ['rolled back']
# [('apple', 2), ('cherry', 'é☃'), ('date', [None, True, 1.5])] default 7
# True True 13 True True
# Corrupt bad checksum at 0 0
# Corrupt short body at 337 337
# Corrupt short header at 0 0
# 0
# KeyError 'nope'
# KeyError 'nope'
# apple
# TypeError '<' not supported between instances of 'str' and 'int'
# [0, 1, 2, 3, 0, 1, 2, 3, 0, 1] 2 CacheInfo(hits=0, misses=11, maxsize=3, currsize=3) {'maxsize': 3, 'typed': False}
# CacheInfo(hits=0, misses=0, maxsize=3, currsize=0) Entry(sequence=1, key='k', value=None) {'sequence': 1, 'key': 2, 'value': 3} True True
