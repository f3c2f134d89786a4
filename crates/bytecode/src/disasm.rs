//! The disassembler: a listing of a code object for people, tests and `dis`.

use crate::code::Code;
use crate::constant::Const;
use crate::instr::Instr;
use crate::ops::Operand;
use std::fmt::Write;

/// The listing of one code object, without those nested in it.
pub fn disassemble(code: &Code) -> String {
    let mut out = String::new();
    let mut line = 0;
    for (pc, instr) in code.instrs.iter().enumerate() {
        let at = code.locations.get(pc as u32).line;
        let shown = if at != line { at.to_string() } else { String::new() };
        line = at;
        let _ = writeln!(out, "{shown:>5} {pc:>5}  {}", instruction(code, pc as u32, *instr).trim_end());
    }
    for e in code.handlers.iter() {
        let _ = writeln!(out, "      {}..{} -> {} depth {}", e.start, e.end, e.handler, register(code, e.depth));
    }
    out
}

/// The listing of a code object and all nested ones.
pub fn disassemble_all(code: &Code) -> String {
    let mut out = format!("{}:\n{}", code.qualname, disassemble(code));
    for c in &code.consts {
        if let Const::Code(inner) = c {
            out.push('\n');
            out.push_str(&disassemble_all(inner));
        }
    }
    out
}

/// The name of a register: a local's, or `tN` for a temporary.
fn register(code: &Code, reg: u16) -> String {
    match code.local_names.get(reg as usize) {
        Some(name) => name.to_string(),
        None => format!("t{}", reg.saturating_sub(code.n_locals)),
    }
}

/// One instruction: its mnemonic and operands.
pub fn instruction(code: &Code, pc: u32, i: Instr) -> String {
    let info = i.op.info();
    let mut out = match i.x {
        0 => format!("{:<20}", info.name),
        x => format!("{:<20}", format!("{}/{x}", info.name)),
    };
    let fields = [i.a, i.b, i.c];
    let mut target_shown = false;
    for (operand, field) in info.operands[1..].iter().zip(fields) {
        let text = match operand {
            Operand::None => continue,
            Operand::Dst | Operand::Src | Operand::Ref | Operand::Mod | Operand::Win => register(code, field),
            Operand::Count | Operand::Sel => field.to_string(),
            Operand::Const => code.consts.get(field as usize).map_or("?".to_string(), constant),
            Operand::Name => code.names.get(field as usize).map_or("?".to_string(), |n| format!(".{n}")),
            Operand::Site => match code.sites.get(field as usize) {
                Some(name) if is_named(i) => {
                    format!(".{}", code.names.get(*name as usize).map_or("?", |n| n))
                }
                _ => format!("@{field}"),
            },
            Operand::Free => format!("free:{}", code.freevars.get(field as usize).map_or("?", |n| n)),
            Operand::Imm if is_jump(i) && std::ptr::eq(operand, &info.operands[3]) => {
                format!("-> {}", i64::from(pc) + 1 + i64::from(i.imm_c()))
            }
            Operand::Imm => (field as i16).to_string(),
            Operand::Off => match info.name {
                "ForNext" => format!("-> {}", i64::from(pc) - i64::from(field)),
                _ => format!("-> {}", pc + 1 + u32::from(field)),
            },
            Operand::Target if target_shown => continue,
            Operand::Target => {
                target_shown = true;
                format!("-> {}", i.target())
            }
        };
        let _ = write!(out, " {text}");
    }
    out
}

/// Whether the site of the instruction is about a name.
fn is_named(i: Instr) -> bool {
    !matches!(i.op, crate::Op::Call | crate::Op::CallMethod)
}

/// Whether the last operand is a jump distance.
fn is_jump(i: Instr) -> bool {
    i.op.info().name.starts_with("Jump")
}

/// A constant, shortly.
pub fn constant(value: &Const) -> String {
    match value {
        Const::None => "None".to_string(),
        Const::Bool(true) => "True".to_string(),
        Const::Bool(false) => "False".to_string(),
        Const::Ellipsis => "...".to_string(),
        Const::Int(i) => i.to_string(),
        Const::BigInt { negative, magnitude } => {
            let digits: String = magnitude.iter().rev().map(|b| format!("{b:02x}")).collect();
            format!("{}0x{}", if *negative { "-" } else { "" }, digits.trim_start_matches('0'))
        }
        Const::Float(f) => format!("{:?}", f.get()),
        Const::Complex(re, im) => format!("({:?}{:+?}j)", re.get(), im.get()),
        Const::Str(s) => format!("{:?}", String::from_utf8_lossy(s)),
        Const::Bytes(b) => format!("b\"{}\"", b.escape_ascii()),
        Const::Tuple(t) => format!("({})", list(t)),
        Const::FrozenSet(t) => format!("frozenset({})", list(t)),
        Const::Slice(t) => format!("slice({})", list(&t[..])),
        Const::Code(c) => format!("<code {}>", c.qualname),
    }
}

fn list(items: &[Const]) -> String {
    items.iter().map(constant).collect::<Vec<_>>().join(", ")
}
