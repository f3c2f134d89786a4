//! Builds `def double(n): return n + n` by hand, lists it, carries it through bytes, and sees the verifier refuse nonsense.
//!
//! `cargo run -p serpens-bytecode --example assemble`

use serpens_bytecode::disasm::disassemble;
use serpens_bytecode::serial::{from_bytes, to_bytes};
use serpens_bytecode::verify::verify;
use serpens_bytecode::{Code, CodeFlags, Instr, Location, LocationTable, Op};

fn double() -> Code {
    // Register 0 is the parameter, register 1 the only temporary.
    let instrs = [Instr::new(Op::Add, 0, 1, 0, 0), Instr::new(Op::Return, 0, 1, 1, 0)];
    Code {
        name: "double".into(),
        qualname: "double".into(),
        filename: "by hand".into(),
        first_line: 1,
        flags: CodeFlags::empty(),
        n_args: 1,
        n_posonly: 0,
        n_kwonly: 0,
        n_locals: 1,
        n_regs: 2,
        local_names: ["n".into()].into(),
        cellvars: [].into(),
        freevars: [].into(),
        names: [].into(),
        consts: [].into(),
        locations: LocationTable::new(&[Location::default(); 2]),
        instrs: instrs.into(),
        sites: [].into(),
        handlers: [].into(),
    }
}

fn main() {
    let code = double();
    verify(&code).expect("well-formed code");
    print!("{}", disassemble(&code));

    let bytes = to_bytes(&code);
    let back = from_bytes(&bytes).expect("the bytes of a code object");
    println!("{} bytes, the same again: {}", bytes.len(), *back == code);

    let mut wrong = code;
    wrong.instrs[0].b = 7;
    println!("refused: {}", verify(&wrong).expect_err("register 7 does not exist"));
}
