//! `_blake2`: BLAKE2b and BLAKE2s with keys, salts and the parameters of tree hashing.

use super::state::State;
use super::{GETSET, Hash, METHODS, input};
use serpens_state::NativeModule;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, PyResult, TypeDef, TypeObj, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_blake2")
    .doc("_blake2b provides BLAKE2b for hashlib\n")
    .types(&[&BLAKE2B, &BLAKE2S])
    .init(|vm, d| {
        for (prefix, sizes) in [("BLAKE2B", &B), ("BLAKE2S", &S)] {
            let fields = [
                ("SALT_SIZE", sizes.salt),
                ("PERSON_SIZE", sizes.salt),
                ("MAX_KEY_SIZE", sizes.digest),
                ("MAX_DIGEST_SIZE", sizes.digest),
            ];
            for (name, n) in fields {
                d.set_name(vm, &format!("{prefix}_{name}"), Value::from_usize(n));
            }
        }
        d.set_name(vm, "_GIL_MINSIZE", Value::from_usize(super::GIL_MINSIZE));
        Ok(())
    });

/// What is different between the two.
struct Sizes {
    title: &'static str,
    digest: usize,
    salt: usize,
    offset_bits: u32,
}

const B: Sizes = Sizes { title: "Blake2b", digest: 64, salt: 16, offset_bits: 64 };
const S: Sizes = Sizes { title: "Blake2s", digest: 32, salt: 8, offset_bits: 48 };

/// The sizes as attributes of the types.
macro_rules! sizes {
    ($of:ident) => {
        &[
            ("SALT_SIZE", |_| Ok(Value::from_usize($of.salt))),
            ("PERSON_SIZE", |_| Ok(Value::from_usize($of.salt))),
            ("MAX_KEY_SIZE", |_| Ok(Value::from_usize($of.digest))),
            ("MAX_DIGEST_SIZE", |_| Ok(Value::from_usize($of.digest))),
        ]
    };
}

static BLAKE2B: TypeDef = TypeDef::new::<Hash>("blake2b")
    .module("_blake2")
    .doc("Return a new BLAKE2b hash object.")
    .slots(Slots { new: Some(|vm, ty, args| new(vm, ty, args, &B)), ..Slots::EMPTY })
    .methods(METHODS)
    .constants(sizes!(B))
    .getset(GETSET);

static BLAKE2S: TypeDef = TypeDef::new::<Hash>("blake2s")
    .module("_blake2")
    .doc("Return a new BLAKE2s hash object.")
    .slots(Slots { new: Some(|vm, ty, args| new(vm, ty, args, &S)), ..Slots::EMPTY })
    .methods(METHODS)
    .constants(sizes!(S))
    .getset(GETSET);

/// The parameters, checked.
struct Params {
    digest: usize,
    key: Vec<u8>,
    salt: Vec<u8>,
    person: Vec<u8>,
    fanout: u8,
    depth: u8,
    leaf_size: u32,
    node_offset: u64,
    node_depth: u8,
    inner_size: usize,
    last_node: bool,
}

fn bytes_up_to(vm: &Vm, v: &Value, max: usize, what: &str) -> PyResult<Vec<u8>> {
    let bytes = vm.get_contiguous(v, false)?.as_bytes().to_vec();
    if bytes.len() > max {
        return Err(vm.value_error(&format!("maximum {what} length is {max} bytes")));
    }
    Ok(bytes)
}

fn unsigned(vm: &Vm, v: &Value) -> PyResult<u64> {
    let n = vm.to_index(v)?;
    match serpens_vm::types::int::is_negative(&n) {
        true => Err(vm.value_error("Cannot convert negative int")),
        false => vm.arg_u64(&n),
    }
}

fn byte(vm: &Vm, v: &Value, name: &str, low: i32) -> PyResult<u8> {
    match vm.arg_i32(v)? {
        n if (low..256).contains(&n) => Ok(n as u8),
        _ => Err(vm.value_error(&format!("{name} must be between {low} and 255"))),
    }
}

impl Params {
    fn set(&mut self, vm: &Vm, name: &str, v: &Value, sizes: &Sizes) -> PyResult<bool> {
        let max = sizes.digest;
        match name {
            "digest_size" => {
                let n = vm.arg_i32(v)?;
                if n < 1 || n as usize > max {
                    let title = sizes.title;
                    let text = format!("digest_size for {title} must be between 1 and {max} bytes, here it is {n}");
                    return Err(vm.value_error(&text));
                }
                self.digest = n as usize;
            }
            "key" => self.key = bytes_up_to(vm, v, max, "key")?,
            "salt" => self.salt = bytes_up_to(vm, v, sizes.salt, "salt")?,
            "person" => self.person = bytes_up_to(vm, v, sizes.salt, "person")?,
            "fanout" => self.fanout = byte(vm, v, "fanout", 0)?,
            "depth" => self.depth = byte(vm, v, "depth", 1)?,
            "leaf_size" => {
                let n = unsigned(vm, v)?;
                self.leaf_size = u32::try_from(n).map_err(|_| vm.overflow_error("leaf_size is too large"))?;
            }
            "node_offset" => {
                self.node_offset = unsigned(vm, v)?;
                if sizes.offset_bits < 64 && self.node_offset >> sizes.offset_bits != 0 {
                    return Err(vm.overflow_error("node_offset is too large"));
                }
            }
            "node_depth" => self.node_depth = byte(vm, v, "node_depth", 0)?,
            "inner_size" => match vm.arg_i32(v)? {
                n if n >= 0 && n as usize <= max => self.inner_size = n as usize,
                _ => return Err(vm.value_error(&format!("inner_size must be between 0 and is {max}"))),
            },
            "last_node" => self.last_node = vm.truthy(v)?,
            "usedforsecurity" => drop(vm.truthy(v)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn blake2b(&self) -> State {
        let mut p = blake2b_simd::Params::new();
        p.hash_length(self.digest)
            .key(&self.key)
            .salt(&self.salt)
            .personal(&self.person)
            .fanout(self.fanout)
            .max_depth(self.depth)
            .max_leaf_length(self.leaf_size)
            .node_offset(self.node_offset)
            .node_depth(self.node_depth)
            .inner_hash_length(self.inner_size)
            .last_node(self.last_node);
        State::Blake2b(p.to_state(), self.digest)
    }

    fn blake2s(&self) -> State {
        let mut p = blake2s_simd::Params::new();
        p.hash_length(self.digest)
            .key(&self.key)
            .salt(&self.salt)
            .personal(&self.person)
            .fanout(self.fanout)
            .max_depth(self.depth)
            .max_leaf_length(self.leaf_size)
            .node_offset(self.node_offset)
            .node_depth(self.node_depth)
            .inner_hash_length(self.inner_size)
            .last_node(self.last_node);
        State::Blake2s(p.to_state(), self.digest)
    }
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>, sizes: &Sizes) -> PyResult {
    let name = ty.name();
    if args.pos().len() > 1 {
        let n = args.pos().len();
        return Err(vm.type_error(&format!("{name}() takes at most 1 positional argument ({n} given)")));
    }
    let mut params = Params {
        digest: sizes.digest,
        key: Vec::new(),
        salt: Vec::new(),
        person: Vec::new(),
        fanout: 1,
        depth: 1,
        leaf_size: 0,
        node_offset: 0,
        node_depth: 0,
        inner_size: 0,
        last_node: false,
    };
    let (mut data, mut string) = (args.pos().first(), None);
    for (key, v) in args.named() {
        match key.downcast::<Str>().map_or("", Str::as_str_lossy) {
            "data" if data.is_some() => {
                return Err(vm.type_error(&format!("argument for {name}() given by name ('data') and position (1)")));
            }
            "data" => data = Some(v),
            "string" => string = Some(v).filter(|v| !v.is_none()),
            other => {
                if !params.set(vm, other, v, sizes)? {
                    return Err(vm.type_error(&format!("{name}() got an unexpected keyword argument '{other}'")));
                }
            }
        }
    }
    let data = input(vm, data, string)?;
    let state = if sizes.offset_bits == 64 { params.blake2b() } else { params.blake2s() };
    let made = vm.alloc(ty, Hash::new(state));
    if let (Some(hash), Some(data)) = (made.downcast::<Hash>(), data) {
        hash.update(vm, data)?;
    }
    Ok(made)
}
