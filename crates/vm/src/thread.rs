//! [`ThreadState`]: what a thread needs to run Python code in one interpreter.
//!
//! It owns the value stack and the frames (both in chunks that never move), the pending exception, the chain of handled
//! exceptions, and the limits of recursion. It must know nothing of locks or of how threads are started.
//!
//! Invariant: above the window of the running frame no register holds a reference; dead temporaries hold none either.
//! Invariant: a thread state is used by the thread that holds the interpreter's lock.
#![expect(unsafe_code, reason = "frames and registers are reached by address")]

use crate::cell::VCell;
use crate::error::PyResult;
use crate::eval::frame::{Frame, fflag};
use crate::heap::{CHUNK, ChunkPool};
use crate::monitor::Tracing;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::sync::Arc;

/// Python's default recursion limit.
pub(crate) const DEFAULT_LIMIT: usize = 1000;
/// Words of the first chunk of the value stack, of which only what is touched costs memory.
const FIRST_WORDS: usize = 5 * 1024;
/// Words of the largest regular chunk.
const MAX_WORDS: usize = 1 << 16;
/// Frames of the first chunk: what the first words leave of a chunk of the pool.
const FIRST_FRAMES: usize = (CHUNK - FIRST_WORDS * 8) / size_of::<Frame>();
/// Native stack that must be left for a call from native code into Python code.
const RESERVE: usize = 192 << 10;

/// One level of the stack of handled exceptions: the thread has one, and each generator has its own.
pub struct ExcItem {
    /// The exception that is being handled.
    pub(crate) value: VCell,
    pub(crate) prev: Cell<*const ExcItem>,
}

impl Default for ExcItem {
    fn default() -> ExcItem {
        ExcItem { value: VCell::empty(), prev: Cell::new(ptr::null()) }
    }
}

struct FrameChunk {
    at: *mut Frame,
    len: usize,
    /// Frames in the chunks before.
    base_depth: usize,
    /// The memory, unless it is the first chunk.
    _own: Option<Box<[std::mem::MaybeUninit<Frame>]>>,
}

struct ValueChunk {
    at: *mut u64,
    len: usize,
    /// The memory, unless it is the first chunk.
    _own: Option<Box<[u64]>>,
}

/// The states of an interpreter's threads. Each takes itself off when it goes.
#[derive(Clone, Default)]
pub(crate) struct ThreadList(Rc<RefCell<Vec<*const ThreadState>>>);

impl ThreadList {
    pub(crate) fn list(&self) -> Vec<*const ThreadState> {
        self.0.borrow().clone()
    }
}

/// What a thread needs to run Python code.
pub struct ThreadState {
    pub(crate) frame: Cell<*mut Frame>,
    pub(crate) frame_end: Cell<*mut Frame>,
    pub(crate) stack_end: Cell<*mut u64>,
    exc_item: Cell<*const ExcItem>,
    base_item: ExcItem,
    pending: VCell,
    native_limit: Cell<usize>,
    native_top: Cell<usize>,
    recursion_limit: Cell<usize>,
    /// Where chunks come from; the first ones of values and of frames share one of the pool's.
    pool: Arc<ChunkPool>,
    first: Cell<Option<NonNull<u64>>>,
    values: RefCell<Vec<ValueChunk>>,
    n_values: Cell<usize>,
    frames: RefCell<Vec<FrameChunk>>,
    n_frames: Cell<usize>,
    /// `sys.set_asyncgen_hooks`: called when an asynchronous generator is first iterated.
    pub asyncgen_firstiter: VCell,
    /// `sys.set_asyncgen_hooks`: called when an asynchronous generator is about to be collected.
    pub asyncgen_finalizer: VCell,
    /// The current context (`contextvars`), once there is one.
    pub context: VCell,
    /// `sys.set_coroutine_origin_tracking_depth`.
    pub origin_depth: Cell<u32>,
    /// The exception that another thread throws into this one.
    pub async_exception: VCell,
    /// Trace and profile functions.
    pub tracing: Tracing,
    /// The operating system's id of the thread that runs on this state.
    ident: Cell<u64>,
    list: RefCell<Option<ThreadList>>,
}

/// The bounds of a thread's native stack, known to that thread.
#[derive(Clone, Copy)]
pub struct NativeStack {
    ident: u64,
    top: usize,
    limit: usize,
    confined: PhantomData<*const ()>,
}

/// Proof of a passed recursion check.
pub struct RecursionGuard(());

impl Drop for ThreadState {
    fn drop(&mut self) {
        if let Some(list) = self.list.take() {
            list.0.borrow_mut().retain(|ts| !ptr::eq(*ts, self));
        }
        if let Some(first) = self.first.get() {
            self.pool.give_stack(first, self.frame.get().is_null());
        }
    }
}

impl ThreadState {
    /// A thread state without frames. The box keeps its address. It has to adopt a native stack before it runs anything.
    pub fn new(pool: Arc<ChunkPool>) -> Box<ThreadState> {
        let ts = Box::new(ThreadState::empty(pool));
        ts.exc_item.set(&ts.base_item);
        ts
    }

    fn empty(pool: Arc<ChunkPool>) -> ThreadState {
        ThreadState {
            frame: Cell::new(ptr::null_mut()),
            frame_end: Cell::new(ptr::null_mut()),
            stack_end: Cell::new(ptr::null_mut()),
            exc_item: Cell::new(ptr::null()),
            base_item: ExcItem::default(),
            pending: VCell::empty(),
            native_limit: Cell::new(0),
            native_top: Cell::new(0),
            recursion_limit: Cell::new(DEFAULT_LIMIT),
            pool,
            first: Cell::new(None),
            values: RefCell::default(),
            n_values: Cell::new(0),
            frames: RefCell::default(),
            n_frames: Cell::new(0),
            asyncgen_firstiter: VCell::empty(),
            asyncgen_finalizer: VCell::empty(),
            context: VCell::empty(),
            origin_depth: Cell::new(0),
            async_exception: VCell::empty(),
            tracing: Tracing::default(),
            ident: Cell::new(0),
            list: RefCell::default(),
        }
    }

    /// Measures the native stack of the calling thread, on which this state is to run.
    pub fn adopt_native_stack(&self) {
        // SAFETY: it has no preconditions.
        self.ident.set(unsafe { libc::pthread_self() } as u64);
        let here = &self as *const _ as usize;
        let size = native_stack_left(here);
        self.native_top.set(here);
        self.native_limit.set(here.saturating_sub(size.saturating_sub(RESERVE)));
    }

    /// The bounds of the native stack, for another state that is to run on this thread.
    pub fn native_stack(&self) -> NativeStack {
        NativeStack {
            ident: self.ident.get(),
            top: self.native_top.get(),
            limit: self.native_limit.get(),
            confined: PhantomData,
        }
    }

    /// As [`ThreadState::adopt_native_stack`], by what another state of this thread knows.
    pub fn set_native_stack(&self, stack: NativeStack) {
        self.ident.set(stack.ident);
        self.native_top.set(stack.top);
        self.native_limit.set(stack.limit);
    }

    /// The operating system's id of the thread that runs on this state.
    pub fn ident(&self) -> u64 {
        self.ident.get()
    }

    pub(crate) fn join(&self, list: &ThreadList) {
        if self.list.borrow().is_none() {
            list.0.borrow_mut().push(self);
            *self.list.borrow_mut() = Some(list.clone());
        }
    }

    // ---- the pending exception ----

    /// Makes `exception` the pending one.
    pub fn set_pending(&self, exception: Value) {
        self.pending.set(exception);
    }

    /// The pending exception.
    pub fn pending(&self) -> Option<Value> {
        self.pending.get()
    }

    /// Takes the pending exception.
    pub fn take_pending(&self) -> Option<Value> {
        self.pending.take()
    }

    /// Puts the pending exception aside.
    pub fn save_pending(&self) -> Option<Value> {
        self.pending.take()
    }

    /// Puts back what [`ThreadState::save_pending`] returned.
    pub fn restore_pending(&self, saved: Option<Value>) {
        self.pending.put(saved);
    }

    // ---- handled exceptions ----

    #[inline(always)]
    pub(crate) fn item(&self) -> &ExcItem {
        // SAFETY: items are pushed while their owner (this state, a running generator) is alive, and popped before.
        unsafe { &*self.exc_item.get() }
    }

    /// Makes `item` the topmost.
    ///
    /// # Safety
    /// The item stays at its address until it is popped.
    #[inline(always)]
    pub(crate) unsafe fn push_item(&self, item: &ExcItem) {
        item.prev.set(self.exc_item.get());
        self.exc_item.set(item);
    }

    #[inline(always)]
    pub(crate) fn pop_item(&self, item: &ExcItem) {
        self.exc_item.set(item.prev.replace(ptr::null()));
    }

    /// The exception being handled, as `sys.exception()` sees it.
    pub fn handled(&self) -> Option<Value> {
        let mut item: *const ExcItem = self.exc_item.get();
        while !item.is_null() {
            // SAFETY: as in `item`.
            let at = unsafe { &*item };
            if let Some(v) = at.value.get() {
                return Some(v);
            }
            item = at.prev.get();
        }
        None
    }

    // ---- recursion ----

    /// `sys.getrecursionlimit()`.
    pub fn recursion_limit(&self) -> usize {
        self.recursion_limit.get()
    }

    /// `sys.setrecursionlimit()`; the caller checks it against [`ThreadState::depth`].
    pub fn set_recursion_limit(&self, limit: usize) {
        self.recursion_limit.set(limit.max(1));
        if self.n_frames.get() > 0 {
            self.set_frame_end();
        }
    }

    /// Number of frames.
    pub fn depth(&self) -> usize {
        let frame = self.frame.get();
        if frame.is_null() {
            return 0;
        }
        let chunks = self.frames.borrow();
        let chunk = &chunks[self.n_frames.get() - 1];
        chunk.base_depth + (frame as usize - chunk.at as usize) / size_of::<Frame>() + 1
    }

    /// Whether enough native stack is left.
    #[inline(always)]
    pub(crate) fn native_stack_ok(&self) -> bool {
        let marker = 0u8;
        (&marker as *const u8 as usize) > self.native_limit.get()
    }

    // ---- chunks ----

    fn set_frame_end(&self) {
        let chunks = self.frames.borrow();
        let chunk = &chunks[self.n_frames.get() - 1];
        let room = self.recursion_limit.get().saturating_sub(chunk.base_depth).min(chunk.len);
        // SAFETY: within the chunk or one past its end.
        self.frame_end.set(unsafe { chunk.at.add(room) });
    }

    /// Where a window above everything that is live may begin.
    #[inline(always)]
    pub(crate) fn top(&self) -> *mut u64 {
        let f = self.frame.get();
        if f.is_null() {
            return ptr::null_mut();
        }
        // SAFETY: the running frame is valid, and its window has `n_regs` registers.
        unsafe { (*f).regs.add((*(*f).code).n_regs as usize) }
    }

    /// Room for a frame whose window begins at `base` (null: anywhere) and holds `n_args` words that matter. Returns the
    /// frame, uninitialised, the window, and the flags that say which chunks were begun for it.
    #[inline(always)]
    pub(crate) fn reserve(
        &self,
        vm: &Vm,
        base: *mut u64,
        n_args: usize,
        n_regs: usize,
    ) -> PyResult<(*mut Frame, *mut u64, u32)> {
        // SAFETY: the address is only compared.
        let next = self.frame.get().wrapping_add(1);
        let fits = !base.is_null() && base.wrapping_add(n_regs) <= self.stack_end.get();
        // After chunks were dropped down to, the current end may lie below the frame: hence no equality test.
        if fits && !self.frame.get().is_null() && next < self.frame_end.get() {
            return Ok((next, base, 0));
        }
        self.reserve_slow(vm, base, n_args, n_regs)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn reserve_slow(
        &self,
        vm: &Vm,
        base: *mut u64,
        n_args: usize,
        n_regs: usize,
    ) -> PyResult<(*mut Frame, *mut u64, u32)> {
        let mut flags = 0;
        let mut next = self.frame.get().wrapping_add(1);
        if self.frame.get().is_null() || next >= self.frame_end.get() {
            if self.depth() >= self.recursion_limit.get() {
                return Err(vm.recursion_error("maximum recursion depth exceeded"));
            }
            next = self.push_frame_chunk();
            flags |= fflag::FRAME_CHUNK;
        }
        let mut window = base;
        if base.is_null() || base.wrapping_add(n_regs) > self.stack_end.get() {
            window = self.push_value_chunk(n_regs);
            flags |= fflag::VALUE_CHUNK;
            // SAFETY: the words move; registers above the live ones must hold no references.
            unsafe {
                if n_args > 0 {
                    ptr::copy_nonoverlapping(base, window, n_args);
                    ptr::write_bytes(base, 0, n_args);
                }
            }
        }
        Ok((next, window, flags))
    }

    /// The memory of the first chunks: words, then frames.
    fn first_chunk(&self) -> *mut u64 {
        let first = self.first.get().unwrap_or_else(|| self.pool.take_stack());
        self.first.set(Some(first));
        first.as_ptr()
    }

    fn push_frame_chunk(&self) -> *mut Frame {
        let depth = self.depth();
        let mut chunks = self.frames.borrow_mut();
        let n = self.n_frames.get();
        if chunks.len() == n {
            chunks.push(if n == 0 {
                // SAFETY: the frames lie behind the words, in the same chunk.
                let at = unsafe { self.first_chunk().add(FIRST_WORDS) }.cast();
                FrameChunk { at, len: FIRST_FRAMES, base_depth: depth, _own: None }
            } else {
                let mut own = Box::new_uninit_slice(1024);
                FrameChunk { at: own.as_mut_ptr().cast(), len: own.len(), base_depth: depth, _own: Some(own) }
            });
        }
        chunks[n].base_depth = depth;
        self.n_frames.set(n + 1);
        let at = chunks[n].at;
        drop(chunks);
        self.set_frame_end();
        at
    }

    fn push_value_chunk(&self, n_regs: usize) -> *mut u64 {
        let mut chunks = self.values.borrow_mut();
        let n = self.n_values.get();
        if chunks.len() > n && chunks[n].len < n_regs {
            chunks.truncate(n);
        }
        if chunks.len() == n {
            chunks.push(if n == 0 && n_regs <= FIRST_WORDS {
                ValueChunk { at: self.first_chunk(), len: FIRST_WORDS, _own: None }
            } else {
                let words = (FIRST_WORDS << (2 * n).min(10)).min(MAX_WORDS).max(n_regs + 64);
                let mut own = vec![0; words].into_boxed_slice();
                ValueChunk { at: own.as_mut_ptr(), len: words, _own: Some(own) }
            });
        }
        self.n_values.set(n + 1);
        let chunk = &chunks[n];
        // SAFETY: one past the end of the chunk.
        self.stack_end.set(unsafe { chunk.at.add(chunk.len) });
        chunk.at
    }

    /// Leaves the chunks that were begun for a frame.
    #[cold]
    pub(crate) fn pop_chunks(&self, flags: u32) {
        if flags & fflag::FRAME_CHUNK != 0 {
            let n = self.n_frames.get() - 1;
            self.n_frames.set(n);
            if n > 0 {
                self.set_frame_end();
            } else {
                self.frame_end.set(ptr::null_mut());
            }
        }
        if flags & fflag::VALUE_CHUNK != 0 {
            let n = self.n_values.get() - 1;
            self.n_values.set(n);
            let chunks = self.values.borrow();
            if n == 0 {
                self.stack_end.set(ptr::null_mut());
            } else {
                let chunk = &chunks[n - 1];
                // SAFETY: one past the end of the chunk.
                self.stack_end.set(unsafe { chunk.at.add(chunk.len) });
            }
        }
    }
}

/// Bytes of native stack below `here` that the calling thread may use.
fn native_stack_left(here: usize) -> usize {
    // SAFETY: plain queries of the system about the calling thread; the attribute object is destroyed again.
    unsafe {
        if libc::gettid() == libc::getpid() {
            let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            let known = libc::getrlimit(libc::RLIMIT_STACK, &mut limit) == 0 && limit.rlim_cur != libc::RLIM_INFINITY;
            let size = if known { limit.rlim_cur as usize } else { 8 << 20 };
            return size.saturating_sub(128 << 10);
        }
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attr) != 0 {
            return 1 << 20;
        }
        let (mut low, mut size) = (ptr::null_mut(), 0);
        let ok = libc::pthread_attr_getstack(&attr, &mut low, &mut size) == 0;
        libc::pthread_attr_destroy(&mut attr);
        if ok { here.saturating_sub(low as usize) } else { 1 << 20 }
    }
}

impl Vm {
    /// Checks that enough native stack is left for a nested operation; `what` ends the message
    /// (`" while calling a Python object"`).
    #[inline(always)]
    pub fn check_recursion(&self, what: &str) -> PyResult<RecursionGuard> {
        if self.ts().native_stack_ok() {
            return Ok(RecursionGuard(()));
        }
        Err(self.recursion_error(&format!("maximum recursion depth exceeded{what}")))
    }
}
