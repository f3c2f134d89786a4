//! Hashes: `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`.
//!
//! Rooms: [`state`] the algorithms; this file the objects and modules of the plain ones; [`blake2`] BLAKE2 with its
//! parameters. There is no OpenSSL and no `_hashlib`: `hashlib` uses these modules.
//!
//! Invariant: no borrow of a hash lives while another thread may use it: a long input is hashed off the interpreter's
//! lock, with the state taken out of the object meanwhile.

pub mod blake2;
pub mod state;

use serpens_state::{NativeModule, blocking};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use state::State;
use std::cell::Cell;

/// The modules of this folder.
pub static MODULES: &[&NativeModule] = &[&MD5, &SHA1, &SHA2, &SHA3, &blake2::MODULE];

/// Inputs from this size on are hashed off the lock.
const LONG: usize = 64 << 10;

/// What CPython says of the inputs that it hashes off its lock.
pub(crate) const GIL_MINSIZE: usize = 2048;

/// A hash object.
pub struct Hash {
    /// Empty while another thread hashes a long input.
    state: Cell<Option<Box<State>>>,
}

serpens_vm::native_payload!(Hash {});

impl Hash {
    pub(crate) fn new(state: State) -> Hash {
        Hash { state: Cell::new(Some(Box::new(state))) }
    }

    /// Uses the state, waiting for the thread that has it.
    fn with<R>(&self, vm: &Vm, f: impl FnOnce(&mut State) -> R) -> PyResult<R> {
        let mut state = self.take(vm)?;
        let result = f(&mut state);
        self.state.set(Some(state));
        Ok(result)
    }

    fn take(&self, vm: &Vm) -> PyResult<Box<State>> {
        loop {
            if let Some(state) = self.state.take() {
                return Ok(state);
            }
            blocking(vm, std::thread::yield_now);
            vm.on_break()?;
        }
    }

    /// Adds bytes.
    pub(crate) fn update(&self, vm: &Vm, data: &Value) -> PyResult<()> {
        if data.is_a::<Str>() {
            return Err(vm.type_error("Strings must be encoded before hashing"));
        }
        if !vm.has_buffer(data) {
            return Err(vm.type_error("object supporting the buffer API required"));
        }
        match data.downcast::<Bytes>() {
            // Nobody changes a bytes object, and the caller keeps this one.
            Some(b) if b.len() >= LONG => {
                let (mut state, bytes) = (self.take(vm)?, b.as_bytes());
                blocking(vm, || state.update(bytes));
                self.state.set(Some(state));
                Ok(())
            }
            _ => {
                let buffer = vm.get_contiguous(data, false)?;
                self.with(vm, |s| s.update(buffer.as_bytes()))
            }
        }
    }

    fn digest(&self, vm: &Vm, a: Args<'_>) -> PyResult<Vec<u8>> {
        let n = match self.with(vm, |s| s.is_xof())? {
            false => 0,
            true => {
                let n = vm.arg_i64(a.get(1))?;
                if n < 0 {
                    return Err(vm.value_error("Cannot convert negative int"));
                }
                if n >= 1 << 29 {
                    return Err(vm.value_error("length is too large"));
                }
                n as usize
            }
        };
        self.with(vm, |s| s.digest(n))
    }
}

fn this(v: &Value) -> &Hash {
    v.downcast::<Hash>().expect("the descriptor has checked the receiver")
}

fn hex(vm: &Vm, bytes: &[u8]) -> Value {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let text: Vec<u8> = bytes.iter().flat_map(|b| [DIGITS[(b >> 4) as usize], DIGITS[(b & 15) as usize]]).collect();
    vm.str_wtf8(&text)
}

const COPY: MethodDef = MethodDef::new("copy", "($self, /)", |vm, a| {
    let state = this(a.get(0)).with(vm, |s| s.clone())?;
    Ok(vm.alloc(vm.type_of(a.get(0)), Hash::new(state)))
})
.doc("Return a copy of the hash object.");

const UPDATE: MethodDef = MethodDef::new("update", "($self, data, /)", |vm, a| {
    this(a.get(0)).update(vm, a.get(1))?;
    Ok(Value::NONE)
})
.doc("Update this hash object's state with the provided bytes-like object.");

fn digest(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(vm.bytes(&this(a.get(0)).digest(vm, a)?))
}

fn hexdigest(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(hex(vm, &this(a.get(0)).digest(vm, a)?))
}

/// The methods of all hashes but SHAKE.
pub(crate) const METHODS: &[MethodDef] = &[
    COPY,
    UPDATE,
    MethodDef::new("digest", "($self, /)", digest).doc("Return the digest value as a bytes object."),
    MethodDef::new("hexdigest", "($self, /)", hexdigest)
        .doc("Return the digest value as a string of hexadecimal digits."),
];

const XOF_METHODS: &[MethodDef] = &[
    COPY,
    UPDATE,
    MethodDef::new("digest", "($self, length)", digest).doc("Return the digest value as a bytes object."),
    MethodDef::new("hexdigest", "($self, length)", hexdigest)
        .doc("Return the digest value as a string of hexadecimal digits."),
];

const NAME: GetSetDef = GetSetDef::new("name", |vm, v| Ok(vm.str(this(v).with(vm, |s| s.name())?)));
const BLOCK_SIZE: GetSetDef =
    GetSetDef::new("block_size", |vm, v| Ok(Value::from_usize(this(v).with(vm, |s| s.block_size())?)));
const DIGEST_SIZE: GetSetDef =
    GetSetDef::new("digest_size", |vm, v| Ok(Value::from_usize(this(v).with(vm, |s| s.digest_size())?)));

/// The attributes of all hashes.
pub(crate) const GETSET: &[GetSetDef] = &[NAME, BLOCK_SIZE, DIGEST_SIZE];

const SHA3_GETSET: &[GetSetDef] = &[
    NAME,
    BLOCK_SIZE,
    DIGEST_SIZE,
    GetSetDef::new("_capacity_bits", |vm, v| Ok(Value::from_usize(1600 - 8 * this(v).with(vm, |s| s.block_size())?))),
    GetSetDef::new("_rate_bits", |vm, v| Ok(Value::from_usize(8 * this(v).with(vm, |s| s.block_size())?))),
    GetSetDef::new("_suffix", |vm, v| {
        let xof = this(v).with(vm, |s| s.is_xof())?;
        Ok(vm.bytes(if xof { b"\x1f" } else { b"\x06" }))
    }),
];

/// The input among the arguments `data` and `string`.
pub(crate) fn input<'a>(vm: &Vm, data: Option<&'a Value>, string: Option<&'a Value>) -> PyResult<Option<&'a Value>> {
    if data.is_some() && string.is_some() {
        return Err(vm.type_error("'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."));
    }
    Ok(data.or(string))
}

/// A new hash from the arguments of its constructor.
fn construct(vm: &Vm, ty: &TypeObj, state: State, data: Option<&Value>, string: Option<&Value>) -> PyResult {
    let made = vm.alloc(ty, Hash::new(state));
    if let Some(data) = input(vm, data, string)? {
        this(&made).update(vm, data)?;
    }
    Ok(made)
}

/// A function of a module that makes a hash of a type, and the type.
macro_rules! hashes {
    ($($ty:ident $def:ident $module:literal $class:literal $function:literal $state:ident;)*) => { $(
        static $ty: TypeDef = TypeDef::new::<Hash>($class)
            .module($module)
            .flags(serpens_vm::types::typeobj::tflag::NO_NEW)
            .methods(METHODS)
            .getset(GETSET);
        const $def: MethodDef =
            MethodDef::new($function, "(data=b'', *, usedforsecurity=True, string=None)", |vm, a| {
                construct(vm, vm.type_of_def(&$ty), State::$state(), a.opt(0), a.some(2))
            })
            .doc("Return a new hash object; optionally initialized with a bytes-like object.");
    )* };
}

hashes! {
    MD5_TYPE MD5_FN "_md5" "md5" "md5" md5;
    SHA1_TYPE SHA1_FN "_sha1" "sha1" "sha1" sha1;
    SHA224_TYPE SHA224_FN "_sha2" "SHA224Type" "sha224" sha224;
    SHA256_TYPE SHA256_FN "_sha2" "SHA256Type" "sha256" sha256;
    SHA384_TYPE SHA384_FN "_sha2" "SHA384Type" "sha384" sha384;
    SHA512_TYPE SHA512_FN "_sha2" "SHA512Type" "sha512" sha512;
}

/// The module `_md5`.
pub static MD5: NativeModule = NativeModule::new("_md5").functions(&[MD5_FN]).init(|vm, d| {
    d.set_name(vm, "MD5Type", vm.type_of_def(&MD5_TYPE).value());
    d.set_name(vm, "_GIL_MINSIZE", Value::from_usize(GIL_MINSIZE));
    Ok(())
});

/// The module `_sha1`.
pub static SHA1: NativeModule = NativeModule::new("_sha1").functions(&[SHA1_FN]).init(|vm, d| {
    d.set_name(vm, "SHA1Type", vm.type_of_def(&SHA1_TYPE).value());
    d.set_name(vm, "_GIL_MINSIZE", Value::from_usize(GIL_MINSIZE));
    Ok(())
});

/// The module `_sha2`.
pub static SHA2: NativeModule = NativeModule::new("_sha2")
    .functions(&[SHA224_FN, SHA256_FN, SHA384_FN, SHA512_FN])
    .types(&[&SHA224_TYPE, &SHA256_TYPE, &SHA384_TYPE, &SHA512_TYPE])
    .init(|vm, d| {
        d.set_name(vm, "_GIL_MINSIZE", Value::from_usize(GIL_MINSIZE));
        Ok(())
    });

/// Arguments of a SHA-3 constructor.
fn sha3_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>, state: State) -> PyResult {
    let name = ty.name();
    if args.pos().len() > 1 {
        let n = args.all().len();
        return Err(vm.type_error(&format!("{name}() takes at most 1 positional argument ({n} given)")));
    }
    let (mut data, mut string) = (args.pos().first(), None);
    for (key, v) in args.named() {
        match key.downcast::<Str>().map_or("", Str::as_str_lossy) {
            "data" if data.is_some() => {
                return Err(vm.type_error(&format!("argument for {name}() given by name ('data') and position (1)")));
            }
            "data" => data = Some(v),
            "string" => string = Some(v).filter(|v| !v.is_none()),
            "usedforsecurity" => drop(vm.truthy(v)?),
            other => return Err(vm.type_error(&format!("{name}() got an unexpected keyword argument '{other}'"))),
        }
    }
    construct(vm, ty, state, data, string)
}

macro_rules! sha3 {
    ($($ty:ident $class:literal $state:ident $methods:ident;)*) => { $(
        static $ty: TypeDef = TypeDef::new::<Hash>($class)
            .module("_sha3")
            .doc(concat!($class, "([data], *, usedforsecurity=True) -> hash object"))
            .slots(Slots { new: Some(|vm, ty, args| sha3_new(vm, ty, args, State::$state())), ..Slots::EMPTY })
            .methods($methods)
            .getset(SHA3_GETSET);
    )* };
}

sha3! {
    SHA3_224 "sha3_224" sha3_224 METHODS;
    SHA3_256 "sha3_256" sha3_256 METHODS;
    SHA3_384 "sha3_384" sha3_384 METHODS;
    SHA3_512 "sha3_512" sha3_512 METHODS;
    SHAKE_128 "shake_128" shake_128 XOF_METHODS;
    SHAKE_256 "shake_256" shake_256 XOF_METHODS;
}

/// The module `_sha3`.
pub static SHA3: NativeModule = NativeModule::new("_sha3")
    .types(&[&SHA3_224, &SHA3_256, &SHA3_384, &SHA3_512, &SHAKE_128, &SHAKE_256])
    .init(|vm, d| {
        d.set_name(vm, "implementation", vm.str("RustCrypto"));
        d.set_name(vm, "_GIL_MINSIZE", Value::from_usize(GIL_MINSIZE));
        Ok(())
    });
