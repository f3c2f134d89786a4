# Words, lines and letters of a text: dicts, sorting by several keys, string methods, formatting.
import collections
import string

TEXT = """\
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness,
it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of
Darkness, it was the spring of hope, it was the winter of despair.
"""


def words(text):
    for line in text.splitlines():
        for word in line.split():
            word = word.strip(string.punctuation).lower()
            if word:
                yield word


counts = collections.Counter(words(TEXT))
print(len(TEXT), TEXT.count("\n"), sum(counts.values()), len(counts))
for word, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:6]:
    print(f"{word:>8} {n:3d} {'#' * n}")
by_length = collections.defaultdict(set)
for word in counts:
    by_length[len(word)].add(word)
for length in sorted(by_length):
    print(length, ", ".join(sorted(by_length[length])))
letters = {}
for c in TEXT.lower():
    if c in string.ascii_lowercase:
        letters[c] = letters.get(c, 0) + 1
print("".join(sorted(letters, key=letters.get, reverse=True))[:5], max(letters.values()), sorted(set(string.ascii_lowercase) - set(letters)))
first = collections.OrderedDict()
for i, word in enumerate(words(TEXT)):
    first.setdefault(word, i)
print([w for w, i in first.items() if i % 7 == 0])
print(TEXT.title()[:40], "|", TEXT.swapcase()[:20], "|", " ".join(w[::-1] for w in TEXT.split()[:4]))
table = str.maketrans("aeiou", "*****", string.punctuation)
print(TEXT.translate(table).split("\n")[2])
width = 50
line, lines = [], []
for word in TEXT.split():
    if sum(map(len, line)) + len(line) + len(word) > width:
        lines.append(line)
        line = []
    line.append(word)
lines.append(line)
for line in lines:
    gaps = max(len(line) - 1, 1)
    spaces, extra = divmod(width - sum(map(len, line)), gaps)
    print("".join(w + " " * (spaces + (i < extra)) for i, w in enumerate(line)).rstrip() + "|")

# === stdout
# 287 3 60 20
#       it  10 ##########
#       of  10 ##########
#      the  10 ##########
#      was  10 ##########
#      age   2 ##
#    epoch   2 ##
# 2 it, of
# 3 age, the, was
# 4 best, hope
# 5 epoch, light, times, worst
# 6 belief, season, spring, winter, wisdom
# 7 despair
# 8 darkness
# 11 foolishness, incredulity
# tesio 27 ['j', 'q', 'v', 'x', 'z']
# ['it', 'incredulity']
# It Was The Best Of Times, It Was The Wor | iT WAS THE BEST OF T | tI saw eht tseb
# D*rkn*ss *t w*s th* spr*ng *f h*p* *t w*s th* w*nt*r *f d*sp**r
# It  was  the  best  of  times, it was the worst of|
# times, it was the age of wisdom, it was the age of|
# foolishness,  it  was  the epoch of belief, it was|
# the  epoch  of  incredulity,  it was the season of|
# Light,  it  was the season of Darkness, it was the|
# spring  of  hope,  it  was  the winter of despair.|
