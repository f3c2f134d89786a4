//! The second pass: what was found becomes immutable. It cannot fail.
#![expect(unsafe_code, reason = "objects by address")]

use super::function::Plan;
use super::graph::{Graph, Resource};
use super::walk::{Freezing, Walk};
use crate::error::PyResult;
use crate::object::{Header, Kind, flag};
use crate::shape::Shape;
use crate::types::builtin::Builtin;
use crate::types::bytearray::ByteArray;
use crate::types::bytes::Bytes;
use crate::types::code::CodeObj;
use crate::types::dict::Dict;
use crate::types::frame::FrameObj;
use crate::types::function::Function;
use crate::types::generator::Generator;
use crate::types::list::List;
use crate::types::module::Module;
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::typeobj::{TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

/// What the pass collects.
struct Seal<'v> {
    vm: &'v Vm,
    id: u32,
    resources: Vec<Resource>,
    /// Shapes of instances, and those that stand for them from now on.
    shapes: HashMap<*const Shape, Box<Shape>>,
    /// Identities of copies of an origin's objects.
    identities: HashMap<usize, u64>,
}

/// Freezes what a walk has found.
pub(super) fn seal(vm: &Vm, mut walk: Walk<'_>) -> PyResult<()> {
    let Some(id) = vm.image().next_graph() else { return Err(vm.memory_error()) };
    let memory = vm.heap().frozen_keeper();
    let plans = std::mem::take(&mut walk.plans);
    let any = !plans.is_empty();
    plans.into_iter().for_each(|plan| seal_function(vm, plan));
    if any {
        redirect(vm);
    }
    let mut seal = Seal { vm, id, resources: Vec::new(), shapes: HashMap::new(), identities: HashMap::new() };
    for i in 0..walk.found.len() as u32 {
        seal.object(walk.header(i));
    }
    let graph = Graph {
        id,
        image: vm.image(),
        n_objects: walk.found.len(),
        resources: seal.resources,
        _shapes: seal.shapes.into_values().collect(),
        memory,
        _older: std::mem::take(&mut walk.older).into_values().collect(),
        _commons: std::mem::take(&mut walk.commons).into_values().collect(),
        _origin: vm.origin_handle(),
        identities: seal.identities,
    };
    vm.known_graphs().add(Arc::new(graph));
    Ok(())
}

impl Seal<'_> {
    fn object(&mut self, h: &Header) {
        let heap = self.vm.heap();
        // SAFETY: the kind says what the payload is; objects of the walk belong to this heap, and so does their storage.
        unsafe {
            match h.kind() {
                Kind::Str => drop(h.payload_unchecked::<Str>().hash(self.vm)),
                Kind::Bytes => drop(h.payload_unchecked::<Bytes>().hash(self.vm)),
                Kind::List => {
                    let list = h.payload_unchecked::<List>();
                    heap.keep_storage(list.with(|items| items.as_ptr().addr()), list.capacity() * 8);
                    list.seal();
                }
                Kind::ByteArray => {
                    let array = h.payload_unchecked::<ByteArray>();
                    heap.keep_storage(array.peek().as_ptr().addr(), array.capacity());
                }
                Kind::Dict => {
                    let dict = h.payload_unchecked::<Dict>();
                    dict.freeze(self.vm.image().next_frozen_dict_version());
                    dict.each_storage(&mut |at, bytes| heap.keep_storage(at, bytes));
                }
                Kind::Set => {
                    let set = h.payload_unchecked::<Set>();
                    set.seal();
                    let (at, bytes) = set.storage();
                    heap.keep_storage(at, bytes);
                }
                Kind::Builtin => {
                    let b = h.payload_unchecked::<Builtin>();
                    if b.self_value.as_ref().is_some_and(|v| v.is_a::<Module>())
                        && let Some(module) = b.self_value.replace(None)
                    {
                        self.vm.twins().keep(module);
                    }
                }
                Kind::Type => h.payload_unchecked::<TypeObj>().freeze(self.vm),
                Kind::Native => self.native(h),
                _ => {}
            }
            self.attributes(h);
            self.resource(h);
            heap.keep_object(h);
        }
        if h.has(flag::COPY) {
            self.identities.insert(ptr::from_ref(h).addr(), self.vm.identity_of(h));
        }
        if h.has(flag::SENT) {
            self.vm.commons().forget(h);
        }
        h.unset(flag::INTERNED | flag::GC_CANDIDATE);
        h.set(flag::FROZEN);
        h.immortalize_in(self.id);
    }

    fn native(&self, h: &Header) {
        if let Some(Freezing::After(f)) = h.ty().definition().map(|d| d.freezing) {
            // SAFETY: alive.
            f(self.vm, &unsafe { Value::from_header(h) });
        }
    }

    /// Gives an instance a shape that no cache knows, so that stores ask.
    fn attributes(&mut self, h: &Header) {
        let Some(attrs) = h.attrs() else { return };
        if attrs.shape.get().is_null() || attrs.shape().is_dict_mode() {
            return;
        }
        // SAFETY: the overflow slots are storage of this heap.
        unsafe { self.vm.heap().keep_storage(attrs.overflow().addr(), attrs.overflow_bytes()) };
        let shape = attrs.shape();
        let twin = self.shapes.entry(ptr::from_ref(shape)).or_insert_with(|| shape.frozen_twin());
        attrs.shape.set(&**twin);
    }

    fn resource(&mut self, h: &Header) {
        let at = ptr::from_ref(h).cast_mut();
        if h.kind() == Kind::Type {
            self.resources.push(Resource::Class(at));
        } else if h.has(flag::EXTERNAL) {
            self.resources.push(Resource::External(at));
        } else if h.ty().has(tflag::RESOURCE) {
            self.resources.push(Resource::Payload(at, h.ty().drop_fn));
        }
    }
}

/// Puts the function's frozen fields in the place of what it had, which its interpreter's twin of it takes over.
fn seal_function(vm: &Vm, plan: Plan) {
    let (Some(f), Some(made)) = (plan.func.downcast::<Function>(), plan.made) else { return };
    let own_globals = match (&made.named, made.own_globals) {
        (Some(_), _) => (*f.globals).clone(),
        (None, Some(own)) => {
            vm.freeze_view(&own);
            own
        }
        (None, None) => made.globals.clone(),
    };
    let twin = f.copy_with(vm, own_globals);
    f.doc.set(f.doc_value());
    if let Some(code) = made.code.downcast::<CodeObj>() {
        f.code_ptr.set(code);
    }
    let named = made.named.is_some();
    let old_code = f.code.replace(Some(made.code));
    let old_codes = f.old_codes.replace(made.named);
    if named {
        for cell in [&f.defaults, &f.kwdefaults, &f.annotations, &f.annotate, &f.type_params] {
            drop(cell.take());
        }
    }
    // SAFETY: the twins keep what was there.
    unsafe {
        vm.twins().keep(f.globals.replace(made.globals));
        vm.twins().keep(f.builtins.replace(vm.image().builtins().clone()));
        if let Some(old) = f.closure.replace(made.closure) {
            vm.twins().keep(old);
        }
    }
    old_code.into_iter().chain(old_codes).for_each(|v| vm.twins().keep(v));
    vm.twins().add(f, twin);
}

/// Calls under way, suspended generators and frame objects go on with the twins of functions that are frozen now.
fn redirect(vm: &Vm) {
    vm.each_thread(|ts| {
        let mut f = ts.frame.get();
        // SAFETY: frames below a thread's running one are alive, and so are their functions.
        while let Some(frame) = unsafe { f.as_mut() } {
            if let Some(twin) = vm.twins().of(frame.func()) {
                frame.func = twin;
            }
            f = frame.prev;
        }
    });
    let mut waiting: Vec<Value> = Vec::new();
    vm.heap().each_object(&mut |h| {
        if matches!(h.kind(), Kind::Generator | Kind::Frame)
            && !h.has(flag::DYING)
            && h.ref_count().is_some_and(|n| n > 0)
        {
            // SAFETY: alive.
            waiting.push(unsafe { Value::from_header(h) });
        }
    });
    for v in waiting {
        if let Some(g) = v.downcast::<Generator>()
            && let Some(twin) = vm.twins().of(g.function())
        {
            g.redirect(vm, twin);
        } else if let Some(f) = v.downcast::<FrameObj>()
            && let Some(twin) = vm.twins().of(f.func())
        {
            f.redirect(vm, twin);
        }
    }
}

impl Function {
    /// A function of this interpreter with the same parts.
    fn copy_with(&self, vm: &Vm, globals: Value) -> Value {
        use super::Fixed;
        use crate::cell::VCell;
        let copy = |cell: &VCell| VCell::from(cell.get());
        let made = Function {
            code_ptr: Cell::new(self.code_ptr.get()),
            code: copy(&self.code),
            globals: Fixed::new(globals),
            builtins: Fixed::new((*self.builtins).clone()),
            closure: Fixed::new((*self.closure).clone()),
            defaults: copy(&self.defaults),
            kwdefaults: copy(&self.kwdefaults),
            name: copy(&self.name),
            qualname: copy(&self.qualname),
            doc: copy(&self.doc),
            module: copy(&self.module),
            annotations: copy(&self.annotations),
            annotate: copy(&self.annotate),
            type_params: copy(&self.type_params),
            old_codes: copy(&self.old_codes),
        };
        vm.alloc(vm.types().function, made)
    }
}

impl TypeObj {
    /// Nobody writes the class from now on: its version is one that no other class of the process has, and there are no more
    /// shapes than there are now.
    fn freeze(&self, vm: &Vm) {
        if self.root_shape.get().is_null() {
            self.root_shape.set(self.shapes.root(self, self.inline_cap.get()));
        }
        self.shapes.seal(self);
        let version = if self.has(tflag::UNCACHED) { 0 } else { vm.image().next_frozen_type_version() };
        if version == 0 {
            self.flags.set(self.flags.get() | tflag::UNCACHED);
        }
        self.version.set(version);
    }
}
