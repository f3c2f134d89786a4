//! Shapes (hidden classes): which attribute of an instance lies in which slot.
//!
//! Instances of a class that set the same attributes in the same order share a shape; setting a new attribute moves an
//! instance to the next shape. A shape belongs to one class and one number of inline slots, so that comparing shapes
//! checks both. An instance whose `__dict__` was asked for, or that lost an attribute, is in dict mode: its shape is the
//! class's dict-mode shape, and its first slot holds the dict.
//!
//! Invariant: shapes live as long as their class. They are written only by appending transitions.
#![expect(unsafe_code, reason = "shapes are reached by address")]

use crate::object::flag;
use crate::types::str::Str;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use std::cell::{Cell, RefCell, UnsafeCell};

/// Attributes an instance may have before it goes to dict mode.
pub const MAX_SLOTS: usize = 64;

/// The layout of an instance's attributes.
pub struct Shape {
    ty: *const TypeObj,
    /// Names in slot order.
    names: Box<[Value]>,
    inline_cap: u8,
    dict_mode: bool,
    /// (word of the interned name, next shape).
    next: RefCell<Vec<(u64, *const Shape)>>,
    /// Other interpreters look at it too (that of a frozen class or instance): they know the names by other words, and
    /// nobody writes it.
    foreign: Cell<bool>,
}

impl Shape {
    /// The class.
    #[inline(always)]
    pub fn ty(&self) -> &TypeObj {
        // SAFETY: a class owns its shapes.
        unsafe { &*self.ty }
    }

    /// Attribute names in slot order.
    pub fn names(&self) -> &[Value] {
        &self.names
    }

    /// Slots that lie in the instance itself.
    #[inline(always)]
    pub fn inline_cap(&self) -> usize {
        self.inline_cap as usize
    }

    /// Whether the attributes are in a dict.
    #[inline(always)]
    pub fn is_dict_mode(&self) -> bool {
        self.dict_mode
    }

    /// The slot of a name.
    #[inline]
    pub fn find(&self, name: &Value) -> Option<usize> {
        match self.names.iter().position(|n| n.is(name)) {
            None if !is_interned(name) || self.foreign.get() => self.find_equal(name),
            found => found,
        }
    }

    #[cold]
    fn find_equal(&self, name: &Value) -> Option<usize> {
        let text = name.downcast::<Str>()?.as_bytes();
        self.names.iter().position(|n| n.downcast::<Str>().is_some_and(|n| n.as_bytes() == text))
    }

    /// The shape with `name` appended; `None` when there are too many attributes.
    pub(crate) fn with(&self, name: &Value) -> Option<&Shape> {
        if self.foreign.get() {
            return self.known_with(name);
        }
        if let Some((_, shape)) = self.next.borrow().iter().find(|(bits, _)| *bits == name.bits()) {
            // SAFETY: shapes live as long as the class.
            return Some(unsafe { &**shape });
        }
        if self.names.len() >= MAX_SLOTS {
            return None;
        }
        let mut names = self.names.to_vec();
        names.push(name.clone());
        let shape = self.ty().shapes.add(Shape {
            ty: self.ty,
            names: names.into(),
            inline_cap: self.inline_cap,
            dict_mode: false,
            next: RefCell::default(),
            foreign: Cell::new(false),
        });
        self.next.borrow_mut().push((name.bits(), shape));
        // SAFETY: just added to the class's set.
        Some(unsafe { &*shape })
    }
}

impl Shape {
    /// The shape with `name` appended, if it was there when the class was frozen.
    fn known_with(&self, name: &Value) -> Option<&Shape> {
        // SAFETY: nobody writes the shapes of a frozen class.
        let next = unsafe { self.next.try_borrow_unguarded() }.ok()?;
        let text = name.downcast::<Str>()?.as_bytes();
        // SAFETY: shapes live as long as the class.
        let mut shapes = next.iter().map(|(_, shape)| unsafe { &**shape });
        shapes.find(|s| s.names.last().and_then(|n| n.downcast::<Str>()).is_some_and(|n| n.as_bytes() == text))
    }

    /// A shape of the same layout that no cache knows, for instances that nobody may change.
    pub(crate) fn frozen_twin(&self) -> Box<Shape> {
        Box::new(Shape {
            ty: self.ty,
            names: self.names.clone(),
            inline_cap: self.inline_cap,
            dict_mode: self.dict_mode,
            next: RefCell::default(),
            foreign: Cell::new(true),
        })
    }
}

/// Whether a text is the one that this interpreter has for its characters. Texts of parts of the image are not.
#[inline(always)]
pub(crate) fn is_interned(name: &Value) -> bool {
    name.header().is_some_and(|h| h.has(flag::INTERNED))
}

/// The shapes of a class.
#[derive(Default)]
pub struct ShapeSet {
    all: UnsafeCell<Vec<Box<Shape>>>,
    dict_mode: Cell<Option<*const Shape>>,
}

impl ShapeSet {
    fn add(&self, shape: Shape) -> *const Shape {
        // SAFETY: nobody holds a borrow of the vector; shapes themselves are boxed and do not move.
        let all = unsafe { &mut *self.all.get() };
        all.push(Box::new(shape));
        &**all.last().expect("just pushed")
    }

    /// The empty shape with that many inline slots, if there is one.
    pub(crate) fn find_root(&self, inline_cap: usize) -> Option<*const Shape> {
        // SAFETY: as in `add`.
        let all = unsafe { &*self.all.get() };
        let root = |s: &&Shape| s.names.is_empty() && !s.dict_mode && s.inline_cap() == inline_cap;
        all.iter().map(|s| &**s).find(root).map(|s| &raw const *s)
    }

    /// Calls `f` on every shape.
    pub(crate) fn each(&self, f: &mut dyn FnMut(&Shape)) {
        // SAFETY: `f` adds none.
        unsafe { (*self.all.get()).iter().for_each(|s| f(s)) };
    }

    /// The class is frozen: from now on there are these shapes and no others, and nobody writes them.
    pub(crate) fn seal(&self, ty: &TypeObj) {
        self.dict_mode(ty);
        self.each(&mut |shape| shape.foreign.set(true));
    }

    /// An empty shape with that many inline slots.
    pub(crate) fn root(&self, ty: &TypeObj, inline_cap: u8) -> *const Shape {
        self.add(Shape {
            ty,
            names: Box::default(),
            inline_cap,
            dict_mode: false,
            next: RefCell::default(),
            foreign: Cell::new(false),
        })
    }

    /// The shape of instances whose attributes are in a dict.
    pub(crate) fn dict_mode(&self, ty: &TypeObj) -> *const Shape {
        match self.dict_mode.get() {
            Some(shape) => shape,
            None => {
                let shape = self.add(Shape {
                    ty,
                    names: Box::default(),
                    inline_cap: 0,
                    dict_mode: true,
                    next: RefCell::default(),
                    foreign: Cell::new(false),
                });
                self.dict_mode.set(Some(shape));
                shape
            }
        }
    }
}
