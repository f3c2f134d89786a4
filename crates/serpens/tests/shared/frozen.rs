//! Frozen graphs: that nobody writes to them, that they are the same everywhere, and that nothing is left of them.

use super::{grown_by, runtime, turn};
use proptest::prelude::*;
use serpens::{Frozen, Interpreter, Python, Runtime};

/// Makes what a program leaves in `g`, frozen, in an interpreter that is gone afterwards.
fn frozen(runtime: &Runtime, program: &str) -> Frozen {
    let owner = runtime.create().expect("an interpreter");
    let frozen = freeze_in(&owner, program);
    owner.close();
    frozen
}

fn freeze_in(owner: &Interpreter, program: &str) -> Frozen {
    owner
        .with(|py| {
            py.run(program, None, None)?;
            py.import("__main__")?.getattr("g")?.freeze()
        })
        .expect("it can be frozen")
}

/// What `program` makes of `g`, in a new interpreter.
fn look(runtime: &Runtime, g: &Frozen, program: &str) -> String {
    let reader = runtime.create().expect("an interpreter");
    reader.with(|py| read(py, g, program)).expect("it can be read")
}

fn read(py: Python<'_>, g: &Frozen, program: &str) -> serpens::PyResult<String> {
    py.run("pass", None, None)?;
    let main = py.import("__main__")?;
    main.setattr("g", g.bind(py)?)?;
    py.run(program, None, None)?;
    main.getattr("result")?.extract()
}

/// Classes, functions, containers: everything that a graph may consist of.
const EVERYTHING: &str = r#"
import collections, dataclasses, enum, functools, re, typing
class Color(enum.Enum):
    RED = 1
    BLUE = 2
@dataclasses.dataclass
class Point:
    x: int
    y: typing.Optional[int] = 3
    more: list[int] = dataclasses.field(default_factory=list)
class Slots:
    __slots__ = ("a", "b")
class Many:
    def __init__(self, n):
        for i in range(n): setattr(self, f"a{i}", i)
    @property
    def total(self): return sum(v for k, v in vars(self).items())
    @classmethod
    def make(cls, n): return cls(n)
Pair = collections.namedtuple("Pair", "a b")
def closure(n, step=[1, 2], *, k=3):
    return lambda z=5: n + z + len(step) + k + len(LIMITS)
LIMITS = {"low": 1, "high": 2}
def fact(n): return 1 if n < 2 else n * fact(n - 1)
def gen(n):
    for i in range(n): yield i * len(LIMITS)
slots = Slots(); slots.a = [1, 2]
cycle = [1]; cycle.append(cycle)
g = dict(Color=Color, red=Color.RED, Point=Point, point=Point(1), slots=slots, many=Many(40), few=Many(2), Pair=Pair, pair=Pair(1, "x"),
    closure=closure(7), fact=fact, gen=gen, cycle=cycle, text="hé" * 100, long=b"x" * 20_000, big=1 << 500, set={1, "a", (2, 3)},
    frozenset=frozenset("abc"), array=bytearray(b"abc"), range=range(1 << 70), pattern=re.compile("(a+)b"),
    partial=functools.partial(fact, 5), table={i: str(i) for i in range(1000)}, list=[[i] for i in range(2000)])
"#;

/// Reads all of it, and tries to write to all of it.
const LOOK: &str = r#"
out = []
def t(f, *a):
    try: out.append(repr(f(*a)))
    except Exception as e: out.append(f"{type(e).__name__}: {e}")
for round in range(20):
    out.clear()
    t(lambda: (g["Color"].RED is g["red"], repr(g["red"]), len(g["Color"]), g["Color"](2).name, g["Color"]["BLUE"].value))
    t(lambda: (g["point"], g["point"] == g["Point"](1), g["Point"](1, 2, [3])))
    t(lambda: (g["slots"].a, hasattr(g["slots"], "b")))
    t(lambda: (g["many"].total, type(g["many"]).make(5).total, g["few"].a1, vars(g["few"])))
    t(lambda: (g["pair"].b, g["pair"]._replace(a=2), g["Pair"](3, 4)))
    t(lambda: (g["closure"](), g["closure"](1), g["fact"](20), list(g["gen"](4)), g["partial"]()))
    t(lambda: (repr(g["cycle"]), g["cycle"][1] is g["cycle"]))
    t(lambda: (g["text"][150], hash(g["text"]) == hash("hé" * 100), len(g["long"]), g["big"] % 1000, g["range"].stop))
    t(lambda: (len(g["set"]), (2, 3) in g["set"], hash(g["frozenset"]) == hash(frozenset("cba")), bytes(g["array"])))
    t(lambda: (g["pattern"].match("aab")[1], g["table"][999], sum(i[0] for i in g["list"]), sorted(g)[:3]))
    new = g["Point"](5); new.x = 6; new.z = 7
    many = type(g["many"])(3); many.q = 1; del many.a0
    t(lambda: (new.x, new.z, many.total))
    class Sub(g["Point"]):
        def twice(self): return self.x * 2
    t(lambda: Sub(4).twice())
    import copy, weakref
    t(lambda: weakref.ref(g["point"])() is g["point"])
    t(lambda: (copy.copy(g["point"]), copy.deepcopy(g["list"])[5]))
    t(setattr, g["point"], "x", 2)
    t(delattr, g["point"], "x")
    t(setattr, g["slots"], "b", 2)
    t(setattr, g["Point"], "x", 2)
    t(setattr, g["fact"], "x", 2)
    t(setattr, g["fact"], "__defaults__", (1,))
    t(setattr, g["fact"], "__code__", t.__code__)
    t(vars(g["few"]).update, {"a": 1})
    t(g["table"].__setitem__, 1, 2)
    t(g["table"].__setitem__, "new", 2)
    t(g["table"].pop, 1)
    t(g["table"].popitem)
    t(g["table"].clear)
    t(g["list"].append, 1)
    t(g["list"].__setitem__, 0, 1)
    t(g["list"].sort)
    t(g["list"].pop)
    t(g["set"].add, 5)
    t(g["set"].discard, 5)
    t(g["set"].clear)
    t(g["array"].append, 5)
    t(g["array"].__setitem__, 0, 5)
import gc
gc.collect()
result = "\n".join(out)
"#;

#[test]
fn nobody_writes_to_a_graph() {
    let _turn = turn();
    let runtime = runtime();
    let g = frozen(runtime, EVERYTHING);
    assert!(g.n_objects() > 3000, "{}", g.n_objects());
    let first = look(runtime, &g, LOOK);
    // A write to a chunk would end the process.
    g.set_read_only(true);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2).map(|_| scope.spawn(|| look(runtime, &g, LOOK))).collect();
        for reader in readers {
            assert_eq!(reader.join().expect("no panic"), first);
        }
    });
    g.set_read_only(false);
    let n_errors = first.lines().filter(|line| line.starts_with("TypeError")).count();
    assert_eq!(n_errors, 22, "{first}");
}

#[test]
fn nothing_is_left_of_a_graph() {
    let _turn = turn();
    let runtime = runtime();
    let cycle = || {
        let g = frozen(runtime, EVERYTHING);
        drop(look(runtime, &g, "result = str(g['fact'](5))"));
        // A graph that refers to another one keeps it.
        let owner = runtime.create().expect("an interpreter");
        let outer = owner
            .with(|py| {
                py.run("pass", None, None)?;
                py.import("__main__")?.setattr("inner", g.bind(py)?)?;
                py.run("class C: pass\nc = C(); c.inner = inner['point']; g = [c, inner['Point'](9)]", None, None)?;
                py.import("__main__")?.getattr("g")?.freeze()
            })
            .expect("it can be frozen");
        owner.close();
        drop(g);
        assert_eq!(
            look(runtime, &outer, "result = repr(g[0].inner) + repr(g[1])"),
            "Point(x=1, y=3, more=[])Point(x=9, y=3, more=[])"
        );
    };
    let grown = grown_by(100, cycle);
    assert!(grown < 4 << 20, "{grown} bytes more after a hundred");
}

#[test]
fn another_runtime_refuses_it() {
    let _turn = turn();
    let two = Runtime::new();
    let g = frozen(runtime(), "g = [1]");
    let other = two.create().expect("an interpreter");
    let refused = other.with(|py| g.bind(py).map(drop));
    assert!(refused.expect_err("it is of another runtime").to_string().contains("another runtime"));
}

/// A program that makes a random graph: a stack machine of containers, instances and links between them.
fn programs() -> impl Strategy<Value = String> {
    prop::collection::vec((0..12u8, any::<u16>(), any::<u16>()), 1..120).prop_map(|steps| {
        let mut program = String::from(
            "class A: pass\nclass B(A):\n    __slots__ = ('s',)\nclass L(list): pass\nclass D(dict): pass\nx = [[]]\n\
             def at(i): return x[i % len(x)]\n\
             def put(c, k, v):\n    if isinstance(c, list): c.append(v)\n    elif isinstance(c, dict): c[k] = v\n    elif isinstance(c, A): setattr(c, f'k{k % 70}', v)\n",
        );
        for (kind, i, j) in steps {
            program += &match kind {
                0 => format!("x.append([at({i}), {j}])\n"),
                1 => format!("x.append({{{i}: at({j}), 'k{j}': {i}}})\n"),
                2 => "x.append(A())\n".to_string(),
                3 => format!("x.append(B()); x[-1].s = at({i})\n"),
                4 => format!("x.append((at({i}), at({j}), 'é{i}'))\n"),
                5 => format!("x.append(L([at({i})])); x[-1].note = {j}\n"),
                6 => format!("x.append(D(a=at({i})))\n"),
                7 => format!("x.append({{{i}, {j}, '{i}'}})\n"),
                8 => format!("x.append(lambda a=at({i}): (a, {j}))\n"),
                9 => format!("x.append((lambda c: lambda: c)(at({i})))\n"),
                _ => format!("put(at({i}), {j}, at({kind} * {j}))\n"),
            };
        }
        program + "g = x\n"
    })
}

/// A text that tells everything about a graph, each object once.
const TELL: &str = r#"
def tell(root):
    seen, out, todo = {}, [], [root]
    def ref(v):
        if isinstance(v, (int, str, bytes, float, type(None))): return repr(v)
        if id(v) not in seen:
            seen[id(v)] = len(seen); todo.append(v)
        return "at" + str(seen[id(v)])
    seen[id(root)] = 0
    while todo:
        v = todo.pop()
        t = [type(v).__name__]
        if isinstance(v, (list, tuple)): t += map(ref, v)
        elif isinstance(v, dict): t += [ref(k) + ":" + ref(w) for k, w in v.items()]
        elif isinstance(v, (set, frozenset)): t += sorted(map(ref, v))
        elif callable(v): t.append(ref(v()))
        for k, w in getattr(v, "__dict__", {}).items(): t.append(k + "=" + ref(w))
        if hasattr(v, "s"): t.append("s=" + ref(v.s))
        out.append(" ".join(t))
    return "\n".join(out)
result = tell(g)
"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_random_graph_is_the_same_for_all(program in programs()) {
        let _turn = turn();
        let runtime = runtime();
        let owner = runtime.create().expect("an interpreter");
        let told = owner.with(|py| {
            py.run(&program, None, None)?;
            py.run(TELL, None, None)?;
            py.import("__main__")?.getattr("result")?.extract::<String>()
        }).expect("it can be told");
        let g = owner.with(|py| py.import("__main__")?.getattr("g")?.freeze()).expect("it can be frozen");
        let again = owner.with(|py| {
            py.run(TELL, None, None)?;
            py.import("__main__")?.getattr("result")?.extract::<String>()
        }).expect("it can be told");
        prop_assert_eq!(&again, &told);
        owner.close();
        g.set_read_only(true);
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..2).map(|_| scope.spawn(|| look(runtime, &g, TELL))).collect();
            for reader in readers {
                assert_eq!(reader.join().expect("no panic"), told);
            }
        });
        g.set_read_only(false);
    }
}
