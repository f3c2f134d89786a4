//! The verifier: malformed code never reaches the machine.
//!
//! [`verify`] checks every operand against its table, every jump against the body, every window against the registers,
//! and follows the flow of control to see that no instruction reads a register that may be unbound, that temporaries are
//! not used after they were taken, and that control cannot run off the end.
//!
//! Invariant: nothing here panics, whatever the code looks like.

mod effects;
mod flow;

use crate::code::{Code, CodeFlags};
use crate::constant::Const;
use crate::instr::Instr;
use crate::ops::{Op, Operand};
use std::fmt;

/// Why a code object is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// The dotted name of the code object.
    pub code: String,
    /// The instruction, if the error is about one.
    pub pc: Option<u32>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pc {
            Some(pc) => write!(f, "{} at {pc}: {}", self.code, self.reason),
            None => write!(f, "{}: {}", self.code, self.reason),
        }
    }
}

impl std::error::Error for VerifyError {}

/// Code objects nested more deeply are refused.
const MAX_NESTING: u32 = 256;

/// Checks a code object and all that are nested in it.
///
/// # Errors
///
/// The first thing that is wrong.
pub fn verify(code: &Code) -> Result<(), VerifyError> {
    verify_nested(code, 0)
}

fn verify_nested(code: &Code, depth: u32) -> Result<(), VerifyError> {
    let fail =
        |reason: &str| Err(VerifyError { code: code.qualname.to_string(), pc: None, reason: reason.to_string() });
    if depth > MAX_NESTING {
        return fail("nested too deeply");
    }
    header(code).map_err(|reason| VerifyError { code: code.qualname.to_string(), pc: None, reason })?;
    for (pc, instr) in code.instrs.iter().enumerate() {
        operands(code, pc as u32, *instr).map_err(|reason| VerifyError {
            code: code.qualname.to_string(),
            pc: Some(pc as u32),
            reason: format!("{}: {reason}", instr.op.info().name),
        })?;
    }
    sites(code).map_err(|(pc, reason)| VerifyError { code: code.qualname.to_string(), pc: Some(pc), reason })?;
    flow::check(code).map_err(|(pc, reason)| VerifyError { code: code.qualname.to_string(), pc: Some(pc), reason })?;
    code.consts.iter().try_for_each(|c| constant(c, depth))
}

fn constant(value: &Const, depth: u32) -> Result<(), VerifyError> {
    match value {
        Const::Code(inner) => verify_nested(inner, depth + 1),
        Const::Tuple(items) | Const::FrozenSet(items) => items.iter().try_for_each(|c| constant(c, depth + 1)),
        _ => Ok(()),
    }
}

/// What is known of the registers before each instruction of a verified code: for each register bit 0 if it may be unbound
/// there, bit 1 if it may be bound. `None`: the instruction cannot be reached.
pub fn register_states(code: &Code) -> Vec<Option<Vec<u8>>> {
    flow::states(code)
}

/// Whether an instruction writes a register.
pub fn writes(i: Instr, reg: u16) -> bool {
    let window = effects::write_window(i);
    effects::registers(i).any(|(r, _, _, written)| written && r == reg)
        || window.is_some_and(|(first, n)| (first as usize..first as usize + n).contains(&(reg as usize)))
}

fn ensure(ok: bool, reason: &str) -> Result<(), String> {
    if ok { Ok(()) } else { Err(reason.to_string()) }
}

fn header(code: &Code) -> Result<(), String> {
    let n = code.instrs.len();
    ensure(n > 0 && n < u32::MAX as usize, "no instructions")?;
    ensure(code.local_names.len() == code.n_locals as usize, "names of locals do not match their number")?;
    ensure(code.n_regs > code.n_locals, "no room for temporaries")?;
    ensure(code.n_params() <= code.n_locals as usize, "more parameters than locals")?;
    ensure(code.n_posonly <= code.n_args, "more positional-only parameters than positional ones")?;
    let namespace = code.flags.contains(CodeFlags::NAMESPACE);
    ensure(!namespace || code.n_locals > 0, "no register for the namespace")?;
    ensure(!namespace || code.n_params() == 0, "a namespace body has no parameters")?;
    for cell in &code.cellvars {
        ensure(cell.reg < code.n_locals, "a cell is no local")?;
    }
    for e in &code.handlers {
        ensure(e.start < e.end && e.end as usize <= n && (e.handler as usize) < n, "exception range out of bounds")?;
        ensure(e.depth >= code.n_locals && e.depth < code.n_regs, "exception depth out of bounds")?;
    }
    for pair in code.handlers.windows(2) {
        ensure(pair[0].end <= pair[1].start, "exception ranges overlap")?;
    }
    for site in &code.sites {
        ensure((*site as usize) < code.names.len() || *site == 0, "site without a name")?;
    }
    let mut last = None;
    for (start, _) in code.locations.runs() {
        ensure(last.is_none_or(|l| l <= *start) && (*start as usize) < n, "positions out of order")?;
        last = Some(*start);
    }
    Ok(())
}

/// Operations read in a site's cache what operations of the same kind have written there: none shares its site with another.
fn sites(code: &Code) -> Result<(), (u32, String)> {
    let mut users: Vec<Option<Op>> = vec![None; code.sites.len()];
    for (pc, i) in code.instrs.iter().enumerate() {
        for (operand, field) in i.op.info().operands[1..].iter().zip([i.a, i.b, i.c]) {
            if *operand == Operand::Site && *users[field as usize].get_or_insert(i.op) != i.op {
                return Err((pc as u32, format!("{}: the site is another operation's", i.op.info().name)));
            }
        }
    }
    Ok(())
}

/// The largest selector of the operations that have one.
fn max_selector(op: Op) -> u8 {
    match op {
        Op::LoadCommon => 8,
        Op::LoadSuperAttr | Op::LoadSpecial | Op::GetAwaitable | Op::Intrinsic2 => 3,
        Op::FormatValue => 7,
        Op::Yield | Op::Raise => 2,
        Op::Intrinsic1 => 5,
        Op::MakeFunction => 31,
        _ => 1,
    }
}

fn operands(code: &Code, pc: u32, i: Instr) -> Result<(), String> {
    let info = i.op.info();
    ensure(i.op != Op::Instrumented, "never in a code object")?;
    match info.operands[0] {
        Operand::None => ensure(i.x == 0, "selector of an operation without one")?,
        _ => ensure(i.x <= max_selector(i.op), "selector out of range")?,
    }
    let n = code.instrs.len() as u32;
    for (operand, field) in info.operands[1..].iter().zip([i.a, i.b, i.c]) {
        let field = field as usize;
        match operand {
            Operand::None => ensure(field == 0, "unused operand is set")?,
            Operand::Dst | Operand::Src | Operand::Ref | Operand::Mod => {
                ensure(field < code.n_regs as usize, "register out of range")?;
            }
            Operand::Const => ensure(field < code.consts.len(), "constant out of range")?,
            Operand::Name => ensure(field < code.names.len(), "name out of range")?,
            Operand::Site => {
                ensure(field < code.sites.len(), "site out of range")?;
                let named = !matches!(i.op, Op::Call | Op::CallMethod);
                ensure(!named || (code.sites[field] as usize) < code.names.len(), "site without a name")?;
            }
            Operand::Free => ensure(field < code.freevars.len(), "free variable out of range")?,
            Operand::Target => ensure(i.target() < n, "jump out of the body")?,
            Operand::Win | Operand::Count | Operand::Imm | Operand::Off | Operand::Sel => {}
        }
    }
    let namespace = code.flags.contains(CodeFlags::NAMESPACE);
    let needs = matches!(
        i.op,
        Op::LoadName
            | Op::LoadNameAgain
            | Op::StoreName
            | Op::StoreNameAgain
            | Op::DelName
            | Op::ImportStar
            | Op::SetupAnnotations
    );
    ensure(namespace || !needs, "there is no namespace")?;
    ensure(!namespace || !loses_namespace(code, i), "the register of the namespace is its own")?;
    for (first, len) in effects::windows(i).into_iter().flatten() {
        let end = first as usize + len;
        ensure(end <= code.n_regs as usize, "window out of range")?;
        ensure(len == 0 || first >= code.n_locals, "window among the locals")?;
    }
    special(code, pc, i)
}

/// Whether an instruction changes register 0.
fn loses_namespace(code: &Code, i: Instr) -> bool {
    let unbinds = match i.op {
        Op::Clear | Op::DelLocal => i.a == 0,
        Op::Move => i.b == 0,
        _ => false,
    };
    unbinds || code.n_locals > 0 && writes(i, 0)
}

fn special(code: &Code, pc: u32, i: Instr) -> Result<(), String> {
    let next = code.instrs.get(pc as usize + 1);
    match i.op {
        Op::ForIter => ensure(next.is_some_and(|n| n.op == Op::Jump), "no jump out of the loop follows"),
        Op::Send => ensure(next.is_some_and(|n| n.op == Op::Yield && n.x == 1), "no yield follows"),
        Op::BuildSlice => ensure(i.c == 2 || i.c == 3, "a slice has two or three parts"),
        Op::MakeFunction => {
            let Some(Const::Code(inner)) = code.consts.get(i.b as usize) else {
                return Err("the constant is no code".to_string());
            };
            ensure((i.x & 8 != 0) != inner.freevars.is_empty(), "closure does not match free variables")
        }
        Op::CallKw => {
            let Some(Const::Tuple(names)) = code.consts.get(i.c as usize) else {
                return Err("the constant is no tuple".to_string());
            };
            ensure(names.iter().all(|n| matches!(n, Const::Str(_))), "keyword names are not text")?;
            ensure(names.len() <= i.b as usize, "more keywords than arguments")
        }
        Op::Return => ensure(i.b <= code.n_locals, "clears more than the locals"),
        Op::MakeGenerator => {
            let lazy = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
            ensure(pc == 0 && code.flags.intersects(lazy), "not at the start of a generator")
        }
        Op::Yield => ensure(code.instrs[0].op == Op::MakeGenerator, "yield outside a generator"),
        Op::Invert | Op::Not => Ok(()),
        _ => Ok(()),
    }?;
    let n = code.instrs.len() as i64;
    match jump_target(pc, i) {
        Some(target) => ensure((0..n).contains(&target), "jump out of the body"),
        None => Ok(()),
    }
}

/// Where a jump goes if it is taken.
pub(crate) fn jump_target(pc: u32, i: Instr) -> Option<i64> {
    let pc = i64::from(pc);
    Some(match i.op {
        Op::Jump | Op::JumpIf | Op::JumpIfKeep | Op::JumpIfNone => i64::from(i.target()),
        Op::JumpLt | Op::JumpLe | Op::JumpEq | Op::JumpNe | Op::JumpGt | Op::JumpGe | Op::JumpIs | Op::JumpIn => {
            pc + 1 + i64::from(i.imm_c())
        }
        Op::JumpLtI | Op::JumpLeI | Op::JumpEqI | Op::JumpNeI | Op::JumpGtI | Op::JumpGeI => {
            pc + 1 + i64::from(i.imm_c())
        }
        Op::ForNext => pc - i64::from(i.c),
        Op::ForIter => pc + 2,
        Op::Send => pc + 1 + i64::from(i.c),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocationTable;

    /// A function of one parameter, with two temporaries.
    fn function(instrs: Vec<Instr>) -> Code {
        Code {
            name: "f".into(),
            qualname: "f".into(),
            filename: "x.py".into(),
            first_line: 1,
            flags: CodeFlags::OPTIMIZED,
            n_args: 1,
            n_posonly: 0,
            n_kwonly: 0,
            n_locals: 1,
            n_regs: 3,
            local_names: vec!["a".into()].into(),
            cellvars: Box::new([]),
            freevars: Box::new([]),
            names: Box::new([]),
            consts: vec![Const::Int(5)].into(),
            instrs: instrs.into(),
            sites: Box::new([]),
            handlers: Box::new([]),
            locations: LocationTable::default(),
        }
    }

    #[test]
    fn sites_are_of_one_operation() {
        let shared = |second| {
            let mut code = function(vec![
                Instr::new(Op::LoadGlobal, 0, 1, 0, 0),
                Instr::new(second, 0, 1, 1, 0),
                Instr::new(Op::Return, 0, 1, 1, 0),
            ]);
            (code.names, code.sites) = (Box::new(["name".into()]), Box::new([0]));
            if second == Op::LoadGlobal {
                code.instrs[1].b = 0;
            }
            verify(&code)
        };
        assert_eq!(shared(Op::LoadGlobal), Ok(()));
        let error = shared(Op::LoadAttr).expect_err("two operations have one site");
        assert_eq!(error.reason, "LoadAttr: the site is another operation's");
    }

    #[test]
    fn what_is_handled_is_there() {
        let code = function(vec![Instr::new(Op::PushExc, 0, 1, 0, 0), Instr::new(Op::Jump, 0, 0, 0, 0)]);
        let error = verify(&code).expect_err("the register is unbound");
        assert_eq!(error.reason, "PushExc: temporary 1 may be unbound");
    }

    #[test]
    fn temporaries_are_taken_once() {
        let code = function(vec![
            Instr::new(Op::BuildList, 0, 1, 1, 0),
            Instr::new(Op::ListExtend, 0, 1, 1, 0),
            Instr::new(Op::Return, 0, 1, 1, 0),
        ]);
        let error = verify(&code).expect_err("the list is extended by itself");
        assert_eq!(error.reason, "ListExtend: temporary 1 is used twice");
    }

    #[test]
    fn nothing_outlives_a_frame() {
        let load = |reg| Instr::new(Op::LoadConst, 0, reg, 0, 0);
        let give_back = |reg, cleared| Instr::new(Op::Return, 0, reg, cleared, 0);
        for good in [vec![give_back(0, 1)], vec![load(1), give_back(1, 1)]] {
            assert_eq!(verify(&function(good)), Ok(()));
        }
        for (bad, register) in [
            (vec![load(1), give_back(0, 1)], 1),
            (vec![load(1), load(2), give_back(1, 1)], 2),
            (vec![load(1), give_back(1, 0)], 0),
        ] {
            let error = verify(&function(bad)).expect_err("a reference is left");
            assert_eq!(error.reason, format!("Return: register {register} outlives the frame"));
        }
    }
}
