# String methods: split, join, find, replace, strip, case, slicing, comparison, iteration.
import sys
import time

TEXT = "The quick brown fox jumps over the lazy dog; pack my box with five dozen liquor jugs. " * 20


def is_palindrome(word):
    return word == word[::-1]


def caesar(text, by):
    out = []
    for c in text:
        if "a" <= c <= "z":
            c = chr((ord(c) - 97 + by) % 26 + 97)
        out.append(c)
    return "".join(out)


def main():
    count = 0
    for i in range(500):
        words = TEXT.split()
        line = " ".join(w.strip(".;").capitalize() for w in words)
        count += line.count("Fox") + line.find("Jugs") + len(line.replace("Dog", "Cat!"))
        count += line.upper().startswith("THE") + line.lower().endswith("jugs")
    for i in range(150_000):
        word = str(i)
        if is_palindrome(word):
            count += len(word)
    secret = caesar(TEXT * 20, 3)
    return count, secret[:20], caesar(secret, 23) == (TEXT * 20)


begin = time.perf_counter()
for _ in range(8):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
