//! Damaged code objects: each is refused, or runs without harm: it ends, raises, or is stopped.

use crate::Input;
use serpens::{Interpreter, Runtime, Stopper};
use serpens_bytecode::{Code, serial};
use serpens_compiler::{Mode, Options, compile};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long one run may take.
const LIMIT: Duration = Duration::from_millis(200);
const MEMORY: usize = 64 << 20;

/// Programs that use most instructions and touch nothing outside.
const PROGRAMS: &[&str] = &[
    "def f(a, *b, c=1, **d):\n    return [a, b, c, sorted(d)]\nx = f(1, 2, 3, c=4, e=5)\ny = f(*x, **{'k': 1})",
    "class A:\n    z = 1\n    def m(self, n):\n        self.n = n\n        return self.n + self.z\na = A()\nt = [a.m(i) for i in range(9) if i % 2]\nb = a.n < 3 or a.z",
    "def g(n):\n    for i in range(n):\n        try:\n            r = yield i\n        except ValueError as e:\n            yield str(e)\n        finally:\n            i += 1\ns = g(3)\nl = [next(s), s.send(4), s.throw(ValueError('v'))]",
    "def outer(k):\n    c = 0\n    def inner():\n        nonlocal c\n        c += k\n        return c\n    return inner\nh = outer(2)\nu = h() + h()\nw = {i: -i for i in (1, 2)} | {3: ~4}\nq, *r = w.items()",
    "match [1, {'a': 2}]:\n    case [int(v), {'a': n, **rest}] if n > 1:\n        out = v + n\n    case _:\n        out = None\ntxt = f'{out:>5}{out!r}'\nassert txt, 'no'\ndel out",
    "n = 0\nwhile n < 20:\n    n += 1\n    if n == 3:\n        continue\n    if n > 15:\n        break\nelse:\n    n = -1\nz = (n if n else 1) @ None if n is None else n ** 2 // 3 % 5 << 1 ^ 2",
    "class M:\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\nwith M() as m:\n    raise KeyError(m)\nlam = (lambda p, /, q=2, *, r: (p, q, r))(1, r=3)\ns = 'abcdef'[1:5:2]; s2 = [*s, *'xy']",
];

/// An interpreter that runs what is accepted.
pub struct Machine {
    runtime: Runtime,
    codes: Vec<Vec<u8>>,
}

impl Default for Machine {
    fn default() -> Machine {
        Machine::new()
    }
}

impl Machine {
    /// A machine of its own.
    pub fn new() -> Machine {
        let bytes = |source: &&str| {
            let code = compile(source, "<fuzz>", Mode::Exec, Options::default()).expect("these programs compile");
            serial::to_bytes(&code)
        };
        Machine { runtime: Runtime::new(), codes: PROGRAMS.iter().map(bytes).collect() }
    }

    /// Damages a program and looks what becomes of it.
    pub fn check(&self, data: &[u8]) {
        let mut input = Input::new(data);
        let mut bytes = self.codes[input.below(self.codes.len())].clone();
        for _ in 0..=input.below(3) {
            let at = input.below(bytes.len());
            bytes[at] = match input.byte() % 3 {
                0 => input.byte(),
                1 => bytes[at].wrapping_add(1),
                _ => bytes[at] ^ (1 << (input.byte() % 8)),
            };
        }
        serial::reseal(&mut bytes);
        let Ok(code) = serial::from_bytes(&bytes) else { return };
        self.run(code);
    }

    /// Runs a code object within the limits of time and memory.
    pub fn run(&self, code: Arc<Code>) {
        let Ok(interpreter) = self.runtime.interpreter().memory_limit(MEMORY).create() else {
            panic!("no interpreter");
        };
        let done = watch(interpreter.stopper());
        run(&interpreter, code);
        let _ = done.send(());
    }
}

fn run(interpreter: &Interpreter, code: Arc<Code>) {
    interpreter.with(|py| {
        let vm = py.vm();
        let globals = vm.new_dict();
        let code = vm.new_code(code);
        // Whatever it raises is right.
        if vm.run_code(&code, &globals, None, None).is_err() {
            drop(vm.take_raised());
        }
    });
}

/// Stops the interpreter unless something is sent in time.
fn watch(stopper: Stopper) -> Sender<()> {
    let (done, wait) = channel();
    std::thread::spawn(move || {
        if wait.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            stopper.stop();
        }
    });
    done
}
