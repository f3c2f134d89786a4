# Huffman coding, run lengths, Caesar and Vigenere, base conversions, checksums, Roman numerals.
import heapq
from collections import Counter
from itertools import cycle, groupby


def huffman(text):
    heap = [(n, i, c) for i, (c, n) in enumerate(sorted(Counter(text).items()))]
    heapq.heapify(heap)
    serial = len(heap)
    while len(heap) > 1:
        (n1, _, a), (n2, _, b) = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (n1 + n2, serial, (a, b)))
        serial += 1
    codes = {}

    def walk(node, prefix):
        if isinstance(node, tuple):
            walk(node[0], prefix + "0")
            walk(node[1], prefix + "1")
        else:
            codes[node] = prefix or "0"

    walk(heap[0][2], "")
    return codes


def decode(bits, codes):
    table = {v: k for k, v in codes.items()}
    out, word = [], ""
    for bit in bits:
        word += bit
        if word in table:
            out.append(table[word])
            word = ""
    return "".join(out)


text = "abracadabra alakazam"
codes = huffman(text)
bits = "".join(codes[c] for c in text)
print(sorted(codes.items(), key=lambda p: (len(p[1]), p)), len(bits), decode(bits, codes) == text, huffman("aaa"))
packed = int("1" + bits, 2).to_bytes((len(bits) + 8) // 8, "big")
print(packed.hex(), bin(int.from_bytes(packed, "big"))[3:] == bits)
runs = [(c, len(list(g))) for c, g in groupby("aaabccddddde")]
print(runs, "".join(c * n for c, n in runs), "".join(f"{n if n > 1 else ''}{c}" for c, n in runs))


def shift(text, keys, sign=1):
    out = []
    for c, k in zip(text, cycle(keys)):
        base = 65 if c.isupper() else 97
        out.append(chr((ord(c) - base + sign * k) % 26 + base) if c.isalpha() else c)
    return "".join(out)


key = [ord(c) - 97 for c in "lemon"]
secret = shift("Attack at dawn!", key)
print(secret, shift(secret, key, -1), shift("Hello", [13]), "Hello".encode().hex(), bytes.fromhex("48656c6c6f").decode())
ROMAN = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]


def roman(n):
    out = ""
    for value, sign in ROMAN:
        count, n = divmod(n, value)
        out += sign * count
    return out


def unroman(s):
    values = [dict((b, a) for a, b in ROMAN)[c] for c in s]
    return sum(-a if a < b else a for a, b in zip(values, values[1:] + [0]))


print([roman(n) for n in (1, 4, 9, 14, 40, 90, 400, 1994, 2026, 3999)], all(unroman(roman(n)) == n for n in range(1, 4000)))


def base(n, b):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    if n < 0:
        return "-" + base(-n, b)
    return digits[n] if n < b else base(n // b, b) + digits[n % b]


print([base(n, b) for n, b in ((255, 16), (10, 2), (-35, 36), (10**20, 36))], all(int(base(n, b), b) == n for n in range(0, 5000, 7) for b in range(2, 37)))


def crc(data):
    c = 0xFFFFFFFF
    for byte in data:
        c ^= byte
        for _ in range(8):
            c = (c >> 1) ^ (0xEDB88320 if c & 1 else 0)
    return c ^ 0xFFFFFFFF


def luhn(number):
    digits = [int(d) for d in reversed(str(number))]
    return (sum(digits[::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[1::2])) % 10 == 0


print(hex(crc(b"123456789")), [luhn(n) for n in (79927398713, 79927398710)], sum(map(ord, text)) % 97)

# === stdout
# [('a', '0'), ('b', '1101'), ('d', '1000'), ('k', '1001'), ('l', '1010'), ('m', '1011'), ('r', '1110'), ('z', '1100'), (' ', '11110'), ('c', '11111')] 55 True {'a': '0'}
# b79f4379e5258b True
# [('a', 3), ('b', 1), ('c', 2), ('d', 5), ('e', 1)] aaabccddddde 3ab2c5de
# Lxfopv mh oeib! Attack at dawn! Uryyb 48656c6c6f Hello
# ['I', 'IV', 'IX', 'XIV', 'XL', 'XC', 'CD', 'MCMXCIV', 'MMXXVI', 'MMMCMXCIX'] True
# ['ff', '1010', '-z', 'l3r41ifs0q5ts'] True
# 0xcbf43926 [True, False] 34
