//! The cycle collector: trial deletion over all container objects of a heap.
//!
//! Reference counts do most of the work; this finds what they cannot. From the count of every container the references
//! that other containers hold are taken away: what has some left is held from outside, and all it reaches lives. The
//! rest is garbage: its weak references are cleared, its finalisers run, and, unless that brought some of it back, its
//! fields are cleared so that the counts go to zero.
//!
//! While a collection counts, every candidate's count carries a bias, so that no count reaches zero by accident.
//!
//! Invariant: objects that are being released (flag `DYING`) or wait for it (count zero) are not looked into; what they
//! hold counts as held from outside.
#![expect(unsafe_code, reason = "walks objects by address and changes their counts")]

use crate::cell::VCell;
use crate::heap::FIRST_COLLECTION;
use crate::instance;
use crate::object::{Header, flag};
use crate::types::dict::Dict;
use crate::types::weakref::run_callbacks;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

const BIAS: u32 = 1 << 30;
/// Objects of a fresh machine.
const FRESH: usize = 2;

/// The collector's state and settings.
pub struct Collector {
    enabled: Cell<bool>,
    running: Cell<bool>,
    /// Live objects after the last collection.
    last_live: Cell<usize>,
    /// `gc.get_threshold()`, kept for programs that ask; zero in the first stops automatic collections.
    pub thresholds: Cell<[usize; 3]>,
    /// `gc.get_debug()`.
    pub debug: Cell<u32>,
    /// `gc.callbacks`, a list.
    pub callbacks: VCell,
    /// `gc.garbage`, a list.
    pub garbage: VCell,
    /// Collections, collected and uncollectable objects, for each generation that was asked for.
    pub stats: RefCell<[Stats; 3]>,
}

/// What `gc.get_stats()` says of a generation.
#[derive(Clone, Copy, Default, Debug)]
pub struct Stats {
    /// Collections.
    pub collections: usize,
    /// Objects collected.
    pub collected: usize,
}

impl Default for Collector {
    fn default() -> Collector {
        Collector {
            enabled: Cell::new(true),
            running: Cell::new(false),
            last_live: Cell::new(0),
            thresholds: Cell::new([DEFAULT_THRESHOLD, 10, 0]),
            debug: Cell::new(0),
            callbacks: VCell::empty(),
            garbage: VCell::empty(),
            stats: RefCell::default(),
        }
    }
}

impl Collector {
    /// Settings as those of another machine's.
    pub(crate) fn start_as(&self, other: &Collector) {
        self.enabled.set(other.enabled.get());
        self.thresholds.set(other.thresholds.get());
        self.debug.set(other.debug.get());
    }

    /// `gc.isenabled()`.
    pub fn is_enabled(&self) -> bool {
        self.enabled.get()
    }

    /// `gc.enable()` and `gc.disable()`.
    pub fn set_enabled(&self, on: bool) {
        self.enabled.set(on);
    }

    /// Live objects may grow by that many before the next collection.
    fn allowance(&self) -> usize {
        (self.last_live.get() / 4).max(FIRST_COLLECTION as usize)
    }
}

/// Whether the collector may look into an object.
fn is_candidate(h: &Header) -> bool {
    h.ty().is_gc() && !h.has(flag::DYING | flag::GC_FROZEN) && h.ref_count().is_some_and(|n| n > 0)
}

/// Calls `f` on every object that an object holds a reference to, its class included.
pub(crate) fn each_reference(h: &Header, f: &mut dyn FnMut(&Header)) {
    let ty = h.ty();
    f(Header::of(ty));
    let mut visit = |v: &Value| {
        if let Some(child) = v.header() {
            f(child);
        }
    };
    // SAFETY: the class of an object knows its layout.
    unsafe { (ty.traverse_fn)(h, &mut visit) };
    if ty.n_members != 0 || ty.attrs_offset != 0 {
        instance::traverse_attrs(h, &mut visit);
    }
}

/// Of the objects in `set` (all flagged `GC_CANDIDATE`), those that are not reachable from outside of it. `held` is how
/// many references to each the caller holds. Counts and flags are as before afterwards, `GC_CANDIDATE` included.
///
/// # Safety
/// The objects are alive and mortal, and nothing runs meanwhile.
unsafe fn unreachable(set: &[*const Header], held: u32) -> Vec<*const Header> {
    let of = |p: &*const Header| -> &'static Header {
        // SAFETY: the caller's promise.
        unsafe { &**p }
    };
    let count = |h: &Header| h.ref_count().unwrap_or(0);
    for p in set {
        let h = of(p);
        h.set_count(count(h) + BIAS);
    }
    for p in set {
        each_reference(of(p), &mut |child| {
            if child.has(flag::GC_CANDIDATE) {
                child.set_count(count(child) - 1);
            }
        });
    }
    let mut work: Vec<*const Header> = Vec::new();
    for p in set {
        let h = of(p);
        if count(h) > BIAS + held && !h.has(flag::GC_REACHABLE) {
            h.set(flag::GC_REACHABLE);
            work.push(*p);
            while let Some(p) = work.pop() {
                each_reference(of(&p), &mut |child| {
                    if child.has(flag::GC_CANDIDATE) && !child.has(flag::GC_REACHABLE) {
                        child.set(flag::GC_REACHABLE);
                        work.push(child);
                    }
                });
            }
        }
    }
    for p in set {
        each_reference(of(p), &mut |child| {
            if child.has(flag::GC_CANDIDATE) {
                child.set_count(count(child) + 1);
            }
        });
    }
    let mut garbage = Vec::new();
    for p in set {
        let h = of(p);
        h.set_count(count(h) - BIAS);
        if !h.has(flag::GC_REACHABLE) {
            garbage.push(*p);
        }
        h.unset(flag::GC_REACHABLE);
    }
    garbage
}

/// What `gc.get_threshold()` says at first.
const DEFAULT_THRESHOLD: usize = 2000;

impl Vm {
    /// Collects if enough objects were made since the last time. For safepoints: nothing may be half done.
    #[inline(always)]
    pub fn maybe_collect(&self) {
        if self.heap().wants_collection() {
            self.consider_collecting();
        }
    }

    #[cold]
    #[inline(never)]
    fn consider_collecting(&self) {
        let gc = &self.gc;
        let allowance = gc.allowance();
        let grown = self.heap().n_objects().saturating_sub(gc.last_live.get());
        if !gc.enabled.get() || gc.running.get() || gc.thresholds.get()[0] == 0 {
            self.heap().set_countdown(allowance as isize);
            return;
        }
        if grown < allowance {
            self.heap().set_countdown((allowance - grown).max(1000) as isize);
            return;
        }
        self.collect_generation(2);
    }

    /// Sets the thresholds. The first one, if it is less than usual, holds from now on until the next collection.
    pub fn set_gc_thresholds(&self, thresholds: [usize; 3]) {
        self.gc.thresholds.set(thresholds);
        if (1..DEFAULT_THRESHOLD).contains(&thresholds[0]) {
            self.gc.last_live.set(0);
            // The call that sets them has made an object or two already.
            self.heap().set_countdown(thresholds[0] as isize - 2);
        }
    }

    /// Takes all objects there are to have survived a collection, where what was made since the last one is known to stay.
    pub fn presume_live(&self) {
        let gc = &self.gc;
        if gc.enabled.get() && !gc.running.get() && gc.thresholds.get()[0] == DEFAULT_THRESHOLD {
            gc.last_live.set(self.heap().n_objects());
            self.heap().set_countdown(gc.allowance() as isize);
        }
    }

    /// Collects cyclic garbage; the number of unreachable objects found. Finalisers and weak references' callbacks run.
    pub fn collect_garbage(&self) -> usize {
        self.collect_generation(2)
    }

    /// As [`Vm::collect_garbage`], counted for generation `generation` in the statistics, with `gc.callbacks` called.
    pub fn collect_generation(&self, generation: usize) -> usize {
        if !self.has_thread() || self.gc.running.replace(true) {
            return 0;
        }
        if self.heap().n_objects() <= FRESH && !self.gc.callbacks.is_set() {
            // `builtins` and `sys.modules` of an interpreter that did nothing are no cycle.
            self.gc.stats.borrow_mut()[generation.min(2)].collections += 1;
            self.gc.running.set(false);
            return 0;
        }
        let pending = self.ts().save_pending();
        self.heap().note_peak();
        self.tell_callbacks("start", generation, 0);
        let n = self.collect_now();
        {
            let mut stats = self.gc.stats.borrow_mut();
            let stats = &mut stats[generation.min(2)];
            stats.collections += 1;
            stats.collected += n;
        }
        self.gc.last_live.set(self.heap().n_objects());
        self.heap().set_countdown(self.gc.allowance() as isize);
        self.tell_callbacks("stop", generation, n);
        self.hooks().collected(self, n);
        self.ts().restore_pending(pending);
        self.gc.running.set(false);
        n
    }

    fn collect_now(&self) -> usize {
        let mut all: Vec<*const Header> = Vec::new();
        self.heap().each_object(&mut |h| {
            if is_candidate(h) {
                h.set(flag::GC_CANDIDATE);
                all.push(h);
            }
        });
        // SAFETY: the objects were just found alive, and no Python code runs until the values below hold them.
        let found = unsafe { unreachable(&all, 0) };
        for p in &all {
            // SAFETY: as above.
            unsafe { (**p).unset(flag::GC_CANDIDATE) };
        }
        drop(all);
        if found.is_empty() {
            return 0;
        }
        // SAFETY: garbage is alive as long as nothing clears it.
        let garbage: Vec<Value> = found.iter().map(|p| unsafe { Value::from_header(&**p) }).collect();
        self.clear_weak_references(&garbage);
        let garbage = if self.run_finalizers(&garbage) { self.still_unreachable(garbage) } else { garbage };
        let n = garbage.len();
        for v in &garbage {
            if let Some(h) = v.header()
                && h.has(flag::WEAK)
            {
                drop(self.weak_table().clear_refs(h));
            }
        }
        for v in &garbage {
            clear(v);
        }
        n
    }

    /// Clears the weak references to garbage; the callbacks of those that are not garbage themselves are called.
    fn clear_weak_references(&self, garbage: &[Value]) {
        let mut callbacks = Vec::new();
        for v in garbage {
            v.header().expect("garbage is on the heap").set(flag::GC_CANDIDATE);
        }
        for v in garbage {
            if let Some(h) = v.header()
                && h.has(flag::WEAK)
            {
                callbacks.extend(self.weak_table().clear_refs(h));
            }
        }
        callbacks.retain(|(reference, _)| reference.header().is_some_and(|h| !h.has(flag::GC_CANDIDATE)));
        for v in garbage {
            v.header().expect("garbage is on the heap").unset(flag::GC_CANDIDATE);
        }
        run_callbacks(self, callbacks);
    }

    /// Runs the finalisers that have not run; whether there were any.
    fn run_finalizers(&self, garbage: &[Value]) -> bool {
        let mut any = false;
        for v in garbage {
            let h = v.header().expect("garbage is on the heap");
            if h.ty().has_finalizer() && !h.has(flag::FINALIZED) {
                h.set(flag::FINALIZED);
                any = true;
                self.run_finalizer(v);
            }
        }
        any
    }

    /// What finalisers did not bring back.
    fn still_unreachable(&self, garbage: Vec<Value>) -> Vec<Value> {
        let set: Vec<*const Header> = garbage.iter().filter_map(|v| v.header().map(|h| h as *const Header)).collect();
        for v in &garbage {
            v.header().expect("garbage is on the heap").set(flag::GC_CANDIDATE);
        }
        // SAFETY: `garbage` holds one reference to each.
        let found = unsafe { unreachable(&set, 1) };
        for v in &garbage {
            v.header().expect("garbage is on the heap").unset(flag::GC_CANDIDATE);
        }
        // SAFETY: `garbage` still holds them.
        found.iter().map(|p| unsafe { Value::from_header(&**p) }).collect()
    }

    fn tell_callbacks(&self, phase: &str, generation: usize, collected: usize) {
        let Some(list) = self.gc.callbacks.get() else { return };
        let callbacks = list.downcast::<crate::types::list::List>().map(|l| l.to_vec()).unwrap_or_default();
        for callback in callbacks {
            let info = self.new_dict();
            let d = info.downcast::<crate::types::dict::Dict>().expect("just made");
            d.set_name(self, "generation", Value::from_usize(generation));
            d.set_name(self, "collected", Value::from_usize(collected));
            d.set_name(self, "uncollectable", Value::from_usize(0));
            if self.call_pos(&callback, &[self.str(phase), info]).is_err() {
                let e = self.take_raised();
                self.hooks().unraisable(self, e, "Exception ignored while calling GC callback", &callback);
            }
        }
    }

    /// All container objects (`gc.get_objects()`).
    pub fn gc_objects(&self) -> Vec<Value> {
        let mut all: Vec<*const Header> = Vec::new();
        self.heap().each_object(&mut |h| {
            if is_candidate(h) {
                all.push(h);
            }
        });
        // SAFETY: just found alive.
        all.into_iter().map(|p| unsafe { Value::from_header(&*p) }).collect()
    }

    /// The containers that refer directly to one of `targets`.
    pub fn gc_referrers(&self, targets: &[Value]) -> Vec<Value> {
        let mut all: Vec<*const Header> = Vec::new();
        self.heap().each_object(&mut |h| {
            let mut refers = false;
            if is_candidate(h) {
                each_reference(h, &mut |child| {
                    refers |= targets.iter().any(|t| t.bits() == child as *const Header as u64);
                });
            }
            if refers {
                all.push(h);
            }
        });
        // SAFETY: just found alive.
        all.into_iter().map(|p| unsafe { Value::from_header(&*p) }).collect()
    }

    /// What `target` refers to directly, its class included where instances count it.
    pub fn gc_referents(&self, target: &Value) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        let Some(h) = target.header() else { return all };
        if !h.ty().is_gc() {
            return all;
        }
        let ty = h.ty();
        if !Header::of(ty).is_immortal() {
            all.push(ty.value());
        }
        // The dicts of native types are nobody's to change.
        let frozen = |v: &Value| v.header().is_some_and(|h| h.is_immortal() && h.kind() == crate::object::Kind::Dict);
        let mut visit = |v: &Value| {
            if !frozen(v) {
                all.push(v.clone());
            }
        };
        // SAFETY: the class of an object knows its layout.
        unsafe { (ty.traverse_fn)(h, &mut visit) };
        if ty.n_members != 0 || ty.attrs_offset != 0 {
            instance::traverse_attrs(h, &mut visit);
        }
        all
    }

    /// `gc.freeze()`: the containers that exist now are left alone by collections.
    pub fn gc_freeze(&self, frozen: bool) {
        self.heap().each_object(&mut |h| {
            if h.ty().is_gc() && !h.is_immortal() && !h.has(flag::DYING) {
                if frozen { h.set(flag::GC_FROZEN) } else { h.unset(flag::GC_FROZEN) }
            }
        });
    }

    /// `gc.get_freeze_count()`.
    pub fn gc_frozen(&self) -> usize {
        let mut n = 0;
        self.heap().each_object(&mut |h| n += h.has(flag::GC_FROZEN) as usize);
        n
    }
}

/// Drops what a piece of garbage holds.
fn clear(v: &Value) {
    let Some(h) = v.header() else { return };
    if h.is_frozen()
        && let Some(view) = v.downcast::<Dict>()
    {
        view.thaw();
    }
    let ty = h.ty();
    // SAFETY: the class of an object knows its layout.
    unsafe { (ty.clear_fn)(h) };
    if ty.n_members != 0 || ty.attrs_offset != 0 {
        instance::clear_attrs(h);
    }
}
