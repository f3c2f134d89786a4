# pickle and copy of the library.
import copy
import pickle

data = {"a": [1, 2.5, None, True], "b": {"c": "é\n\"q\""}, "d": 1e100, "e": -0.0, "f": 10**20}

for protocol in range(6):
    assert pickle.loads(pickle.dumps(data, protocol)) == data
loop = [1]
loop.append(loop)
again = pickle.loads(pickle.dumps(loop))
print(again[1] is again, pickle.loads(pickle.dumps((1, {2}, frozenset([3]), b"x", "é", 2**70, 1j, range(3), len, int, ...)))[4:])

deep = copy.deepcopy(data)
deep["a"].append(1)
print(len(data["a"]), copy.copy([1]), copy.deepcopy(loop)[1][0])

# === stdout
# True ('é', 1180591620717411303424, 1j, range(0, 3), <built-in function len>, <class 'int'>, Ellipsis)
# 4 [1] 1
