//! Making type objects: from the definitions of native types, and from `class` statements.
#![expect(unsafe_code, reason = "types refer to each other by address")]

use super::dunder::{self, Dunder, WRAPPERS};
use super::{TypeDef, TypeObj, tflag};
use crate::cell::VCell;
use crate::error::PyResult;
use crate::heap::Heap;
use crate::native::{CallArgs, MethodKind};
use crate::object::{Header, Kind};
use crate::shape::ShapeSet;
use crate::types::dict::Dict;
use crate::types::slots::{BinOp, Slots};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, UnsafeCell};
use std::ptr;

impl TypeObj {
    /// A type object that knows its layout but has no name, dict or MRO yet.
    fn bare(def: &'static TypeDef) -> TypeObj {
        TypeObj {
            slots: UnsafeCell::new(def.slots.clone()),
            flags: Cell::new(def.flags),
            version: Cell::new(0),
            basicsize: def.basicsize,
            attrs_offset: if def.flags & tflag::HAS_DICT != 0 { def.basicsize } else { 0 },
            n_members: 0,
            kind: def.kind,
            native_id: (def.native_id)(),
            drop_fn: def.drop_fn,
            traverse_fn: def.traverse_fn,
            clear_fn: def.clear_fn,
            name: VCell::empty(),
            qualname: VCell::empty(),
            base: Cell::new(None),
            bases: VCell::empty(),
            mro: VCell::empty(),
            dict: VCell::empty(),
            root_shape: Cell::new(ptr::null()),
            shapes: ShapeSet::default(),
            inline_cap: Cell::new(0),
            def: Cell::new(Some(def)),
            dunders: Cell::new(0),
        }
    }

    /// Bare type objects for the image, one a definition; the second definition is that of `type`.
    pub(crate) fn raw_types(heap: &Heap, defs: &[&'static TypeDef]) -> Vec<&'static TypeObj> {
        let mut list: Vec<&'static TypeObj> = Vec::with_capacity(defs.len());
        let mut headers: Vec<&'static Header> = Vec::with_capacity(defs.len());
        // A type object needs a type to be made; this one is replaced below.
        let scratch = TypeObj::bare(defs[1]);
        for def in defs {
            let size = size_of::<Header>() + size_of::<TypeObj>();
            let header = heap.new_object(size, Kind::Type, &scratch);
            // SAFETY: the block has room for the payload; the image's heap is never freed.
            unsafe {
                let payload = header.add(1).cast::<TypeObj>().as_ptr();
                payload.write(TypeObj::bare(def));
                list.push(&*payload);
                headers.push(&*header.as_ptr());
            }
        }
        for header in headers {
            header.set_ty_ptr(list[1]);
        }
        list
    }

    /// `module.qualname`, without the module for builtins.
    pub fn full_name(&self, vm: &Vm) -> String {
        let qualname = match self.qualname.get() {
            Some(q) => q.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default(),
            None => self.name().to_string(),
        };
        match self.module_name(vm) {
            Some(m) if m != "builtins" => format!("{m}.{qualname}"),
            _ => qualname,
        }
    }

    /// The name as messages about native types show it (`module.name` for native types outside of builtins).
    pub fn display_name(&self, vm: &Vm) -> String {
        if self.is_heap() { self.name().to_string() } else { self.full_name(vm) }
    }

    /// `__module__` as text.
    pub fn module_name(&self, vm: &Vm) -> Option<String> {
        let m = self.dict().get_str(vm, &vm.names().__module__)?;
        Some(m.downcast::<Str>()?.to_string())
    }

    /// Last step for a type of the image: its version and, if instances have attributes, their (dict mode) shape. A class
    /// made as programs make them becomes one that refuses assignments.
    pub(crate) fn seal(&self, vm: &Vm) {
        if self.is_heap() {
            self.flags.set(self.flags.get() & !tflag::HEAP);
            self.def.set(None);
        }
        self.version.set(vm.next_type_version());
        if self.attrs_offset != 0 {
            self.root_shape.set(self.shapes.dict_mode(self));
        }
    }
}

impl Vm {
    /// Completes the types of the image.
    pub(crate) fn fill_core_types(&self, defs: &[&'static TypeDef], list: &[&'static TypeObj]) {
        let find = |def: &TypeDef| {
            let i = defs.iter().position(|d| ptr::eq(*d, def)).expect("bases of image types are image types");
            list[i]
        };
        for (i, def) in defs.iter().enumerate() {
            let base = match def.base {
                Some(base) => Some(find(base)),
                None if i == 0 => None,
                None => Some(list[0]),
            };
            list[i].base.set(base);
            list[i].dict.set(self.new_dict());
            list[i].name.set(self.intern(def.name));
            list[i].qualname.set(self.intern(def.name));
        }
        let mut done = vec![false; list.len()];
        fn fill(vm: &Vm, i: usize, defs: &[&'static TypeDef], list: &[&'static TypeObj], done: &mut [bool]) {
            if std::mem::replace(&mut done[i], true) {
                return;
            }
            if let Some(base) = list[i].base() {
                let b = list.iter().position(|t| t.is(base)).expect("a core type");
                fill(vm, b, defs, list, done);
            }
            if let Some(second) = defs[i].second_base {
                let b = defs.iter().position(|d| ptr::eq(*d, second)).expect("a core type");
                fill(vm, b, defs, list, done);
            }
            // SAFETY: the builder owns the type; nobody else sees it yet.
            unsafe { vm.fill_native_type(list[i], defs[i]) };
        }
        for i in 0..list.len() {
            fill(self, i, defs, list, &mut done);
        }
    }

    /// Makes the type object of a native type outside of the core. For the image's machine.
    pub(crate) fn make_native_type(&self, def: &'static TypeDef) -> Value {
        let base = match def.base {
            Some(base) => self.type_of_def(base),
            None => self.types().object,
        };
        let mut bare = TypeObj::bare(def);
        bare.base = Cell::new(Some(base));
        bare.dict = VCell::new(self.new_dict());
        bare.name = VCell::new(self.intern(def.name));
        bare.qualname = VCell::new(self.intern(def.name));
        let value = self.alloc(self.types().type_, bare);
        let ty = TypeObj::from_value(&value).expect("just made");
        // SAFETY: nobody else sees the type yet.
        unsafe { self.fill_native_type(ty, def) };
        ty.seal(self);
        value
    }

    /// Fills dict, MRO, inherited slots and flags of a native type whose base is complete.
    ///
    /// # Safety
    /// The type is not in use yet.
    unsafe fn fill_native_type(&self, ty: &TypeObj, def: &'static TypeDef) {
        let base = ty.base();
        let second = def.second_base.map(|second| self.type_of_def(second));
        let bases: Vec<Value> = base.iter().chain(&second).map(|b| b.value()).collect();
        let mut mro = vec![ty.value()];
        match (base, second) {
            (Some(_), Some(_)) => mro.extend(self.merge_mro(&bases).expect("the bases are consistent")),
            (Some(base), None) => mro.extend_from_slice(base.mro_slice()),
            (None, _) => {}
        }
        ty.bases.set(self.tuple(bases));
        ty.mro.set(self.tuple(mro));
        let own = def.slots.clone();
        let dict = ty.dict();
        let sequence = [Kind::Str, Kind::Bytes, Kind::ByteArray, Kind::Tuple, Kind::List].contains(&def.kind);
        for (id, (name, d, ..)) in WRAPPERS.iter().enumerate() {
            let only_sequence = matches!(d, Dunder::RBin(BinOp::Add)) && sequence;
            if dunder::is_defined(&own, *d) && !only_sequence && !matches!(d, Dunder::New) {
                if *d == Dunder::Hash && own.hash.is_some_and(is_unhashable) {
                    continue;
                }
                dict.set_name(self, name, self.slot_wrapper(id as u16, ty));
            }
        }
        if own.new.is_some() && def.flags & tflag::NO_NEW == 0 {
            dict.set_name(self, "__new__", self.native_new(ty));
        }
        if own.hash.is_none() && own.richcmp.is_some() || own.hash.is_some_and(is_unhashable) {
            dict.set_name(self, "__hash__", Value::NONE);
            // SAFETY: the caller's promise.
            unsafe { (*ty.slots.get()).hash = Some(dunder::unhashable) };
        }
        for method in def.methods {
            let value = match method.kind {
                MethodKind::Instance | MethodKind::Class => self.method_descr(method, ty),
                MethodKind::Static => self.static_builtin(method, ty),
            };
            dict.set_name(self, method.name, value);
        }
        for getset in def.getset {
            dict.set_name(self, getset.name, self.getset_descr(getset, ty));
        }
        let inherits_dict = ty.base().is_some_and(|b| b.has(tflag::HAS_DICT));
        if ty.has(tflag::HAS_DICT) && !inherits_dict && dict.get_str(self, &self.names().__dict__).is_none() {
            let descr = self.getset_descr(&super::methods::INSTANCE_DICT, ty);
            dict.set_str(self, &self.names().__dict__, descr);
        }
        for (name, make) in def.constants {
            if let Ok(value) = make(self) {
                dict.set_name(self, name, value);
            }
        }
        if !def.match_args.is_empty() {
            let names = def.match_args.iter().map(|n| self.intern(n)).collect();
            dict.set_name(self, "__match_args__", self.tuple(names));
        }
        if dict.get_name(self, "__doc__").is_none() {
            let doc = if def.doc.is_empty() { Value::NONE } else { self.str(def.doc) };
            dict.set_name(self, "__doc__", doc);
        }
        if def.module != "builtins" {
            dict.set_name(self, "__module__", self.intern(def.module));
        }
        if let Some(base) = base {
            let inherited = base.flags.get() & tflag::INHERITED;
            ty.flags.set(ty.flags.get() | inherited);
            // SAFETY: the caller's promise.
            unsafe {
                let slots = &mut *ty.slots.get();
                let hash = slots.hash;
                slots.inherit(base.slots());
                if own.richcmp.is_some() {
                    slots.hash = hash;
                }
                if def.flags & tflag::NO_NEW != 0 {
                    slots.new = None;
                }
            }
            self.add_subclass(base, ty);
        }
        if let Some(second) = second {
            self.add_subclass(second, ty);
        }
        ty.note_dunders(self);
        if ty.has(tflag::HAS_DICT) && ty.attrs_offset == 0 {
            // SAFETY: the caller's promise: the layout is still being decided.
            unsafe { (*(ty as *const TypeObj as *mut TypeObj)).attrs_offset = ty.basicsize };
        }
    }
}

fn is_unhashable(f: fn(&Vm, &Value) -> PyResult<i64>) -> bool {
    ptr::fn_addr_eq(f, dunder::unhashable as fn(&Vm, &Value) -> PyResult<i64>)
}

/// What a `class` statement decides before the type object is made.
struct Layout {
    base: Value,
    flags: u32,
    members: Vec<Value>,
    n_members: u32,
    add_dict: bool,
}

impl Vm {
    /// `type(name, bases, namespace, **kwargs)` for metaclass `meta` (already the most derived one).
    pub(crate) fn new_class(
        &self,
        meta: &TypeObj,
        name: &Value,
        bases: &Value,
        namespace: &Dict,
        kwargs: &CallArgs<'_>,
    ) -> PyResult {
        let object = self.types().object.value();
        let base_list: Vec<Value> = match bases.downcast::<Tuple>() {
            Some(t) if !t.is_empty() => t.as_slice().to_vec(),
            _ => vec![object],
        };
        let given =
            bases.downcast::<Tuple>().is_some_and(|t| !t.is_empty()) && self.is_exact(bases, self.types().tuple);
        let bases = if given { bases.clone() } else { self.tuple(base_list.clone()) };
        let base = self.best_base(&base_list)?;
        let dict = namespace.copy(self);
        let d = dict.downcast::<Dict>().expect("a copy of a dict");
        let layout = self.class_layout(name, &base, &base_list, d)?;
        let base_ty = TypeObj::from_value(&layout.base).expect("a type");
        let members_at = base_ty.basicsize + layout.n_members * 8;
        let has_dict = layout.add_dict || layout.flags & tflag::HAS_DICT != 0;
        let hint = self.static_attributes(d);
        let inherited_cap = base_ty.inline_cap.get();
        // SAFETY: the base is kept alive by `bases`.
        let base_static: &'static TypeObj = unsafe { base_ty.extend() };
        let ty = TypeObj {
            slots: UnsafeCell::new(Slots::EMPTY),
            flags: Cell::new(
                layout.flags | tflag::HEAP | tflag::BASETYPE | tflag::GC | if has_dict { tflag::HAS_DICT } else { 0 },
            ),
            version: Cell::new(if layout.flags & tflag::UNCACHED != 0 { 0 } else { self.next_type_version() }),
            basicsize: base_ty.basicsize,
            attrs_offset: if has_dict { members_at } else { 0 },
            n_members: layout.n_members,
            kind: base_ty.kind,
            native_id: base_ty.native_id,
            drop_fn: base_ty.drop_fn,
            traverse_fn: base_ty.traverse_fn,
            clear_fn: base_ty.clear_fn,
            name: VCell::new(self.intern_value(name)),
            qualname: VCell::new(self.intern_value(name)),
            base: Cell::new(Some(base_static)),
            bases: VCell::new(bases.clone()),
            mro: VCell::empty(),
            dict: VCell::new(dict.clone()),
            root_shape: Cell::new(ptr::null()),
            shapes: ShapeSet::default(),
            inline_cap: Cell::new((hint + inherited_cap as usize).clamp(2, 30) as u8),
            def: Cell::new(base_ty.def.get()),
            dunders: Cell::new(0),
        };
        let class = self.alloc(meta, ty);
        let ty = TypeObj::from_value(&class).expect("just made");
        for b in base_list.iter().filter_map(TypeObj::from_value) {
            self.add_subclass(b, ty);
        }
        // `__class__` is known in the methods that a metaclass's `mro()` may call.
        let class_cell = d.remove_str(self, &self.names().__classcell__);
        if let Some(c) = class_cell.as_ref().and_then(|c| c.downcast::<crate::types::cell::CellObj>()) {
            c.contents.set(class.clone());
        }
        self.set_mro(ty, &base_list)?;
        self.class_dict_defaults(ty, d, name)?;
        for (i, member) in layout.members.iter().enumerate() {
            let offset = base_ty.basicsize + (base_ty.n_members + i as u32) * 8;
            let mangled = self.mangle(name, member);
            d.set_str(self, &mangled, self.member_descr(mangled.clone(), ty, offset));
        }
        self.dict_and_weakref_attributes(ty, d, base_ty);
        ty.decide_slots(self);
        self.finish_class(ty, &class, d, class_cell, kwargs)?;
        Ok(class)
    }

    /// MRO by `mro()` of a metaclass that overrides it, or C3.
    fn set_mro(&self, ty: &TypeObj, bases: &[Value]) -> PyResult<()> {
        let class = ty.value();
        let mut mro = vec![class.clone()];
        mro.extend(self.merge_mro(bases)?);
        ty.mro.set(self.tuple(mro));
        let meta = self.type_of(&class);
        if !meta.is(self.types().type_)
            && let Some((owner, _)) = meta.lookup_where(self, &self.names().__mro__)
            && !owner.is(&self.types().type_.value())
        {
            return Ok(());
        }
        if !meta.is(self.types().type_)
            && let Some((owner, f)) = meta.lookup_where(self, &self.intern("mro"))
            && !owner.is(&self.types().type_.value())
        {
            let f = self.bind_descriptor(&f, Some(&class), &meta.value())?;
            let result = self.call_none(&f)?;
            let items = self.collect(&result)?;
            let solid = self.solid(ty);
            for item in &items {
                let Some(base) = TypeObj::from_value(item) else {
                    let t = self.type_of(item).name().to_string();
                    return Err(self.type_error(&format!("mro() returned a non-class ('{t}')")));
                };
                if !solid.is_subtype(self.solid(base)) {
                    let message = format!("mro() returned base with unsuitable layout ('{}')", base.name());
                    return Err(self.type_error(&message));
                }
            }
            let natural = ty.mro_slice();
            if items.iter().any(|item| !natural.iter().any(|t| t.is(item))) {
                ty.set_flags(tflag::UNCACHED);
                ty.version.set(0);
            }
            ty.mro.set(self.tuple(items));
        }
        Ok(())
    }

    /// Replaces the bases of a class (`__bases__ = ...`).
    pub(crate) fn set_bases(&self, ty: &TypeObj, bases: &Value) -> PyResult<()> {
        let list = bases.downcast::<Tuple>().map(|t| t.as_slice().to_vec()).unwrap_or_default();
        let best = self.best_base(&list)?;
        let new_base = TypeObj::from_value(&best).expect("a type");
        let old_base = ty.base().unwrap_or(self.types().object);
        if new_base.basicsize != old_base.basicsize
            || new_base.kind != ty.kind
            || new_base.n_members != old_base.n_members
        {
            return Err(self.type_error(&format!(
                "__bases__ assignment: '{}' object layout differs from '{}'",
                new_base.name(),
                old_base.name()
            )));
        }
        let (old_bases, old_mro) = (ty.bases.get_or_none(), ty.mro.get_or_none());
        ty.bases.set(bases.clone());
        let done = self.set_mro(ty, &list);
        if !ty.bases.get_or_none().is(bases) {
            // `mro()` has assigned other bases in the meantime: those hold.
            return done;
        }
        if let Err(e) = done {
            ty.bases.set(old_bases);
            ty.mro.set(old_mro);
            return Err(e);
        }
        if let Some(old) = old_bases.downcast::<Tuple>() {
            for b in old.as_slice().iter().filter_map(TypeObj::from_value) {
                self.remove_subclass(b, ty);
            }
        }
        // SAFETY: kept alive by `bases`.
        ty.base.set(Some(unsafe { new_base.extend() }));
        for b in list.iter().filter_map(TypeObj::from_value) {
            self.add_subclass(b, ty);
        }
        ty.modified(self);
        ty.decide_slots(self);
        for sub in self.subclasses(ty) {
            if let Some(sub) = TypeObj::from_value(&sub) {
                let bases = sub.bases.get_or_none();
                let list = bases.downcast::<Tuple>().map(|t| t.as_slice().to_vec()).unwrap_or_default();
                self.set_mro(sub, &list)?;
                sub.decide_slots(self);
            }
        }
        Ok(())
    }

    /// The base whose layout the class extends.
    fn best_base(&self, bases: &[Value]) -> PyResult {
        let mut winner: Option<&TypeObj> = None;
        for b in bases {
            let Some(b) = TypeObj::from_value(b) else {
                return Err(self.type_error("bases must be types"));
            };
            if !b.has(tflag::BASETYPE) {
                return Err(self.type_error(&format!("type '{}' is not an acceptable base type", b.full_name(self))));
            }
            match winner {
                None => winner = Some(b),
                Some(w) => {
                    let (sw, sb) = (self.solid(w), self.solid(b));
                    if sb.is_subtype(sw) {
                        if !sw.is(sb) {
                            winner = Some(b);
                        }
                    } else if !sw.is_subtype(sb) {
                        return Err(self.type_error("multiple bases have instance lay-out conflict"));
                    }
                }
            }
        }
        Ok(winner.unwrap_or(self.types().object).value())
    }

    /// The nearest base that decides the layout: payload or `__slots__` members.
    fn solid<'a>(&self, ty: &'a TypeObj) -> &'a TypeObj {
        let mut t = ty;
        while let Some(base) = t.base() {
            if !t.is_heap() && (t.basicsize != base.basicsize || t.kind != base.kind) {
                return t;
            }
            if t.is_heap() && t.n_members != base.n_members {
                return t;
            }
            t = base;
        }
        t
    }

    fn class_layout(&self, name: &Value, base: &Value, bases: &[Value], dict: &Dict) -> PyResult<Layout> {
        let base_ty = TypeObj::from_value(base).expect("a type");
        let mut flags = 0;
        for b in bases.iter().filter_map(TypeObj::from_value) {
            flags |= b.flags.get() & tflag::INHERITED & !(tflag::HAS_DICT | tflag::HAS_WEAKREF);
            flags |= b.flags.get() & (tflag::HAS_DICT | tflag::HAS_WEAKREF);
        }
        let mut layout =
            Layout { base: base.clone(), flags, members: Vec::new(), n_members: base_ty.n_members, add_dict: false };
        let Some(slots) = dict.get_str(self, &self.names().__slots__) else {
            // A class keeps its attributes in its own dict: a metaclass gives it no second one.
            layout.add_dict = base_ty.kind != Kind::Type;
            layout.flags |= tflag::HAS_WEAKREF;
            return Ok(layout);
        };
        let names = if slots.is_a::<Str>() { vec![slots.clone()] } else { self.collect(&slots)? };
        if !names.is_empty() && matches!(base_ty.kind, Kind::Int | Kind::Bytes | Kind::Tuple | Kind::Type) {
            let only_special =
                names.iter().all(|n| n.downcast::<Str>().is_some_and(|s| matches!(s.as_str_lossy(), "__dict__")));
            if !only_special {
                return Err(
                    self.type_error(&format!("nonempty __slots__ not supported for subtype of '{}'", base_ty.name()))
                );
            }
        }
        for n in names {
            let Some(text) = n.downcast::<Str>() else {
                let t = self.type_of(&n).name().to_string();
                return Err(self.type_error(&format!("__slots__ items must be strings, not '{t}'")));
            };
            match text.as_str_lossy() {
                "__dict__" => {
                    if layout.flags & tflag::HAS_DICT != 0 || layout.add_dict || base_ty.kind == Kind::Type {
                        return Err(self.type_error("__dict__ slot disallowed: we already got one"));
                    }
                    layout.add_dict = true;
                }
                "__weakref__" => {
                    if base_ty.has(tflag::HAS_WEAKREF) {
                        return Err(self.type_error("__weakref__ slot disallowed: we already got one"));
                    }
                    layout.flags |= tflag::HAS_WEAKREF;
                }
                _ if !text.is_identifier() => {
                    return Err(self.type_error("__slots__ must be identifiers"));
                }
                s => {
                    let interned = self.intern_value(&n);
                    let mangled = self.mangle(name, &interned);
                    if dict.get_str(self, &mangled).is_some() && s != "__qualname__" && s != "__classcell__" {
                        return Err(self.value_error(&format!("'{s}' in __slots__ conflicts with class variable")));
                    }
                    layout.members.push(interned);
                }
            }
        }
        layout.members.sort_by(|a, b| {
            let text = |v: &Value| v.downcast::<Str>().map(|s| s.as_bytes().to_vec());
            text(a).cmp(&text(b))
        });
        layout.n_members += layout.members.len() as u32;
        Ok(layout)
    }

    /// `__x` in class `C` is `_C__x`.
    fn mangle(&self, class: &Value, name: &Value) -> Value {
        let (Some(c), Some(n)) = (class.downcast::<Str>(), name.downcast::<Str>()) else { return name.clone() };
        let (c, n) = (c.to_string(), n.to_string());
        let stripped = c.trim_start_matches('_');
        if !n.starts_with("__") || n.ends_with("__") || n.contains('.') || stripped.is_empty() {
            return name.clone();
        }
        self.intern(&format!("_{stripped}{n}"))
    }

    /// How many attributes the class's methods set on `self`, as the compiler counted.
    fn static_attributes(&self, dict: &Dict) -> usize {
        dict.get_str(self, &self.names().__static_attributes__)
            .and_then(|t| t.downcast::<Tuple>().map(Tuple::len))
            .unwrap_or(0)
    }

    /// `__module__`, `__qualname__`, `__doc__`, implicit class and static methods.
    fn class_dict_defaults(&self, ty: &TypeObj, dict: &Dict, name: &Value) -> PyResult<()> {
        let n = self.names();
        if dict.get_str(self, &n.__module__).is_none()
            && let Some(globals) = self.frame_globals()
            && let Some(module) = globals.downcast::<Dict>().and_then(|g| g.get_str(self, &n.__name__))
        {
            dict.set_str(self, &n.__module__, module);
        }
        match dict.remove_str(self, &n.__qualname__) {
            Some(q) if q.is_a::<Str>() => ty.qualname.set(q),
            Some(q) => {
                let t = self.type_of(&q).name().to_string();
                return Err(self.type_error(&format!("type __qualname__ must be a str, not {t}")));
            }
            None => ty.qualname.set(name.clone()),
        }
        if dict.get_str(self, &n.__doc__).is_none() {
            dict.set_str(self, &n.__doc__, Value::NONE);
        }
        let is_function = |v: &Value| v.header().is_some_and(|h| h.kind() == Kind::Function);
        if let Some(f) = dict.get_str(self, &n.__new__)
            && is_function(&f)
        {
            dict.set_str(self, &n.__new__, self.staticmethod(f));
        }
        for special in [&n.__init_subclass__, &n.__class_getitem__] {
            if let Some(f) = dict.get_str(self, special)
                && is_function(&f)
            {
                dict.set_str(self, special, self.classmethod(f));
            }
        }
        if dict.get_str(self, &n.__eq__).is_some() && dict.get_str(self, &n.__hash__).is_none() {
            dict.set_str(self, &n.__hash__, Value::NONE);
        }
        Ok(())
    }

    /// `__dict__` and `__weakref__` descriptors of a class that introduces them.
    fn dict_and_weakref_attributes(&self, ty: &TypeObj, dict: &Dict, base: &TypeObj) {
        use super::methods::{INSTANCE_DICT, INSTANCE_WEAKREF};
        let n = self.names();
        if ty.has(tflag::HAS_DICT) && !base.has(tflag::HAS_DICT) && dict.get_str(self, &n.__dict__).is_none() {
            dict.set_str(self, &n.__dict__, self.getset_descr(&INSTANCE_DICT, ty));
        }
        if ty.has(tflag::HAS_WEAKREF) && !base.has(tflag::HAS_WEAKREF) && dict.get_str(self, &n.__weakref__).is_none() {
            dict.set_str(self, &n.__weakref__, self.getset_descr(&INSTANCE_WEAKREF, ty));
        }
    }

    /// `__classcell__`, `__set_name__` of the attributes, `__init_subclass__` of the parent.
    fn finish_class(
        &self,
        ty: &TypeObj,
        class: &Value,
        dict: &Dict,
        class_cell: Option<Value>,
        kwargs: &CallArgs<'_>,
    ) -> PyResult<()> {
        let n = self.names();
        if let Some(cell) = class_cell {
            match cell.downcast::<crate::types::cell::CellObj>() {
                Some(c) => c.contents.set(class.clone()),
                None => {
                    let t = self.type_of(&cell).name().to_string();
                    return Err(self.type_error(&format!("__classcell__ must be a nonlocal cell, not <class '{t}'>")));
                }
            }
        }
        if let Some(cell) = dict.remove_str(self, &n.__classdictcell__)
            && let Some(c) = cell.downcast::<crate::types::cell::CellObj>()
        {
            c.contents.put(ty.dict.get());
        }
        for (key, value) in self.named_attributes(dict) {
            let Some(f) = self.lookup_special(&value, &n.__set_name__)? else { continue };
            if let Err(e) = f.call(self, &value, &[class.clone(), key.clone()]) {
                let note = format!(
                    "Error calling __set_name__ on '{}' instance {} in '{}'",
                    self.type_of(&value).name(),
                    self.with_pending_saved(|vm| vm.repr_string(&key)).unwrap_or_default(),
                    ty.name()
                );
                self.add_note_to_pending(&note);
                return Err(e);
            }
        }
        let own = self.types().object.lookup(self, &n.__init_subclass__);
        let mut parents = ty.mro_slice().iter().skip(1).filter_map(TypeObj::from_value);
        let inherited = parents.find_map(|t| t.dict().get_str(self, &n.__init_subclass__));
        if kwargs.n_named() == 0 && inherited.zip(own).is_some_and(|(f, own)| f.is(&own)) {
            // That of `object` does nothing.
            return Ok(());
        }
        let sup = self.super_object(class, class);
        let init = self.getattr(&sup, &n.__init_subclass__)?;
        self.call(&init, &CallArgs::new(&kwargs.all()[kwargs.pos().len()..], kwargs.names()))?;
        Ok(())
    }

    /// The items of a class's dict whose values want to know their names.
    fn named_attributes(&self, dict: &Dict) -> Vec<(Value, Value)> {
        let wants = |(_, value): &(Value, Value)| {
            // Most attributes are functions.
            value.header().is_none_or(|h| h.kind() != Kind::Function)
                && self.type_of(value).lookup(self, &self.names().__set_name__).is_some()
        };
        (0..dict.n_entries()).filter_map(|i| dict.entry(i)).filter(wants).collect()
    }

    /// The most derived metaclass of the bases, starting from `meta`.
    pub(crate) fn metaclass_of(&self, meta: Value, bases: &[Value]) -> PyResult {
        let mut winner = meta;
        for b in bases {
            let t = self.type_of(b);
            let w = TypeObj::from_value(&winner).expect("a type");
            if w.is_subtype(t) {
                continue;
            }
            if t.is_subtype(w) {
                winner = t.value();
                continue;
            }
            return Err(self.type_error(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the \
                 metaclasses of all its bases",
            ));
        }
        Ok(winner)
    }

    /// `__build_class__(func, name, *bases, metaclass=None, **kwargs)`.
    pub fn build_class(&self, args: &CallArgs<'_>) -> PyResult {
        let n = self.names();
        let pos = args.pos();
        if pos.len() < 2 {
            return Err(self.type_error("__build_class__: not enough arguments"));
        }
        let (func, name) = (&pos[0], &pos[1]);
        if func.header().is_none_or(|h| h.kind() != Kind::Function) {
            return Err(self.type_error("__build_class__: func must be a function"));
        }
        if !name.is_a::<Str>() {
            return Err(self.type_error("__build_class__: name is not a string"));
        }
        let orig_bases = &pos[2..];
        let bases = self.resolve_bases(orig_bases)?;
        let mut kwargs: Vec<(Value, Value)> = args.named().map(|(k, v)| (k.clone(), v.clone())).collect();
        let explicit = kwargs.iter().position(|(k, _)| k.is(&n.metaclass)).map(|i| kwargs.remove(i).1);
        let meta = match explicit {
            Some(m) => m,
            None => match bases.first() {
                Some(b) => self.type_of(b).value(),
                None => self.types().type_.value(),
            },
        };
        let meta = if TypeObj::from_value(&meta).is_some() { self.metaclass_of(meta, &bases)? } else { meta };
        let bases_tuple = self.tuple(bases.clone());
        let names = self.tuple(kwargs.iter().map(|(k, _)| k.clone()).collect());
        let values: Vec<Value> = kwargs.into_iter().map(|(_, v)| v).collect();
        let call_with = |f: &Value, front: &[Value]| {
            let mut all = front.to_vec();
            all.extend_from_slice(&values);
            self.call(f, &CallArgs::new(&all, Some(&names).filter(|_| !values.is_empty())))
        };
        let prepare = match meta.is(&self.types().type_.value()) {
            // That of `type` makes a dict.
            true => None,
            false => self.getattr_opt(&meta, &n.__prepare__)?,
        };
        let namespace = match prepare {
            Some(prepare) => {
                let ns = call_with(&prepare, &[name.clone(), bases_tuple.clone()])?;
                if self.type_of(&ns).slots().getitem.is_none() {
                    let what = match TypeObj::from_value(&meta) {
                        Some(m) => m.name().to_string(),
                        None => "<metaclass>".to_string(),
                    };
                    return Err(self.type_error(&format!(
                        "{what}.__prepare__() must return a mapping, not {}",
                        self.type_of(&ns).name()
                    )));
                }
                ns
            }
            None => self.new_dict(),
        };
        let cell = self.run_class_body(func, &namespace)?;
        if bases.len() != orig_bases.len() || bases.iter().zip(orig_bases).any(|(a, b)| !a.is(b)) {
            self.set_item(&namespace, &n.__orig_bases__, &self.tuple_of(orig_bases))?;
        }
        let class = call_with(&meta, &[name.clone(), bases_tuple, namespace])?;
        if let Some(c) = cell.downcast::<crate::types::cell::CellObj>()
            && TypeObj::from_value(&class).is_some()
        {
            match c.contents.get() {
                None => {
                    return Err(self.runtime_error(&format!(
                        "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
                        self.repr_string(name)?,
                        self.repr_string(&class)?
                    )));
                }
                Some(v) if !v.is(&class) => {
                    return Err(self.type_error(&format!(
                        "__class__ set to {} defining {} as {}",
                        self.repr_string(&v)?,
                        self.repr_string(name)?,
                        self.repr_string(&class)?
                    )));
                }
                Some(_) => {}
            }
        }
        Ok(class)
    }

    /// Replaces bases that are no classes by what their `__mro_entries__` says.
    pub fn resolve_bases(&self, bases: &[Value]) -> PyResult<Vec<Value>> {
        let mut out = Vec::with_capacity(bases.len());
        let all = self.tuple_of(bases);
        for b in bases {
            if TypeObj::from_value(b).is_some() {
                out.push(b.clone());
                continue;
            }
            match self.getattr_opt(b, &self.names().__mro_entries__)? {
                None => out.push(b.clone()),
                Some(f) => {
                    let r = self.call_one(&f, &all)?;
                    match r.downcast::<Tuple>() {
                        Some(t) => out.extend_from_slice(t.as_slice()),
                        None => return Err(self.type_error("__mro_entries__ must return a tuple")),
                    }
                }
            }
        }
        Ok(out)
    }
}
