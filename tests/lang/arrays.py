"""Arrays of machine values: items, slices, limits, buffers, pickles."""

import array
import copy
import pickle
from array import array as A


def attempt(text):
    try:
        print(text, "->", repr(eval(text)))
    except Exception as e:
        print(text, "->", type(e).__name__ + ":", e)


for code in "bBhHiIlLqQ":
    a = A(code, [1, 2, 3])
    assert pickle.loads(pickle.dumps(a)) == a == pickle.loads(pickle.dumps(a, 2)) == copy.deepcopy(a)
    print(code, a.itemsize, a.tobytes()[: a.itemsize * 2])

a = A("i", range(10))
print(a[::2], a[::-1], a[2:5], a[-1])
del a[::3]
a[1:3] = A("i", [9, 9, 9])
a.insert(-1, 77)
print(a, a.index(77), a.count(9), 77 in a)
a.reverse()
a.byteswap()
a.byteswap()
a *= 2
a += A("i", [1])
print(a.pop(), a.pop(0), a, len(a), sum(a), max(a))
view = memoryview(a)
view[0] = 5
print(a[0], view.format, view.itemsize, view.tolist()[:3])

for text in (
    "a.append(1)",
    "a.pop()",
    "a.clear()",
    "a.frombytes(b'1234')",
    "a.__imul__(1) is a",
    "A()",
    "A('x')",
    "A('b', [128])",
    "A('B', [-1])",
    "A('h', [2**15])",
    "A('H', [2**16])",
    "A('i', [2**31])",
    "A('I', [-1])",
    "A('l', [2**63])",
    "A('L', [2**64])",
    "A('Q', [-1])",
    "A('i', [1.5])",
    "A('d', ['a'])",
    "A('w', ['ab'])",
    "A('w', 'héé')",
    "A('i', 'abc')",
    "A('i', b'abc')",
    "A('i', b'abcd')",
    "A('f', [0.5, 1e39])",
    "A('i', [1]) + [1]",
    "A('i', [1]) == A('d', [1])",
    "A('i', [1]) < A('i', [1, 2])",
    "A('i', [1]).index(5)",
    "A('i', []).pop()",
    "A('i', [1])[3]",
    "A('i', [1])['a']",
    "A('i', [1]).__reduce_ex__(2)",
    "A('i', [1, 2, 3, 4]).__setitem__(slice(0, 4, 2), A('i', [1]))",
    "hash(A('i'))",
    "array._array_reconstructor(A, 'i', 9, b'\\0\\0\\0\\1')",
    "array._array_reconstructor(A, 'd', 15, b'\\x3f\\x80\\0\\0')",
    "array._array_reconstructor(A, 'w', 18, b'a\\0b\\0')",
):
    attempt(text)

# === stdout
# b 1 b'\x01\x02'
# B 1 b'\x01\x02'
# h 2 b'\x01\x00\x02\x00'
# H 2 b'\x01\x00\x02\x00'
# i 4 b'\x01\x00\x00\x00\x02\x00\x00\x00'
# I 4 b'\x01\x00\x00\x00\x02\x00\x00\x00'
# l 8 b'\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00'
# L 8 b'\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00'
# q 8 b'\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00'
# Q 8 b'\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00'
# array('i', [0, 2, 4, 6, 8]) array('i', [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]) array('i', [2, 3, 4]) 9
# array('i', [1, 9, 9, 9, 5, 7, 77, 8]) 6 3 True
# 1 8 array('i', [77, 7, 5, 9, 9, 9, 1, 8, 77, 7, 5, 9, 9, 9, 1]) 15 242 77
# 5 i 4 [5, 7, 5]
# a.append(1) -> BufferError: cannot resize an array that is exporting buffers
# a.pop() -> BufferError: cannot resize an array that is exporting buffers
# a.clear() -> BufferError: cannot resize an array that is exporting buffers
# a.frombytes(b'1234') -> BufferError: cannot resize an array that is exporting buffers
# a.__imul__(1) is a -> True
# A() -> TypeError: array() takes at least 1 argument (0 given)
# A('x') -> ValueError: bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)
# A('b', [128]) -> OverflowError: signed char is greater than maximum
# A('B', [-1]) -> OverflowError: unsigned byte integer is less than minimum
# A('h', [2**15]) -> OverflowError: signed short integer is greater than maximum
# A('H', [2**16]) -> OverflowError: unsigned short is greater than maximum
# A('i', [2**31]) -> OverflowError: signed integer is greater than maximum
# A('I', [-1]) -> OverflowError: can't convert negative value to unsigned int
# A('l', [2**63]) -> OverflowError: Python int too large to convert to C long
# A('L', [2**64]) -> OverflowError: Python int too large to convert to C unsigned long
# A('Q', [-1]) -> OverflowError: can't convert negative int to unsigned
# A('i', [1.5]) -> TypeError: 'float' object cannot be interpreted as an integer
# A('d', ['a']) -> TypeError: must be real number, not str
# A('w', ['ab']) -> TypeError: array item must be a unicode character, not a string of length 2
# A('w', 'héé') -> array('w', 'héé')
# A('i', 'abc') -> TypeError: cannot use a str to initialize an array with typecode 'i'
# A('i', b'abc') -> ValueError: bytes length not a multiple of item size
# A('i', b'abcd') -> array('i', [1684234849])
# A('f', [0.5, 1e39]) -> array('f', [0.5, inf])
# A('i', [1]) + [1] -> TypeError: can only append array (not "list") to array
# A('i', [1]) == A('d', [1]) -> True
# A('i', [1]) < A('i', [1, 2]) -> True
# A('i', [1]).index(5) -> ValueError: array.index(x): x not in array
# A('i', []).pop() -> IndexError: pop from empty array
# A('i', [1])[3] -> IndexError: array index out of range
# A('i', [1])['a'] -> TypeError: array indices must be integers
# A('i', [1]).__reduce_ex__(2) -> (<class 'array.array'>, ('i', [1]), None)
# A('i', [1, 2, 3, 4]).__setitem__(slice(0, 4, 2), A('i', [1])) -> ValueError: attempt to assign array of size 1 to extended slice of size 2
# hash(A('i')) -> TypeError: unhashable type: 'array.array'
# array._array_reconstructor(A, 'i', 9, b'\0\0\0\1') -> array('i', [1])
# array._array_reconstructor(A, 'd', 15, b'\x3f\x80\0\0') -> array('d', [1.0])
# array._array_reconstructor(A, 'w', 18, b'a\0b\0') -> array('w', 'ab')
