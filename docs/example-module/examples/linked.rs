//! The module linked into a program: `cargo run -p tally --example linked`.

use serpens::prelude::*;

fn main() -> PyResult<()> {
    let runtime = Runtime::builder().module(&tally::tally::MODULE).build();
    for text in ["to be or not to be", "no more"] {
        // Each interpreter has totals of its own.
        let interpreter = runtime.create()?;
        interpreter.with(|py| py.main()?.setattr("text", text))?;
        interpreter.run("import tally; print(tally.count(text), 'words in', tally.calls(), 'call')")?;
    }
    Ok(())
}
