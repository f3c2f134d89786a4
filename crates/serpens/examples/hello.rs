//! Two interpreters say hello: `cargo run -p serpens --example hello`.

use serpens::prelude::*;

fn main() -> PyResult<()> {
    let runtime = Runtime::new();
    let (english, french) = (runtime.create()?, runtime.create()?);
    english.run("word = 'Hello'")?;
    french.run("word = 'Bonjour'")?;
    for interpreter in [&english, &french] {
        interpreter.run("print(f'{word} from an interpreter of its own!')")?;
    }

    // Values of an entry are bound to it; Rust values come out.
    let lengths: Vec<usize> = english.with(|py| {
        let words = py.eval("['spam', 'ham', word]", None, None)?;
        words.try_iter()?.map(|word| word?.len()).collect::<PyResult<_>>()
    })?;
    println!("lengths: {lengths:?}");

    // An exception is an error like any other, with Python's own traceback.
    if let Err(error) = french.run("def f():\n    return word + 1\nf()") {
        println!("{error}");
        print!("{}", french.with(|py| error.traceback(py)));
    }
    Ok(())
}
