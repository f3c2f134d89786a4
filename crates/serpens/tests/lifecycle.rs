//! Interpreters by the thousand: what is left of them, and that nobody writes to what they share.

use serpens_state::run;
use serpens_state::runtime::Whence;
use serpens_state::{Config, Interpreter, Runtime, Template};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Resident memory is the process's: the tests here take turns.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn runtime() -> Arc<Runtime> {
    let runtime = serpens::builder().build();
    // With a main interpreter all others end.
    runtime.without_main();
    runtime
}

fn create(runtime: &Arc<Runtime>) -> Arc<Interpreter> {
    runtime.create(Config::ISOLATED, Whence::Capi)
}

/// Runs source in `__main__`; the text of the exception if there is one.
fn run_in(interpreter: &Interpreter, source: &str) -> Result<(), String> {
    let vm = interpreter.attach().expect("an open interpreter");
    run::run_main_source(&vm, source, "<test>").map_err(|_| {
        let e = vm.take_raised();
        vm.format_exception(&e)
    })
}

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    statm.split_whitespace().nth(1).and_then(|n| n.parse::<usize>().ok()).expect("a number") * 4096
}

#[test]
fn nothing_stays_of_a_hundred_thousand() {
    let _turn = turn();
    let runtime = runtime();
    let cycle = |n: usize| {
        for i in 0..n {
            let interpreter = create(&runtime);
            let done = run_in(&interpreter, "x = [1, 'two', {3: 4.0}]\ndef f(n): return n + len(x)\nassert f(1) == 4");
            assert_eq!(done, Ok(()), "interpreter {i}");
            interpreter.close();
        }
    };
    cycle(1_000);
    let before = resident();
    cycle(100_000);
    let after = resident();
    assert!(after <= before + before / 50, "{before} bytes after the first thousand, {after} at the end");
    assert!(runtime.list().is_empty());
}

#[test]
fn what_objects_own_outside_of_the_heap_goes_with_it() {
    let _turn = turn();
    let runtime = runtime();
    let locals: String = (0..500).map(|i| format!("    v{i} = {i}\n")).collect();
    let source = format!(
        "def f():\n{locals}    1 / 0\ntry: f()\nexcept Exception as e: kept = e\nframe = kept.__traceback__.tb_next.tb_frame\n\
         big = 10 ** 20_000\nview = memoryview(bytearray(10_000))[2:]\nspan = range(10 ** 5_000)\nclass C: pass\n\
         c = C()\nfor i in range(50): setattr(c, f'a{{i}}', i)"
    );
    let cycle = |n: usize| {
        for _ in 0..n {
            let interpreter = create(&runtime);
            assert_eq!(run_in(&interpreter, &source), Ok(()));
            interpreter.close();
        }
    };
    cycle(100);
    let before = resident();
    cycle(1_000);
    let grown = resident().saturating_sub(before);
    assert!(grown < 2 << 20, "{grown} bytes more after a thousand");
}

#[test]
fn a_thousand_at_once_are_small_and_leave_little() {
    let _turn = turn();
    let runtime = runtime();
    create(&runtime).close();
    let before = resident();
    let all: Vec<_> = (0..1_000).map(|_| create(&runtime)).collect();
    let each = (resident() - before) / all.len();
    assert!(each < 16 << 10, "{each} bytes each");
    assert_eq!(runtime.list().len(), 1_000);
    for interpreter in all {
        interpreter.close();
    }
    let left = resident().saturating_sub(before);
    assert!(left < 3 << 20, "{left} bytes are left");
}

#[test]
fn stacks_are_used_again_without_what_was_on_them() {
    let _turn = turn();
    let runtime = runtime();
    for _ in 0..50 {
        let interpreter = create(&runtime);
        let deep =
            "def f(n):\n    a = [n]\n    return a[0] if n == 0 else f(n - 1) + len([n, a])\nassert f(900) == 1800";
        assert_eq!(run_in(&interpreter, deep), Ok(()));
        assert!(run_in(&interpreter, "def g(n):\n    b = (n,)\n    return g(n + 1)\ng(0)").is_err());
        interpreter.close();
    }
}

#[test]
fn what_is_owed_is_done_when_an_interpreter_closes() {
    let _turn = turn();
    let runtime = runtime();
    let folder = std::env::temp_dir().join(format!("serpens-lifecycle-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let note = |name: &str| format!("open({:?}, 'w').close()", path(name));
    let programs = [
        ("del", format!("class C:\n    def __del__(self): {}\nc = C()", note("del"))),
        ("cycle", format!("class C:\n    def __del__(self): {}\nc = C(); c.c = c; del c", note("cycle"))),
        ("generator", format!("def g():\n    try: yield\n    finally: {}\nx = g(); next(x)", note("generator"))),
        (
            "weakref",
            format!(
                "import sys, weakref\nclass C: pass\nc = C()\nsys.r = weakref.ref(c, eval({:?}, {{'open': open}}))",
                format!("lambda _, open=open: {}", note("weakref"))
            ),
        ),
        ("atexit", format!("import atexit\natexit.register(lambda: {})", note("atexit"))),
        ("file", format!("f = open({:?}, 'w'); f.write('x')", path("file"))),
    ];
    for (name, program) in &programs {
        let interpreter = create(&runtime);
        assert_eq!(run_in(&interpreter, program), Ok(()), "{name}");
        let early = *name != "file" && Path::new(&path(name)).exists();
        assert!(!early, "{name} came too early");
        interpreter.close();
        assert!(Path::new(&path(name)).exists(), "{name} did not come");
    }
    assert_eq!(std::fs::read_to_string(path("file")).ok().as_deref(), Some("x"));
    std::fs::remove_dir_all(&folder).expect("it can be removed");
}

#[test]
fn interpreters_come_and_go_on_many_threads() {
    let _turn = turn();
    let runtime = runtime();
    std::thread::scope(|scope| {
        for t in 0..4 {
            let runtime = &runtime;
            scope.spawn(move || {
                for i in 0..200 {
                    let interpreter = create(runtime);
                    let source = format!("import json\nassert json.loads('[{t}, {i}]') == [{t}, {i}]");
                    assert_eq!(run_in(&interpreter, if i % 20 == 0 { &source } else { "x = 1" }), Ok(()));
                    assert!(runtime.get(interpreter.id()).is_some());
                    interpreter.close();
                    assert!(runtime.get(interpreter.id()).is_none());
                }
            });
        }
    });
    assert!(runtime.list().is_empty());
}

#[test]
fn builtins_and_sys_are_each_interpreters_own() {
    let _turn = turn();
    let runtime = runtime();
    let (one, two) = (create(&runtime), create(&runtime));
    let change = "import builtins, sys\nbuiltins.len = lambda x: 42\nbuiltins.mine = 1\ndel builtins.abs\nsys.mine = 1\n\
                  sys.path.append('x')\nsys.argv[:] = ['y']\nsys.implementation.mine = 1\nprint.__module__ = 'z'";
    assert_eq!(run_in(&one, change), Ok(()));
    let seen = "import builtins, sys\nassert len([1]) == 42 and mine == 1 and sys.mine == 1 and 'x' in sys.path\n\
                assert print.__module__ == 'z' and not hasattr(builtins, 'abs') and sys.implementation.mine == 1";
    assert_eq!(run_in(&one, seen), Ok(()));
    let unseen = "import builtins, sys\nassert len([1]) == 1 and not hasattr(builtins, 'mine') and abs(-1) == 1\n\
                  assert not hasattr(sys, 'mine') and 'x' not in sys.path and sys.argv != ['y']\n\
                  assert print.__module__ == 'builtins' and not hasattr(sys.implementation, 'mine')";
    assert_eq!(run_in(&two, unseen), Ok(()));
    one.close();
    two.close();
}

#[test]
fn a_small_limit_is_an_exception_and_no_more() {
    let _turn = turn();
    let runtime = runtime();
    for limit in [0, 1_000, 10_000, 100_000] {
        let interpreter = create(&runtime);
        interpreter.attach().expect("open").heap().set_limit(limit);
        let outcome = run_in(&interpreter, "import sys\nx = b'x' * 10_000_000\nprint(x)");
        assert!(outcome.is_err_and(|text| text.contains("MemoryError")), "limit {limit}");
        interpreter.close();
    }
}

/// Runs the programs of `tests/lang` and `tests/programs` in an interpreter each.
fn run_programs(create: &dyn Fn() -> Arc<Interpreter>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests");
    let mut n_programs = 0;
    for folder in ["lang", "programs"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the programs") {
            let path = entry.expect("an entry").path();
            let source = std::fs::read_to_string(&path).unwrap_or_default();
            let quiet = source.contains("# === exit") || source.contains("stdin") || source.contains("huge");
            if path.extension().is_none_or(|e| e != "py") || quiet {
                continue;
            }
            let interpreter = create();
            // What it prints or raises is for other tests to judge.
            let silent = "import sys, io\nsys.stdout = sys.stderr = io.StringIO()\n";
            drop(run_in(&interpreter, silent).and_then(|()| run_in(&interpreter, &source)));
            interpreter.close();
            n_programs += 1;
        }
    }
    assert!(n_programs > 50, "{n_programs}");
}

/// The image is made read only: a write to it would end the process.
#[test]
fn nobody_writes_to_the_image() {
    let _turn = turn();
    let runtime = runtime();
    runtime.image().set_read_only(true);
    run_programs(&|| create(&runtime));
    runtime.image().set_read_only(false);
}

/// As for the image, with interpreters that start from a template which has imported what the programs import.
#[test]
fn nobody_writes_to_a_template() {
    let _turn = turn();
    let runtime = runtime();
    let first = create(&runtime);
    let modules = "import json, re, asyncio, dataclasses, typing, enum, collections, functools, itertools, contextlib, random\n\
                   import pickle, decimal, unittest, logging, threading, weakref, io, os, warnings, abc, copy, string, struct\n";
    run_in(&first, modules).expect("the library");
    let template = Template::new(&first).expect("nothing against it");
    assert!(first.is_closed());
    template.set_read_only(true);
    run_programs(&|| template.create(Whence::Capi));
    template.set_read_only(false);
}

/// As for a template, with interpreters that take what they import from the prepared library.
#[test]
fn nobody_writes_to_the_prepared_library() {
    let _turn = turn();
    let runtime = runtime();
    drop(create(&runtime));
    let modules = "json re asyncio dataclasses typing enum collections functools itertools contextlib random pickle decimal unittest \
                   logging threading weakref io os warnings abc copy string struct subprocess tempfile datetime";
    let prepared = runtime.prepare_library(&modules.split(' ').collect::<Vec<_>>());
    assert!(prepared.iter().any(|name| name == "asyncio.base_events"), "{prepared:?}");
    run_programs(&|| {
        // What the programs before have imported may be prepared now.
        let interpreter = create(&runtime);
        runtime.set_prepared_read_only(true);
        interpreter
    });
    runtime.set_prepared_read_only(false);
}
