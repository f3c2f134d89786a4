//! `_lru_cache_wrapper`: what `functools.lru_cache` makes of a function.
//!
//! The cache is a dict in order of use: a hit moves to the end, the first one goes when it is full.

use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{CallArgs, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;

/// A function with a cache of its results.
pub struct LruCache {
    function: Value,
    cache: Value,
    info_type: Value,
    /// Separates positional from keyword arguments in keys.
    mark: Value,
    /// `None`: unlimited.
    max_size: Option<usize>,
    typed: bool,
    hits: Cell<usize>,
    misses: Cell<usize>,
}

serpens_vm::native_payload!(LruCache { function, cache, info_type, mark });

/// The type `functools._lru_cache_wrapper`.
pub static LRU_CACHE_WRAPPER: TypeDef = TypeDef::new::<LruCache>("_lru_cache_wrapper")
    .copied()
    .module("functools")
    .doc(
        "Create a cached callable that wraps another function.\n\nuser_function:      the function being cached\n\nmaxsize:  0         for \
         no caching\n          None      for unlimited cache size\n          n         for a bounded cache\n\ntyped:    False     cache f(3) \
         and f(3.0) as identical calls\n          True      cache f(3) and f(3.0) as distinct calls\n\ncache_info_type:    namedtuple \
         class with the fields:\n                        hits misses currsize maxsize\n",
    )
    .basetype()
    .gc()
    .flags(tflag::HAS_DICT | tflag::HAS_WEAKREF | tflag::METHOD_DESCRIPTOR)
    .slots(Slots {
        new: Some(new),
        call: Some(call),
        descr_get: Some(|vm, v, obj, _| {
            Ok(match obj.filter(|o| !o.is_none()) {
                Some(obj) => vm.bound_method(v.clone(), obj.clone()),
                None => v.clone(),
            })
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("cache_info", "($self, /)", |vm, a| {
            let c = a.this::<LruCache>();
            let max = c.max_size.map_or(Value::NONE, Value::from_usize);
            let args = [
                Value::from_usize(c.hits.get()),
                Value::from_usize(c.misses.get()),
                max,
                Value::from_usize(c.dict().len()),
            ];
            vm.call_pos(&c.info_type, &args)
        })
        .doc("Report cache statistics"),
        MethodDef::new("cache_clear", "($self, /)", |_, a| {
            let c = a.this::<LruCache>();
            c.hits.set(0);
            c.misses.set(0);
            c.dict().clear();
            Ok(Value::NONE)
        })
        .doc("Clear the cache and cache statistics"),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| vm.getattr(a.get(0), &vm.names().__qualname__)),
        MethodDef::new("__copy__", "($self, /)", |_, a| Ok(a.get(0).clone())),
        MethodDef::new("__deepcopy__", "($self, memo, /)", |_, a| Ok(a.get(0).clone())),
    ]);

fn this(v: &Value) -> &LruCache {
    v.downcast::<LruCache>().expect("the descriptor has checked the receiver")
}

impl LruCache {
    fn dict(&self) -> &Dict {
        self.cache.downcast::<Dict>().expect("made as a dict")
    }
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let names = ["user_function", "maxsize", "typed", "cache_info_type"];
    let [function, max_size, typed, info] = crate::data::bind(vm, args, "lru_cache", names, 4)?;
    let (Some(function), Some(max_size), Some(typed), Some(info)) = (function, max_size, typed, info) else {
        return Err(vm.type_error("lru_cache expected 4 arguments"));
    };
    if !vm.is_callable(function) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let max_size = match max_size {
        n if n.is_none() => None,
        n if vm.type_of(n).slots().index.is_some() => Some(vm.arg_isize(n)?.max(0) as usize),
        _ => return Err(vm.type_error("maxsize should be integer or None")),
    };
    let payload = LruCache {
        function: function.clone(),
        cache: vm.new_dict(),
        info_type: info.clone(),
        mark: vm.alloc_instance(vm.types().object),
        max_size,
        typed: vm.truthy(typed)?,
        hits: Cell::new(0),
        misses: Cell::new(0),
    };
    Ok(vm.alloc(ty, payload))
}

/// What the arguments are known by.
fn make_key(vm: &Vm, c: &LruCache, args: &CallArgs<'_>) -> Value {
    if let ([only], false) = (args.all(), c.typed)
        && args.n_named() == 0
        && (only.is_small_int() || vm.is_exact_str(only) || vm.is_exact(only, vm.types().int))
    {
        return only.clone();
    }
    let mut parts = args.pos().to_vec();
    if args.n_named() > 0 {
        parts.push(c.mark.clone());
        for (name, v) in args.named() {
            parts.push(name.clone());
            parts.push(v.clone());
        }
    }
    if c.typed {
        parts.extend(args.all().iter().map(|v| vm.type_of(v).value()));
    }
    vm.tuple(parts)
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let c = this(v);
    if c.max_size == Some(0) {
        c.misses.set(c.misses.get() + 1);
        return vm.call(&c.function, args);
    }
    let key = make_key(vm, c, args);
    let hash = vm.hash(&key)? as u64;
    let dict = c.dict();
    if let Some(found) = dict.get_hashed(vm, &key, hash)? {
        c.hits.set(c.hits.get() + 1);
        if c.max_size.is_some() {
            dict.move_to_end(vm, &key, true)?;
        }
        return Ok(found);
    }
    c.misses.set(c.misses.get() + 1);
    let result = vm.call(&c.function, args)?;
    let Some(max) = c.max_size else {
        dict.update_hashed(vm, key, hash, |_| Ok(result.clone()))?;
        return Ok(result);
    };
    // The call may have put the key there itself; then that one stays.
    if dict.get_hashed(vm, &key, hash)?.is_none() {
        let lost = if dict.len() >= max { dict.pop_first() } else { None };
        dict.update_hashed(vm, key, hash, |_| Ok(result.clone()))?;
        drop(lost);
    }
    Ok(result)
}
