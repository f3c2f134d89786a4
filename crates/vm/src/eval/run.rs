//! The loop: one `match` over the operation, the hot state in locals.
//!
//! Invariant: `ts.frame` is the frame that runs; its `pc` is stored before anything that may look at it, and is the
//! instruction under way then.
#![expect(unsafe_code, reason = "instructions, registers and frames are reached by address")]

use super::call::{self, Next};
use super::frame::{Frame, fflag};
use super::ops::{At, arith, attr, build, compare, exc, item, iter, names, special};
use super::regs::Regs;
use super::word::Word;
use super::{import, instrument, intrinsic, pattern, resume, unwind};
use crate::error::PyResult;
use crate::thread::ThreadState;
use crate::types::function::Function;
use crate::types::slots::{BinOp, CmpOp};
use crate::value::{Value, bits_are_object};
use crate::vm::Vm;
use serpens_bytecode::{Instr, Op};

/// Runs the running frame of the thread state, which has the flag ENTRY, until it returns (or yields). With `raise` the
/// pending exception is raised at its `pc` first.
pub(crate) fn run(vm: &Vm, ts: &ThreadState, raise: bool) -> PyResult {
    let mut raise = raise;
    loop {
        if raise && !unwind::unwind(vm, ts) {
            return Err(crate::error::Raised::token());
        }
        match run_until_raise(vm, ts) {
            Ok(v) => return Ok(v),
            Err(_) => raise = true,
        }
    }
}

/// The hot state.
struct Loop {
    f: *mut Frame,
    regs: Regs,
    pc: *const Instr,
}

impl Loop {
    /// Takes the state of the running frame, which goes on at its `pc`.
    #[inline(always)]
    fn reload(&mut self, ts: &ThreadState) {
        self.f = ts.frame.get();
        // SAFETY: there is a running frame.
        unsafe {
            self.regs = Regs::new((*self.f).regs);
            self.pc = (*self.f).pc;
        }
    }

    #[inline(always)]
    fn save(&self) {
        // SAFETY: the running frame.
        unsafe { (*self.f).pc = self.pc };
    }

    /// The state for bodies, with the instruction stored in the frame.
    #[inline(always)]
    fn at<'a>(&self, i: Word) -> At<'a> {
        self.save();
        // SAFETY: the running frame; bodies use the result before the frame ends.
        unsafe { At { regs: self.regs, frame: &*self.f, i } }
    }

    /// The state for inlined bodies that neither raise nor call out.
    #[inline(always)]
    fn peek<'a>(&self, i: Word) -> At<'a> {
        // SAFETY: as above.
        unsafe { At { regs: self.regs, frame: &*self.f, i } }
    }

    /// Moves by a signed distance from the next instruction; whether that was backwards.
    #[inline(always)]
    fn jump_by(&mut self, distance: i16) -> bool {
        // SAFETY: jumps stay inside the code.
        self.pc = unsafe { self.pc.offset(distance as isize + 1) };
        distance < 0
    }

    /// Moves to an absolute target; whether that was backwards.
    #[inline(always)]
    fn jump_to(&mut self, target: u32) -> bool {
        // SAFETY: as above.
        let to = unsafe { (*(*self.f).code).instrs.get().add(target as usize) };
        let back = to <= self.pc;
        self.pc = to;
        back
    }

    /// Enters a Python function whose parameters are exactly the arguments, `n` words from register `first` on.
    #[inline(always)]
    fn enter(&mut self, vm: &Vm, ts: &ThreadState, func: &Function, first: usize, n: usize, ret: u16) -> bool {
        let code = func.code_ptr.get();
        // From the thread state, not `self.f`: as a function of the latter it would be computed at every instruction.
        let next = ts.frame.get().wrapping_add(1);
        let window = self.regs.at(first);
        // SAFETY: functions point to live codes; the addresses are compared before they are used.
        unsafe {
            if (*code).fast_args as usize != n
                || next >= ts.frame_end.get()
                || window.wrapping_add((*code).n_regs as usize) > ts.stack_end.get()
                || vm.breaker.pending() != 0
            {
                return false;
            }
            let mut at = window.add(n);
            let end = window.add((*code).n_locals as usize);
            while at < end {
                at.write(0);
                at = at.add(1);
            }
            (*self.f).pc = self.pc;
            let pc = (*code).instrs.get();
            next.write(Frame {
                regs: window,
                pc,
                code,
                func,
                prev: self.f,
                ret: self.regs.at(ret as usize),
                extra: 0,
                obj: 0,
                flags: 0,
            });
            ts.frame.set(next);
            self.f = next;
            self.regs = Regs::new(window);
            self.pc = pc;
        }
        true
    }

    /// Drops the locals of a frame that returns (the result was taken) and makes the frame below the running one.
    #[inline(always)]
    fn drop_frame(&mut self, ts: &ThreadState, i: Word) {
        for r in 0..i.b() {
            let word = self.regs.word(r);
            if bits_are_object(word) {
                // What dies here may run code, which looks at this frame.
                self.save();
                self.regs.set_raw(r, 0);
                // SAFETY: the register owned this reference.
                drop(unsafe { Value::from_bits(word) });
            }
        }
        // SAFETY: the running frame.
        unsafe { ts.frame.set((*self.f).prev) };
    }

    /// Returns `result`, a word that owns its reference, from a frame that was called in this loop.
    #[inline(always)]
    fn leave(&mut self, ts: &ThreadState, i: Word, result: u64) {
        self.drop_frame(ts, i);
        // SAFETY: a frame without ENTRY has a caller in this loop; `ret` is a register of the caller, which owns what it
        // holds.
        unsafe {
            let ret = (*self.f).ret;
            self.f = (*self.f).prev;
            self.regs = Regs::new((*self.f).regs);
            self.pc = (*self.f).pc.add(1);
            let old = std::mem::replace(&mut *ret, result);
            if bits_are_object(old) {
                drop(Value::from_bits(old));
            }
        }
    }
}

#[inline(never)]
fn run_until_raise(vm: &Vm, ts: &ThreadState) -> PyResult {
    // SAFETY: overwritten by `reload` before anything is read.
    let mut m = Loop {
        f: std::ptr::null_mut(),
        // SAFETY: as above.
        regs: unsafe { Regs::new(std::ptr::null_mut()) },
        pc: std::ptr::null(),
    };
    m.reload(ts);

    'next: loop {
        macro_rules! next {
            ($e:expr) => {
                match $e? {
                    Next::Step => {}
                    Next::Entered => {
                        m.reload(ts);
                        continue 'next;
                    }
                    Next::Leave(v) => return Ok(v),
                }
            };
        }
        macro_rules! poll {
            ($back:expr) => {
                if $back && (vm.breaker.pending() != 0 || vm.heap().wants_collection()) {
                    // The target is where the frame stands if an exception comes out of this.
                    m.save();
                    call::on_break(vm)?;
                    m.reload(ts);
                }
            };
        }
        macro_rules! binary {
            ($i:ident, $fast:expr, $op:expr) => {
                if !$fast {
                    arith::binary(vm, m.at($i), $op)?;
                }
            };
        }
        macro_rules! immediate {
            ($i:ident, $op:expr) => {
                if !arith::immediate(m.regs, $i, $op) {
                    arith::binary_imm(vm, m.at($i), $op)?;
                }
            };
        }
        macro_rules! compare {
            ($i:ident, $op:expr) => {
                if !compare::compare(m.regs, $i, $op) {
                    compare::compare_slow(vm, m.at($i), $op)?;
                }
            };
        }
        macro_rules! jump_if {
            ($i:ident, $cond:expr) => {
                if $cond == ($i.x() & 1 != 0) {
                    let back = m.jump_by($i.imm_c());
                    poll!(back);
                    continue 'next;
                }
            };
        }
        macro_rules! jump_cmp {
            ($i:ident, $op:expr) => {{
                let cond = match compare::numbers(m.regs.val($i.a()), m.regs.val($i.b()), $op) {
                    Some(c) => c,
                    None => compare::condition(vm, m.at($i), $op)?,
                };
                jump_if!($i, cond);
            }};
        }
        macro_rules! jump_cmp_imm {
            ($i:ident, $op:expr) => {{
                let b = m.regs.val($i.a());
                let cond = if b.is_small_int() {
                    $op.of(b.small_int_unchecked().cmp(&($i.imm_b() as i64)))
                } else {
                    compare::condition_imm(vm, m.at($i), $op)?
                };
                jump_if!($i, cond);
            }};
        }

        // SAFETY: `pc` is inside the code: verified code ends with an instruction that does not fall through.
        let i = unsafe { Word::read(m.pc) };
        let mut op = i.op();
        // Goes round a second time for the instruction that stands behind an `Instrumented` one.
        loop {
            match op {
                Op::Instrumented => match instrument::hit(vm, m.at(i))? {
                    Some(behind) => {
                        m.reload(ts);
                        op = behind;
                        continue;
                    }
                    None => {
                        m.reload(ts);
                        continue 'next;
                    }
                },

                // ---- registers and constants ----
                Op::Nop => {}
                Op::Copy => {
                    let v = m.regs.val(i.b()).clone();
                    m.regs.put(i.a(), v);
                }
                Op::Move => {
                    let word = m.regs.word(i.b());
                    m.regs.set_raw(i.b(), 0);
                    m.regs.put_word(i.a(), word);
                }
                Op::LoadConst => {
                    // SAFETY: the running code is alive.
                    let v = unsafe { (*(*m.f).code).constant(i.b()) }.clone();
                    m.regs.put(i.a(), v);
                }
                Op::LoadNone => m.regs.put(i.a(), Value::NONE),
                Op::CheckLocal => {
                    if m.regs.word(i.a()) == 0 {
                        let at = m.at(i);
                        return Err(names::unbound_local(vm, at.code(), i.a()));
                    }
                }
                Op::DelLocal => {
                    let at = m.at(i);
                    if m.regs.word(i.a()) == 0 {
                        return Err(names::unbound_local(vm, at.code(), i.a()));
                    }
                    m.regs.clear(i.a());
                }
                Op::Clear => {
                    m.save();
                    m.regs.clear(i.a());
                }
                Op::ClearRange => {
                    m.save();
                    m.regs.clear_range(i.a() as usize, i.a() as usize + i.b() as usize);
                }

                // ---- cells ----
                Op::MakeCell => {
                    let held = m.regs.take(i.a());
                    m.regs.put(i.a(), vm.new_cell(held));
                }
                Op::LoadCell => {
                    if !names::load_full_cell(m.peek(i)) {
                        names::load_cell(vm, m.at(i))?;
                    }
                }
                Op::StoreCell => names::store_cell(vm, m.at(i))?,
                Op::DelCell => names::del_cell(vm, m.at(i))?,
                Op::LoadFree => {
                    if !names::load_full_free(m.peek(i)) {
                        names::load_free(vm, m.at(i))?;
                    }
                }
                Op::StoreFree => names::store_free(vm, m.at(i))?,
                Op::DelFree => names::del_free(vm, m.at(i))?,
                Op::LoadFreeCell => names::load_free_cell(vm, m.at(i))?,
                Op::LoadFromDictOrFree => names::load_from_dict_or_cell(vm, m.at(i), false)?,
                Op::LoadFromDictOrCell => names::load_from_dict_or_cell(vm, m.at(i), true)?,

                // ---- names ----
                Op::LoadGlobal => {
                    if !names::load_global(m.peek(i)) {
                        names::load_global_slow(vm, m.at(i))?;
                    }
                }
                Op::StoreGlobal => names::store_global(vm, m.at(i))?,
                Op::DelGlobal => names::del_global(vm, m.at(i))?,
                Op::LoadName => names::load_name(vm, m.at(i))?,
                Op::LoadNameAgain => {
                    if !names::load_known_name(m.peek(i)) {
                        names::load_name_again(vm, m.at(i))?;
                    }
                }
                Op::StoreName => names::store_name(vm, m.at(i))?,
                Op::StoreNameAgain => names::store_name_again(vm, m.at(i))?,
                Op::DelName => names::del_name(vm, m.at(i))?,
                Op::LoadFromDictOrGlobal => names::load_from_dict_or_global(vm, m.at(i))?,
                Op::LoadLocals => {
                    let v = vm.locals_of(m.at(i).frame);
                    m.regs.put(i.a(), v);
                }
                Op::LoadBuildClass => names::load_build_class(vm, m.at(i))?,
                Op::LoadCommon => names::load_common(vm, m.at(i))?,

                // ---- attributes and items ----
                Op::LoadAttr => {
                    if !attr::load_attr(m.at(i)) {
                        next!(attr::load_attr_slow(vm, m.at(i)));
                    }
                }
                Op::StoreAttr => {
                    if !attr::store_attr(m.at(i)) {
                        attr::store_attr_slow(vm, m.at(i))?;
                    }
                }
                Op::DelAttr => attr::del_attr(vm, m.at(i))?,
                Op::LoadMethod => {
                    if !attr::load_method(m.at(i)) {
                        attr::load_method_slow(vm, m.at(i))?;
                    }
                }
                Op::LoadSuperAttr => attr::load_super_attr(vm, m.at(i))?,
                Op::GetItem => {
                    if !item::get_item(vm, m.at(i)) {
                        item::get_item_slow(vm, m.at(i))?;
                    }
                }
                Op::GetItemI => {
                    if !item::get_item_imm(vm, m.at(i)) {
                        item::get_item_imm_slow(vm, m.at(i))?;
                    }
                }
                Op::SetItem => {
                    if !item::set_item(vm, m.at(i)) {
                        item::set_item_slow(vm, m.at(i))?;
                    }
                }
                Op::DelItem => item::del_item(vm, m.at(i))?,
                Op::GetSlice => item::get_slice(vm, m.at(i))?,
                Op::SetSlice => item::set_slice(vm, m.at(i))?,
                Op::BuildSlice => item::build_slice(vm, m.at(i))?,

                // ---- arithmetic ----
                Op::Add => binary!(i, arith::add(m.regs, i), BinOp::Add),
                Op::Sub => binary!(i, arith::sub(m.regs, i), BinOp::Sub),
                Op::Mul => binary!(i, arith::mul(m.regs, i), BinOp::Mul),
                Op::TrueDiv => binary!(i, arith::true_div(m.regs, i), BinOp::TrueDiv),
                Op::FloorDiv => binary!(i, arith::floor_div(m.regs, i), BinOp::FloorDiv),
                Op::Mod => binary!(i, arith::modulo(m.regs, i), BinOp::Mod),
                Op::Pow => arith::binary(vm, m.at(i), BinOp::Pow)?,
                Op::MatMul => arith::binary(vm, m.at(i), BinOp::MatMul)?,
                Op::Shl => binary!(i, arith::shl(m.regs, i), BinOp::Shl),
                Op::Shr => binary!(i, arith::shr(m.regs, i), BinOp::Shr),
                Op::And => binary!(i, arith::bits(m.regs, i, BinOp::And), BinOp::And),
                Op::Or => binary!(i, arith::bits(m.regs, i, BinOp::Or), BinOp::Or),
                Op::Xor => binary!(i, arith::bits(m.regs, i, BinOp::Xor), BinOp::Xor),
                Op::AddI => immediate!(i, BinOp::Add),
                Op::SubI => immediate!(i, BinOp::Sub),
                Op::MulI => immediate!(i, BinOp::Mul),
                Op::FloorDivI => immediate!(i, BinOp::FloorDiv),
                Op::ModI => immediate!(i, BinOp::Mod),
                Op::AndI => immediate!(i, BinOp::And),
                Op::ShlI => immediate!(i, BinOp::Shl),
                Op::ShrI => immediate!(i, BinOp::Shr),
                Op::Neg => {
                    if !arith::neg(m.regs, i) {
                        arith::unary(vm, m.at(i), 0)?;
                    }
                }
                Op::Pos => arith::unary(vm, m.at(i), 1)?,
                Op::Invert => arith::unary(vm, m.at(i), 2)?,
                Op::Not => {
                    let t = match compare::truth(m.regs.val(i.b())) {
                        Some(t) => t,
                        None => compare::truth_slow(vm, m.at(i), i.b())?,
                    };
                    m.regs.put(i.a(), Value::bool(!t));
                }

                // ---- comparisons ----
                Op::Lt => compare!(i, CmpOp::Lt),
                Op::Le => compare!(i, CmpOp::Le),
                Op::Eq => compare!(i, CmpOp::Eq),
                Op::Ne => compare!(i, CmpOp::Ne),
                Op::Gt => compare!(i, CmpOp::Gt),
                Op::Ge => compare!(i, CmpOp::Ge),
                Op::Is => {
                    let at = m.at(i);
                    let same = m.regs.word(i.b()) == m.regs.word(i.c());
                    m.regs.drop_src(i.b(), at.n_locals());
                    m.regs.drop_src(i.c(), at.n_locals());
                    m.regs.put(i.a(), Value::bool(same == (i.x() & 1 == 0)));
                }
                Op::In => {
                    let found = compare::contains(vm, m.at(i), i.b(), i.c())?;
                    m.regs.put(i.a(), Value::bool(found == (i.x() & 1 == 0)));
                }

                // ---- jumps ----
                Op::Jump => {
                    let back = m.jump_to(i.target());
                    poll!(back);
                    continue 'next;
                }
                Op::JumpIf => {
                    let t = match compare::truth(m.regs.val(i.a())) {
                        Some(t) => t,
                        None => compare::truth_slow(vm, m.at(i), i.a())?,
                    };
                    if t == (i.x() & 1 != 0) {
                        let back = m.jump_to(i.target());
                        poll!(back);
                        continue 'next;
                    }
                }
                Op::JumpIfKeep => {
                    let t = match compare::truth(m.regs.val(i.a())) {
                        Some(t) => t,
                        None => compare::truth_keep(vm, m.at(i), i.a())?,
                    };
                    if t == (i.x() & 1 != 0) {
                        let back = m.jump_to(i.target());
                        poll!(back);
                        continue 'next;
                    }
                    m.regs.clear(i.a());
                }
                Op::JumpIfNone => {
                    let at = m.at(i);
                    let none = m.regs.val(i.a()).is_none();
                    m.regs.drop_src(i.a(), at.n_locals());
                    if none == (i.x() & 1 != 0) {
                        let back = m.jump_to(i.target());
                        poll!(back);
                        continue 'next;
                    }
                }
                Op::JumpLt => jump_cmp!(i, CmpOp::Lt),
                Op::JumpLe => jump_cmp!(i, CmpOp::Le),
                Op::JumpEq => jump_cmp!(i, CmpOp::Eq),
                Op::JumpNe => jump_cmp!(i, CmpOp::Ne),
                Op::JumpGt => jump_cmp!(i, CmpOp::Gt),
                Op::JumpGe => jump_cmp!(i, CmpOp::Ge),
                Op::JumpLtI => jump_cmp_imm!(i, CmpOp::Lt),
                Op::JumpLeI => jump_cmp_imm!(i, CmpOp::Le),
                Op::JumpEqI => jump_cmp_imm!(i, CmpOp::Eq),
                Op::JumpNeI => jump_cmp_imm!(i, CmpOp::Ne),
                Op::JumpGtI => jump_cmp_imm!(i, CmpOp::Gt),
                Op::JumpGeI => jump_cmp_imm!(i, CmpOp::Ge),
                Op::JumpIs => {
                    let at = m.at(i);
                    let same = m.regs.word(i.a()) == m.regs.word(i.b());
                    m.regs.drop_src(i.a(), at.n_locals());
                    m.regs.drop_src(i.b(), at.n_locals());
                    jump_if!(i, same);
                }
                Op::JumpIn => {
                    let found = compare::contains(vm, m.at(i), i.a(), i.b())?;
                    jump_if!(i, found);
                }

                // ---- iteration ----
                Op::GetIter => iter::get_iter(vm, m.at(i))?,
                Op::ForNext => match iter::advance(vm, m.at(i)) {
                    iter::Step::Item(v) => {
                        m.regs.put(i.a(), v);
                        // SAFETY: jumps stay inside the code.
                        m.pc = unsafe { m.pc.sub(i.c() as usize) };
                        poll!(true);
                        continue 'next;
                    }
                    iter::Step::Done => m.regs.clear(i.b()),
                    iter::Step::Slow => match iter::advance_slow(vm, m.at(i))? {
                        iter::Slow::Item(v) => {
                            m.regs.put(i.a(), v);
                            // SAFETY: as above.
                            m.pc = unsafe { m.pc.sub(i.c() as usize) };
                            poll!(true);
                            continue 'next;
                        }
                        iter::Slow::Done => m.regs.clear(i.b()),
                        iter::Slow::Entered => {
                            m.reload(ts);
                            continue 'next;
                        }
                    },
                },
                Op::ForIter => match iter::advance_slow(vm, m.at(i))? {
                    iter::Slow::Item(v) => {
                        m.regs.put(i.a(), v);
                        // SAFETY: a Jump follows.
                        m.pc = unsafe { m.pc.add(2) };
                        continue 'next;
                    }
                    iter::Slow::Done => m.regs.clear(i.b()),
                    iter::Slow::Entered => {
                        m.reload(ts);
                        continue 'next;
                    }
                },
                Op::UnpackSeq => build::unpack_seq(vm, m.at(i))?,
                Op::UnpackEx => build::unpack_ex(vm, m.at(i))?,

                // ---- building ----
                Op::BuildTuple => build::build_tuple(vm, m.at(i))?,
                Op::BuildList => build::build_list(vm, m.at(i))?,
                Op::BuildSet => build::build_set(vm, m.at(i))?,
                Op::BuildMap => build::build_map(vm, m.at(i))?,
                Op::BuildString => build::build_string(vm, m.at(i))?,
                Op::FormatValue => build::format_value(vm, m.at(i))?,
                Op::BuildInterpolation => build::build_interpolation(vm, m.at(i))?,
                Op::BuildTemplate => build::build_template(vm, m.at(i))?,
                Op::ListAppend => build::list_append(m.peek(i)),
                Op::ListExtend => build::list_extend(vm, m.at(i))?,
                Op::ListToTuple => build::list_to_tuple(vm, m.at(i))?,
                Op::SetAdd => build::set_add(vm, m.at(i))?,
                Op::SetUpdate => build::set_update(vm, m.at(i))?,
                Op::MapInsert => build::map_insert(vm, m.at(i))?,
                Op::DictUpdate => build::dict_update(vm, m.at(i))?,
                Op::DictMerge => build::dict_merge(vm, m.at(i))?,

                // ---- calls ----
                Op::Call => {
                    if let Some(func) = m.regs.val(i.a()).downcast::<Function>()
                        && m.enter(vm, ts, func, i.a() as usize + 1, i.b() as usize, i.a())
                    {
                        continue 'next;
                    }
                    next!(call::call(vm, m.at(i)));
                }
                Op::CallMethod => {
                    if let Some(func) = m.regs.val(i.a()).downcast::<Function>() {
                        let bound = (m.regs.word(i.a() + 1) != 0) as usize;
                        if m.enter(vm, ts, func, i.a() as usize + 2 - bound, i.b() as usize + bound, i.a()) {
                            continue 'next;
                        }
                    }
                    next!(call::call_method(vm, m.at(i)));
                }
                Op::CallKw => next!(call::call_kw(vm, m.at(i))),
                Op::CallEx => next!(call::call_ex(vm, m.at(i))),
                Op::Return => {
                    // SAFETY: the running frame.
                    let flags = unsafe { (*m.f).flags };
                    if flags == 0 {
                        let result = m.regs.word(i.a());
                        m.regs.set_raw(i.a(), 0);
                        m.leave(ts, i, result);
                        continue 'next;
                    }
                    if flags == fflag::ENTRY {
                        let result = m.regs.take_bound(i.a());
                        m.drop_frame(ts, i);
                        return Ok(result);
                    }
                    if flags == fflag::CTOR && m.regs.val(i.a()).is_none() {
                        // SAFETY: the frame owns the instance.
                        let made = unsafe { std::mem::take(&mut (*m.f).extra) };
                        m.leave(ts, i, made);
                        continue 'next;
                    }
                    m.save();
                    let v = return_value(m.regs, i, m.f);
                    next!(call::return_slow(vm, m.f, v));
                }
                Op::MakeFunction => build::make_function(vm, m.at(i))?,

                // ---- generators and coroutines ----
                Op::MakeGenerator => next!(resume::make_generator(vm, m.at(i))),
                Op::Yield => next!(resume::yield_value(vm, m.at(i))),
                Op::Send => next!(special::send(vm, m.at(i))),
                Op::GetYieldFromIter => special::get_yield_from_iter(vm, m.at(i))?,
                Op::GetAwaitable => special::get_awaitable(vm, m.at(i))?,
                Op::GetAIter => special::get_aiter(vm, m.at(i))?,
                Op::GetANext => special::get_anext(vm, m.at(i))?,
                Op::EndAsyncFor => special::end_async_for(vm, m.at(i))?,

                // ---- exceptions ----
                Op::PushExc => exc::push_exc(vm, m.at(i)),
                Op::PopExc => exc::pop_exc(vm, m.at(i)),
                Op::Raise => return Err(exc::raise(vm, m.at(i))),
                Op::Reraise => {
                    let at = m.at(i);
                    let e = at.src(i.a());
                    return Err(vm.reraise(e));
                }
                Op::CheckExcMatch => exc::check_exc_match(vm, m.at(i))?,
                Op::CheckEgMatch => exc::check_eg_match(vm, m.at(i))?,
                Op::PrepReraiseStar => exc::prep_reraise_star(vm, m.at(i))?,
                Op::ExcInfo => exc::exc_info(vm, m.at(i)),
                Op::LoadSpecial => exc::load_special(vm, m.at(i))?,

                // ---- imports ----
                Op::ImportName => import::import_name(vm, m.at(i))?,
                Op::ImportFrom => import::import_from(vm, m.at(i))?,
                Op::ImportStar => import::import_star(vm, m.at(i))?,

                // ---- pattern matching ----
                Op::MatchSequence => pattern::match_sequence(vm, m.at(i)),
                Op::MatchMapping => pattern::match_mapping(vm, m.at(i)),
                Op::MatchKeys => pattern::match_keys(vm, m.at(i))?,
                Op::MatchClass => pattern::match_class(vm, m.at(i))?,
                Op::GetLen => {
                    let v = m.at(i).regs.val(i.b()).clone();
                    let n = vm.len(&v)?;
                    m.regs.put(i.a(), vm.int_usize(n));
                }

                // ---- the rest ----
                Op::SetupAnnotations => names::setup_annotations(vm, m.at(i))?,
                Op::Intrinsic1 => intrinsic::one(vm, m.at(i))?,
                Op::Intrinsic2 => intrinsic::two(vm, m.at(i))?,
            }
            break;
        }
        // SAFETY: verified code does not fall off its end.
        m.pc = unsafe { m.pc.add(1) };
    }
}

/// The value that a frame with flags returns: a local is copied if the frame object may still show it.
#[cold]
fn return_value(regs: Regs, i: Word, f: *mut Frame) -> Value {
    // SAFETY: the running frame.
    let keep = unsafe { (*f).flags & fflag::OBJECT != 0 && i.a() < (*f).n_locals() };
    if keep { regs.val(i.a()).clone() } else { regs.take_bound(i.a()) }
}
