# heapq, bisect, fractions, decimal, statistics, random, struct, base64, hashlib, math, io, os.path.
import heapq, bisect, random, math, statistics, fractions, decimal, io, os.path, struct, base64, hashlib, time, operator

h = [5, 1, 4]
heapq.heapify(h)
print(heapq.heappop(h), heapq.nsmallest(1, h), bisect.bisect([1, 3, 5], 3), fractions.Fraction(3, 6), decimal.Decimal("0.1") + decimal.Decimal("0.2"), statistics.mean([1, 2, 4]))
random.seed(42)
print(random.random(), random.randint(1, 100), random.choice("abc"), random.sample(range(10), 3), random.shuffle(x := [1, 2, 3]) or x)
print(struct.pack("<IhB", 1, -2, 3), struct.unpack(">H", b"\x01\x02"), base64.b64encode(b"hello"), hashlib.sha256(b"x").hexdigest()[:16], math.pi, math.sin(1), math.hypot(3, 4))
s = io.StringIO("a\nb\n")
print(s.readline(), s.read(), list(io.StringIO("x\ny")), io.BytesIO(b"abc").read(2), os.path.join("a", "b"), os.path.basename("/x/y.z"), os.path.splitext("a.b"))

# === stdout
# 1 [4] 2 1/2 0.3 2.3333333333333335
# 0.6394267984578837 4 c [4, 3, 8] [2, 3, 1]
# b'\x01\x00\x00\x00\xfe\xff\x03' (258,) b'aGVsbG8=' 2d711642b726b044 3.141592653589793 0.8414709848078965 5.0
# a
#  b
#  ['x\n', 'y'] b'ab' a/b y.z ('a', '.b')
