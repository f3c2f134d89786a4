//! The bytecode of important shapes, compared with the listings in `goldens/`. `UPDATE_GOLDENS=1` writes them anew.

use serpens_bytecode::disasm::disassemble_all;
use serpens_bytecode::serial::{from_bytes, to_bytes};
use serpens_bytecode::verify::verify;
use serpens_compiler::{Mode, Options, compile};
use std::path::Path;

const SHAPES: &[(&str, &str)] = &[
    ("fib", "def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n"),
    (
        "loops",
        "def f(items, n):\n    total = 0\n    for i, x in items:\n        if x is None:\n            continue\n        total += x * i\n    while n > 0:\n        n -= 1\n        if n == 5:\n            break\n    return total, n\n",
    ),
    ("swap", "def f(a, b):\n    a, b = b, a\n    a, b = b, a + b\n    return a\n"),
    ("walrus", "def f(x):\n    return x + (x := 1) + x\n"),
    ("chain", "def f(a, b, c):\n    if 0 <= a < b.x <= c:\n        return a < g() < c\n"),
    (
        "calls",
        "def f(a, *b, **c):\n    a.m(1, 2).n(k=a)\n    g(*b, **c)\n    g(a, *b, x=1, **c)\n    return a[1:2], a[-1], a[b]\n",
    ),
    ("super", "class C(B):\n    def m(self, x):\n        return super().m(x) + super().y\n"),
    (
        "try",
        "def f(x):\n    try:\n        return g(x)\n    except ValueError as e:\n        log(e)\n    except (KeyError, OSError):\n        raise\n    finally:\n        done()\n",
    ),
    ("with", "def f(p):\n    with open(p) as q, lock:\n        return q.read()\n"),
    (
        "comprehension",
        "def f(xs, k):\n    return [x * k for x in xs if x], {x: lambda: x for x in xs}, (x for x in xs)\n",
    ),
    ("generator", "def f(xs):\n    x = yield 1\n    y = yield from xs\n    return x, y\n"),
    ("coroutine", "async def f(a):\n    async with a as b:\n        async for c in b:\n            await c\n"),
    (
        "match",
        "def f(x):\n    match x:\n        case [1, y, *_] | {'k': y}:\n            return y\n        case C(a=0):\n            return 0\n        case _:\n            return None\n",
    ),
    ("closure", "def f(x):\n    def g():\n        nonlocal x\n        x += 1\n        return x\n    return g\n"),
    (
        "constants",
        "X = (1, 2, -3 * 4, 'a' 'b', 2 ** 70)\nif 0:\n    dead()\nY = x in {1, 2}\nfor z in [1, 2]:\n    pass\n",
    ),
    ("generic", "def f[T: int](x: T = 1) -> T:\n    return x\nclass C[T]:\n    a: T\ntype A[T] = list[T]\n"),
    ("strings", "def f(x, w):\n    return f'{x!r:>{w}} {x=}', t'a{x:.2f}b', '\\ud800'\n"),
];

#[test]
fn listings() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/goldens"));
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let mut wrong = Vec::new();
    for (name, source) in SHAPES {
        let code = compile(source, name, Mode::Exec, Options::default()).unwrap();
        verify(&code).unwrap();
        assert_eq!(from_bytes(&to_bytes(&code)).as_ref(), Ok(&code));
        let listing = format!("{source}\n{}", disassemble_all(&code));
        let path = folder.join(format!("{name}.txt"));
        if update {
            std::fs::write(&path, &listing).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(&listing) {
            wrong.push(*name);
        }
    }
    assert!(wrong.is_empty(), "different from the listings: {wrong:?}");
}
