//! The first pass: everything a value refers to, or what of it cannot be frozen.
//!
//! Objects that were found carry the collector's mark `GC_CANDIDATE` meanwhile; no collection can run.
//!
//! Invariant: no Python code runs and nothing that programs can see changes before the pass is through.
#![expect(unsafe_code, reason = "objects by address")]

use super::function::Plan;
use super::graph::Graph;
use super::path;
use crate::common;
use crate::error::PyResult;
use crate::instance;
use crate::object::{Header, Kind, flag};
use crate::types::builtin::Builtin;
use crate::types::bytearray::ByteArray;
use crate::types::code::CodeObj;
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;
use std::sync::Arc;

/// Whether objects of a native type can be frozen.
#[derive(Clone, Copy)]
pub(crate) enum Freezing {
    /// They have state of their own that changes.
    Refused,
    /// They never change once they are made, and what they own may be dropped by any thread.
    Plain,
    /// As `Plain`, after this has been called.
    After(fn(&Vm, &Value)),
}

/// An object that was found, and by which object: its number among those found.
pub(super) struct Found {
    pub(super) at: *const Header,
    pub(super) from: u32,
}

/// No object: where the root is from.
pub(super) const NOBODY: u32 = u32::MAX;

/// The object of that number cannot be frozen.
pub(super) struct Refusal(pub(super) u32);

/// What the first pass knows.
pub(super) struct Walk<'v> {
    pub(super) vm: &'v Vm,
    pub(super) found: Vec<Found>,
    pub(super) plans: Vec<Plan>,
    /// Graphs that this one refers to.
    pub(super) older: HashMap<u32, Arc<Graph>>,
    /// Graphs of common objects that it refers to.
    pub(super) commons: HashMap<usize, Arc<common::Graph>>,
    /// Cells that stand for others: word of the old one, new one.
    pub(super) cells: Vec<(u64, Value)>,
    /// Objects made on the way, which nobody else holds.
    kept: Vec<Value>,
    texts: HashMap<Box<str>, Value>,
}

impl Drop for Walk<'_> {
    fn drop(&mut self) {
        for found in &self.found {
            // SAFETY: what was found is alive: the root holds it, or `kept` does.
            unsafe { (*found.at).unset(flag::GC_CANDIDATE) };
        }
    }
}

/// Goes over all that `root` refers to.
pub(super) fn walk<'v>(vm: &'v Vm, root: &Value) -> PyResult<Walk<'v>> {
    let mut walk = Walk {
        vm,
        found: Vec::new(),
        plans: Vec::new(),
        older: HashMap::new(),
        commons: HashMap::new(),
        cells: Vec::new(),
        kept: vec![root.clone()],
        texts: HashMap::new(),
    };
    walk.add(root, NOBODY);
    match walk.run() {
        Ok(()) => Ok(walk),
        Err(Refusal(at)) => {
            let message = path::refusal(&walk, at);
            drop(walk);
            Err(vm.type_error(&message))
        }
    }
}

impl Walk<'_> {
    fn run(&mut self) -> Result<(), Refusal> {
        let mut next = 0;
        loop {
            while next < self.found.len() {
                self.visit(next as u32)?;
                next += 1;
            }
            if self.plans.iter().all(|plan| plan.made.is_some()) {
                return Ok(());
            }
            self.make_parts();
        }
    }

    /// The object of a number.
    pub(super) fn header(&self, i: u32) -> &'static Header {
        // SAFETY: what was found stays alive until the graph is sealed, and for good afterwards.
        unsafe { &*self.found[i as usize].at }
    }

    fn visit(&mut self, i: u32) -> Result<(), Refusal> {
        let h = self.header(i);
        if !can_be_frozen(h) {
            return Err(Refusal(i));
        }
        let ty = h.ty();
        self.add(&ty.value(), i);
        match h.kind() {
            Kind::Function => {
                // SAFETY: alive.
                let func = unsafe { Value::from_header(h) };
                self.walk_function(&func, i)?;
            }
            Kind::Builtin => {
                // SAFETY: the kind says what the payload is.
                let b = unsafe { h.payload_unchecked::<Builtin>() };
                // The module of a module's function is found by its name.
                self.add_opt(b.self_value.as_ref().filter(|v| !v.is_a::<Module>()), i);
                self.add_opt(b.module.get().as_ref(), i);
            }
            kind => {
                if kind == Kind::Dict {
                    // SAFETY: the kind says what the payload begins with.
                    unsafe { h.payload_unchecked::<Dict>() }.make_own();
                }
                // SAFETY: the class of an object knows its layout.
                unsafe { (ty.traverse_fn)(h, &mut |v| self.add(v, i)) };
                if kind == Kind::Type {
                    // SAFETY: the kind says what the payload is.
                    let class = unsafe { h.payload_unchecked::<TypeObj>() };
                    class.shapes.each(&mut |shape| shape.names().iter().for_each(|name| self.add(name, i)));
                }
            }
        }
        if ty.n_members != 0 || ty.attrs_offset != 0 {
            instance::traverse_attrs(h, &mut |v| self.add(v, i));
        }
        Ok(())
    }

    /// The graph has this value, which object `from` refers to.
    pub(super) fn add(&mut self, value: &Value, from: u32) {
        let Some(h) = value.header() else { return };
        if h.is_immortal() {
            if h.is_common() {
                common::Graph::of(h)
                    .each(&mut |graph| drop(self.commons.insert(Arc::as_ptr(graph).addr(), graph.clone())));
                return;
            }
            let id = h.graph_id();
            if h.is_frozen()
                && let Some(graph) = self.vm.known_graphs().get(id)
            {
                self.older.insert(id, graph);
            }
        } else if !h.has(flag::GC_CANDIDATE) {
            h.set(flag::GC_CANDIDATE);
            self.found.push(Found { at: h, from });
        }
    }

    pub(super) fn add_opt(&mut self, value: Option<&Value>, from: u32) {
        if let Some(value) = value {
            self.add(value, from);
        }
    }

    /// Whether a value is part of the graph, as far as it is known.
    pub(super) fn is_found(&self, value: &Value) -> bool {
        value.header().is_some_and(|h| h.has(flag::GC_CANDIDATE))
    }

    /// Keeps an object that was made on the way.
    pub(super) fn keep(&mut self, value: Value) -> Value {
        self.kept.push(value.clone());
        value
    }

    /// A text of the graph's own: not the interpreter's interned one, which it goes on using.
    pub(super) fn text(&mut self, text: &str) -> Value {
        if let Some(found) = self.texts.get(text) {
            return found.clone();
        }
        let made = self.vm.fresh_str(text.as_bytes());
        self.texts.insert(text.into(), made.clone());
        self.keep(made)
    }

    /// From where objects are that stand in no field of another.
    pub(super) fn index_of_root(&self) -> u32 {
        0
    }
}

/// Whether an object can be made immutable, whatever it refers to.
fn can_be_frozen(h: &Header) -> bool {
    let ty = h.ty();
    if ty.has_finalizer() || h.has(flag::DYING) {
        return false;
    }
    match h.kind() {
        Kind::Instance
        | Kind::Type
        | Kind::Int
        | Kind::Float
        | Kind::Complex
        | Kind::Str
        | Kind::Bytes
        | Kind::Tuple
        | Kind::List
        | Kind::Dict
        | Kind::Set
        | Kind::Slice
        | Kind::Range
        | Kind::Function
        | Kind::Builtin
        | Kind::Method
        | Kind::MethodDescr
        | Kind::SlotWrapper
        | Kind::GetSet
        | Kind::Member
        | Kind::Property
        | Kind::ClassMethod
        | Kind::StaticMethod
        | Kind::Cell
        | Kind::MappingProxy => true,
        // SAFETY: the kind says what the payload is.
        Kind::ByteArray => unsafe { h.payload_unchecked::<ByteArray>() }.exports.get() == 0,
        // SAFETY: as above.
        Kind::Code => unsafe { h.payload_unchecked::<CodeObj>() }.is_frozen_code(),
        Kind::Native => ty.definition().is_some_and(|d| !matches!(d.freezing, Freezing::Refused)),
        Kind::MemoryView
        | Kind::Super
        | Kind::Frame
        | Kind::Traceback
        | Kind::Module
        | Kind::Generator
        | Kind::Exception
        | Kind::WeakRef
        | Kind::Iterator
        | Kind::DictView => false,
    }
}
