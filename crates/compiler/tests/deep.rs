//! Hostile sources: whatever nests deeply is compiled or refused, never fatal.

use serpens_compiler::{Mode, Options, compile};

fn survives(source: &str) {
    let source = source.to_string();
    // A small stack, as threads have it.
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let run = move || {
        let _ = compile(&source, "deep", Mode::Exec, Options::default());
    };
    thread.spawn(run).unwrap().join().unwrap();
}

#[test]
fn operators() {
    for n in [100, 5_000, 25_000, 1_000_000] {
        survives(&format!("{}1", "-".repeat(n)));
        survives(&format!("{}1", "not ".repeat(n)));
        survives(&format!("1{}", "+1".repeat(n)));
        survives(&format!("1{}", "**1".repeat(n)));
        survives(&format!("a{}", ".b".repeat(n)));
        survives(&format!("a{}", "()".repeat(n)));
        survives(&format!("a{}", "[0]".repeat(n)));
        survives(&format!("{}0", "lambda:".repeat(n)));
        survives(&format!("{}0", "1 if 1 else ".repeat(n)));
        survives(&format!("x{}", " < x".repeat(n)));
        survives(&format!("x{}", " = x".repeat(n)));
        survives(&format!("{}x", "await ".repeat(n)));
    }
}

#[test]
fn brackets() {
    for n in [150, 201, 100_000] {
        survives(&"(".repeat(n));
        survives(&format!("{}{}", "(".repeat(n), ")".repeat(n)));
        survives(&format!("{}{}", "[".repeat(n), "]".repeat(n)));
        survives(&format!("f'{}{}'", "{(".repeat(n), ")}".repeat(n)));
        survives(&format!("match x:\n case {}{}: pass", "[".repeat(n), "]".repeat(n)));
    }
}

#[test]
fn blocks() {
    for n in [90, 101, 3_000] {
        let mut source = String::new();
        for i in 0..n {
            source += &format!("{}if x:\n", " ".repeat(i));
        }
        source += &format!("{}pass\n", " ".repeat(n));
        survives(&source);
        survives(&format!("if x: pass\n{}", "elif x: pass\n".repeat(n)));
    }
}
