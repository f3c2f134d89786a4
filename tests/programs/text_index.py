# An inverted index with ranking, phrase search and snippets over a few documents.
import math
import re
import textwrap
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import islice, pairwise

DOCUMENTS = {
    "sea": """The sea is calm to-night. The tide is full, the moon lies fair
              upon the straits; on the French coast the light gleams and is gone.""",
    "fox": "The quick brown fox jumps over the lazy dog. The dog sleeps; the fox runs.",
    "café": "Le café est fermé. Le garçon dort près du café, près de la mer.",
    "numbers": "One 1, two 22, three 333: 3.14 and 2,718 and 0x1F are numbers, too.",
    "empty": "   ",
}
STOP = frozenset("the is a of to and on upon le la du de".split())


def fold(text):
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text):
    for match in re.finditer(r"[^\W_]+(?:['’-][^\W_]+)*", text):
        yield fold(match[0]), match.span()


@dataclass(order=True)
class Hit:
    score: float
    name: str = field(compare=False)
    positions: list[int] = field(default_factory=list, compare=False, repr=False)

    def __format__(self, spec):
        return f"{self.name}:{self.score:{spec or '.3f'}}"


class Index:
    def __init__(self):
        self.postings = defaultdict(dict)
        self.lengths = {}
        self.texts = {}

    def add(self, name, text):
        words = list(tokens(text))
        self.texts[name] = (text, words)
        self.lengths[name] = len(words)
        for position, (word, _) in enumerate(words):
            if word not in STOP:
                self.postings[word].setdefault(name, []).append(position)

    def __len__(self):
        return len(self.texts)

    def __contains__(self, word):
        return fold(word) in self.postings

    def idf(self, word):
        return math.log((1 + len(self)) / (1 + len(self.postings.get(word, ())))) + 1

    def search(self, query, limit=3):
        hits = {}
        for word in {w for w, _ in tokens(query)} - STOP:
            for name, positions in self.postings.get(word, {}).items():
                hit = hits.setdefault(name, Hit(0.0, name))
                hit.score += len(positions) / math.sqrt(self.lengths[name]) * self.idf(word)
                hit.positions += positions
        return sorted(hits.values(), reverse=True)[:limit]

    def phrase(self, query):
        words = [w for w, _ in tokens(query) if w not in STOP]
        if not words:
            return
        for name, starts in self.postings.get(words[0], {}).items():
            rest = [set(self.postings.get(w, {}).get(name, ())) for w in words[1:]]
            for start in starts:
                if all(start + i in later for i, later in enumerate(rest, 1)):
                    yield name, start

    def snippet(self, hit, width=30):
        text, words = self.texts[hit.name]
        start, end = words[min(hit.positions)][1]
        flat = " ".join(text[max(0, start - width) : end + width].split())
        return textwrap.shorten(flat, width * 2, placeholder="...")


index = Index()
for name, text in DOCUMENTS.items():
    index.add(name, text)
print(len(index), "moon" in index, "CAFE" in index, "zebra" in index, sorted(index.postings)[:5])
for query in ("fox dog", "cafe mer", "the", "numbers 22 moon", "FERMÉ"):
    hits = index.search(query)
    print(f"{query!r:20} {' '.join(f'{h}' for h in hits) or '-'}")
    for hit in hits[:1]:
        print("    ", index.snippet(hit))
print(list(index.phrase("quick brown fox")), list(index.phrase("brown quick")), list(index.phrase("pres du café")))
counts = Counter(w for _, words in index.texts.values() for w, _ in words)
print(counts.most_common(4), counts.total(), counts["nothing"])
bigrams = Counter(pairwise(w for w, _ in index.texts["fox"][1]))
print([" ".join(b) for b, n in bigrams.items() if n > 1], max(bigrams.values()))
lengths = defaultdict(list)
for word in sorted(counts):
    lengths[len(word)].append(word)
print({n: " ".join(islice(lengths[n], 3)) for n in sorted(lengths, reverse=True)[:4]})
print(f"{Hit(1.23456, 'x'):.1f} {Hit(2.5, 'y')}", Hit(1, "a") < Hit(2, "b"), Hit(1, "a") == Hit(1, "b"), Hit(3, "z"))

# === stdout
# 5 True True False ['0x1f', '1', '14', '2', '22']
# 'fox dog'            fox:2.167
#      The quick brown fox jumps over the lazy dog. The
# 'cafe mer'           café:1.683
#      Le café est fermé. Le garçon dort prè
# 'the'                -
# 'numbers 22 moon'    numbers:1.049 sea:0.412
#      One 1, two 22, three 333: 3.14 and 2,718 an
# 'FERMÉ'              café:0.561
#      Le café est fermé. Le garçon dort près du café,
# [('fox', 1)] [] []
# [('the', 10), ('is', 3), ('and', 3), ('fox', 2)] 71 0
# [] 1
# {8: 'to-night', 7: 'numbers straits', 6: 'french garcon gleams', 5: 'brown coast ferme'}
# x:1.2 y:2.500 True True Hit(score=3, name='z')
