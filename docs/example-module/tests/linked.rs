//! The module linked into a program.

use serpens::prelude::*;

#[test]
fn each_interpreter_counts_for_itself() -> PyResult<()> {
    let runtime = Runtime::builder().module(&tally::tally::MODULE).build();
    for _ in 0..2 {
        runtime.create()?.run(include_str!("program.py"))?;
    }
    Ok(())
}
