//! `_random`: the Mersenne Twister (MT19937), with CPython's seeding and derivation of floats.
//!
//! Invariant: the sequence for a given seed and the state tuple are CPython's.

use dashu_int::{IBig, UBig};
use serpens_state::NativeModule;
use serpens_vm::object::payload;
use serpens_vm::types::int::as_big;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, RandomState};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_random")
    .doc("Module implements the Mersenne Twister random number generator.")
    .types(&[&RANDOM]);

/// Words of the state.
const N: usize = 624;
const M: usize = 397;

/// A generator.
struct Twister {
    words: [u32; N],
    /// Words used up; `N`: all.
    used: usize,
}

impl Twister {
    fn seed_word(&mut self, seed: u32) {
        self.words[0] = seed;
        for i in 1..N {
            let last = self.words[i - 1];
            self.words[i] = (last ^ (last >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        self.used = N;
    }

    /// Seeds by an array of words, which is not empty.
    fn seed_words(&mut self, key: &[u32]) {
        self.seed_word(19_650_218);
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let last = self.words[i - 1];
            let mixed = self.words[i] ^ (last ^ (last >> 30)).wrapping_mul(1_664_525);
            self.words[i] = mixed.wrapping_add(key[j]).wrapping_add(j as u32);
            self.step(&mut i);
            j = (j + 1) % key.len();
        }
        for _ in 0..N - 1 {
            let last = self.words[i - 1];
            let mixed = self.words[i] ^ (last ^ (last >> 30)).wrapping_mul(1_566_083_941);
            self.words[i] = mixed.wrapping_sub(i as u32);
            self.step(&mut i);
        }
        self.words[0] = 1 << 31;
    }

    fn step(&mut self, i: &mut usize) {
        *i += 1;
        if *i == N {
            self.words[0] = self.words[N - 1];
            *i = 1;
        }
    }

    #[inline]
    fn word(&mut self) -> u32 {
        if self.used >= N {
            self.refill();
        }
        let mut y = self.words[self.used];
        self.used += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    #[inline(never)]
    fn refill(&mut self) {
        for k in 0..N {
            let y = (self.words[k] & 0x8000_0000) | (self.words[(k + 1) % N] & 0x7fff_ffff);
            let odd = if y & 1 == 0 { 0 } else { 0x9908_b0df };
            self.words[k] = self.words[(k + M) % N] ^ (y >> 1) ^ odd;
        }
        self.used = 0;
    }

    /// A float in [0, 1) of 53 bits.
    #[inline]
    fn float(&mut self) -> f64 {
        let (a, b) = (self.word() >> 5, self.word() >> 6);
        (f64::from(a) * 67_108_864.0 + f64::from(b)) * (1.0 / 9_007_199_254_740_992.0)
    }
}

/// `_random.Random`.
pub struct Random(
    RefCell<Twister>,
    /// Whether the seed was the system's.
    Cell<bool>,
);

serpens_vm::native_payload!(Random {});

/// The type `Random`.
pub static RANDOM: TypeDef = TypeDef::new::<Random>("Random")
    .copied_then(|_, h| {
        // One that took its seed from the system takes another, or all copies would say the same.
        if let Some(random) = payload::<Random>(h).filter(|r| r.1.get()) {
            random.0.borrow_mut().seed_words(&fresh_words());
        }
    })
    .module("_random")
    .doc("Random() -> create a random number generator with its own internal state.")
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, Random(RefCell::new(Twister { words: [0; N], used: N }), Cell::new(false))))),
        init: Some(|vm, v, args| {
            let name = vm.type_of(v).name().to_string();
            crate::data::no_keywords(vm, args, &name)?;
            match args.pos() {
                [] => seed(vm, this(v), None),
                [s] => seed(vm, this(v), Some(s)),
                more => Err(vm.type_error(&format!("{name} expected at most 1 argument, got {}", more.len()))),
            }
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("random", "($self, /)", |_, a| Ok(Value::float(a.this::<Random>().0.borrow_mut().float())))
            .doc("random() -> x in the interval [0, 1)."),
        MethodDef::new("seed", "($self, n=None, /)", |vm, a| {
            seed(vm, a.this(), a.opt(1))?;
            Ok(Value::NONE)
        })
        .doc("seed([n]) -> None.\n\nDefaults to use urandom and falls back to a combination\nof the current time and the process identifier."),
        MethodDef::new("getstate", "($self, /)", |vm, a| {
            let t = a.this::<Random>().0.borrow();
            let words = t.words.iter().map(|w| vm.int(i64::from(*w)));
            Ok(vm.tuple(words.chain([Value::from_usize(t.used)]).collect()))
        })
        .doc("getstate() -> tuple containing the current state."),
        MethodDef::new("setstate", "($self, state, /)", set_state).doc("setstate(state) -> None.  Restores generator state."),
        MethodDef::new("getrandbits", "($self, k, /)", bits)
            .doc("getrandbits(k) -> x.  Generates an int with k random bits."),
    ]);

fn this(v: &Value) -> &Random {
    v.downcast::<Random>().expect("the descriptor has checked the receiver")
}

fn seed(vm: &Vm, random: &Random, by: Option<&Value>) -> PyResult<()> {
    let key: Vec<u32> = match by.filter(|s| !s.is_none()) {
        None => {
            let bytes = crate::posix::process::random(vm, N * 4, 0)?;
            bytes.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
        }
        Some(v) => match as_big(v) {
            Some(big) => words_of(&big),
            None => words_of(&IBig::from(vm.hash(v)? as u64)),
        },
    };
    random.0.borrow_mut().seed_words(&key);
    random.1.set(by.is_none_or(Value::is_none));
    Ok(())
}

/// A seed that needs no system call that might wait.
fn fresh_words() -> Vec<u32> {
    let state = RandomState::new();
    (0..16u32).flat_map(|i| [state.hash_one(i) as u32, (state.hash_one(!i) >> 32) as u32]).collect()
}

/// The absolute value as words of 32 bits, lowest first; at least one.
fn words_of(n: &IBig) -> Vec<u32> {
    let (_, words) = n.as_sign_words();
    let mut out: Vec<u32> = words.iter().flat_map(|w| [*w as u32, (*w >> 32) as u32]).collect();
    while out.len() > 1 && out.last() == Some(&0) {
        out.pop();
    }
    if out.is_empty() {
        out.push(0);
    }
    out
}

fn set_state(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(state) = a.get(1).downcast::<Tuple>() else {
        return Err(vm.type_error("state vector must be a tuple"));
    };
    if state.as_slice().len() != N + 1 {
        return Err(vm.value_error("state vector is the wrong size"));
    }
    let mut words = [0; N];
    for (word, v) in words.iter_mut().zip(state.as_slice()) {
        if !vm.is_int_like(v) {
            return Err(vm.type_error("an integer is required"));
        }
        *word = vm.arg_u64(v)? as u32;
    }
    let used = vm.arg_i64(&state.as_slice()[N])?;
    let Some(used) = usize::try_from(used).ok().filter(|n| *n <= N) else {
        return Err(vm.value_error("invalid state"));
    };
    *a.this::<Random>().0.borrow_mut() = Twister { words, used };
    Ok(Value::NONE)
}

fn bits(vm: &Vm, a: Args<'_>) -> PyResult {
    let random = a.this::<Random>();
    let k = match a.get(1).as_small_int() {
        Some(k) => k,
        None => vm.arg_i64(a.get(1))?,
    };
    let Ok(k) = usize::try_from(k) else { return Err(vm.value_error("Cannot convert negative int")) };
    if k == 0 {
        return Ok(Value::int_unchecked(0));
    }
    if k <= 32 {
        return Ok(Value::int_unchecked(i64::from(random.0.borrow_mut().word() >> (32 - k))));
    }
    vm.check_int(k)?;
    let mut bytes = Vec::with_capacity(k.div_ceil(32) * 4);
    let mut t = random.0.borrow_mut();
    let mut left = k;
    while left > 0 {
        let word = t.word() >> 32usize.saturating_sub(left);
        bytes.extend_from_slice(&word.to_le_bytes());
        left = left.saturating_sub(32);
    }
    Ok(vm.int_big(UBig::from_le_bytes(&bytes).into()))
}
