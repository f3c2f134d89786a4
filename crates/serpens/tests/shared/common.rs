//! Values that interpreters have in common: that they arrive as they were, whatever they consist of, for any number of readers,
//! and that nothing is left of them.

use super::{grown_by, runtime, turn};
use proptest::prelude::*;
use serpens::{Portable, Runtime};

/// What is sent of the value of a Python expression; its interpreter is gone.
fn sent(runtime: &Runtime, expression: &str) -> Portable {
    let owner = runtime.create().expect("an interpreter");
    let portable = owner.with(|py| py.eval(expression, None, None)?.extract::<Portable>()).expect("it crosses");
    owner.close();
    portable
}

/// What a program that reads `v` leaves in `result`, in a new interpreter.
fn look(runtime: &Runtime, portable: &Portable, program: &str) -> String {
    let reader = runtime.create().expect("an interpreter");
    let seen = reader.with(|py| {
        py.run("pass", None, None)?;
        let main = py.import("__main__")?;
        main.setattr("v", portable)?;
        py.run(program, None, None)?;
        main.getattr("result")?.extract()
    });
    seen.expect("it can be read")
}

#[test]
fn readers_on_all_threads_see_the_same() {
    let _turn = turn();
    let runtime = runtime();
    let portable = sent(runtime, "tuple((str(i), (i, b'x' * i)) for i in range(3000))");
    let program = "
kept = []
for turn in range(20):
    kept.append(v[turn])
    n = sum(len(a) + len(b[1]) for a, b in v)
    table = {a: b for a, b in v}
    del table
result = f'{id(v)} {n} {v[2999][0]}'
";
    let seen: Vec<String> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4).map(|_| scope.spawn(|| look(runtime, &portable, program))).collect();
        readers.into_iter().map(|reader| reader.join().expect("no panic")).collect()
    });
    assert!(seen.iter().all(|s| *s == seen[0] && s.ends_with(" 2999")), "{seen:?}");
}

#[test]
fn nothing_is_left_of_them() {
    let _turn = turn();
    let runtime = runtime();
    let cycle = || {
        let inner = sent(runtime, "tuple(str(i) * 5 for i in range(2000))");
        // One that refers to another is looked at by an interpreter that ends with it, and by one that is alone with it.
        let reader = runtime.create().expect("an interpreter");
        let outer = reader
            .with(|py| {
                py.run("pass", None, None)?;
                let main = py.import("__main__")?;
                main.setattr("v", &inner)?;
                py.run("kept = [v, v[3], {v[4]: v}]; outer = (v, v) + tuple(range(1000))", None, None)?;
                main.getattr("outer")?.extract::<Portable>()
            })
            .expect("it crosses");
        reader.close();
        drop(inner);
        assert_eq!(look(runtime, &outer, "kept = v[0][5]; result = v[0][1999]"), "1999".repeat(5));
    };
    let grown = grown_by(200, cycle);
    assert!(grown < 4 << 20, "{grown} bytes more after two hundred");
}

#[test]
fn another_runtime_gets_an_equal_one() {
    let _turn = turn();
    let two = Runtime::new();
    let portable = sent(runtime(), "tuple((str(i), ('a', b'b', 1 << 60)) for i in range(3000))");
    let program =
        "result = str(v == tuple((str(i), ('a', b'b', 1 << 60)) for i in range(3000))) + str(type(v) is tuple)";
    assert_eq!(look(&two, &portable, program), "TrueTrue");
}

/// An expression of immutable values.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("None".to_string()),
        any::<bool>().prop_map(|b| if b { "True".into() } else { "False".into() }),
        any::<i64>().prop_map(|i| i.to_string()),
        (any::<i64>(), 0..300_u32).prop_map(|(i, n)| format!("({i} << {n})")),
        any::<f64>().prop_filter("equal to itself", |f| f.is_finite()).prop_map(|f| format!("{f:?}")),
        (any::<i32>(), any::<i32>()).prop_map(|(a, b)| format!("complex({a}, {b})")),
        (".{0,12}", 1..400_usize).prop_map(|(s, n)| format!("({} * {n})", quoted(&s))),
        ".{0,3}".prop_map(|s| quoted(&s)),
        (prop::collection::vec(any::<u8>(), 0..9), 1..400_usize).prop_map(|(b, n)| format!("(bytes({b:?}) * {n})")),
        Just("'\\ud800\\udfff'".to_string()),
        Just("...".to_string()),
    ];
    leaf.prop_recursive(5, 120, 8, |inner| {
        let items = prop::collection::vec(inner, 0..6);
        prop_oneof![
            items.clone().prop_map(|items| tuple(&items)),
            items.clone().prop_map(|items| format!("frozenset({})", tuple(&items))),
            (items.clone(), 2..40_usize).prop_map(|(items, n)| format!("({} * {n})", tuple(&items))),
            items.prop_map(|items| format!("(lambda x: (x, (x, x), frozenset((x,))))({})", tuple(&items))),
        ]
    })
}

fn tuple(items: &[String]) -> String {
    items.iter().fold("(".to_string(), |all, item| all + item + ", ") + ")"
}

fn quoted(text: &str) -> String {
    let escaped: String = text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
    format!("'{escaped}'")
}

/// Sends a value there and back, and a part of it, and compares it with one that was made there.
const ROUND_TRIP: &str = r#"
import interpreters
def told(v):
    if isinstance(v, tuple): return ["t", *map(told, v)]
    if isinstance(v, frozenset): return ["f", len(v), hash(v)]
    return [type(v).__name__, v]
value = eval(text)
sub = interpreters.create()
sub.run('''
def told(v):
    if isinstance(v, tuple): return ["t", *map(told, v)]
    if isinstance(v, frozenset): return ["f", len(v), hash(v)]
    return [type(v).__name__, v]
def check(v, text):
    fresh = eval(text)
    return v == fresh and hash(v) == hash(fresh) and told(v) == told(fresh), v
''')
queue = interpreters.create_queue()
out = []
for _ in range(2):
    queue.put((value, text)); sub.prepare_main(queue=queue)
    sub.run("queue.put(check(*queue.get()))")
    same, back = queue.get()
    out += [same, back == value, told(back) == told(value), hash(back) == hash(value)]
    if type(back) is tuple and back: queue.put(back[0]); out.append(queue.get() == value[0])
    value = back
sub.close()
out += [value == eval(text), told(value) == told(eval(text))]
result = str(out) if not all(out) else "same"
"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_random_value_arrives_as_it_was(expression in expressions()) {
        let _turn = turn();
        let interp = runtime().create().expect("an interpreter");
        let seen = interp.with(|py| {
            py.run("pass", None, None)?;
            let main = py.import("__main__")?;
            main.setattr("text", expression.as_str())?;
            py.run(ROUND_TRIP, None, None)?;
            main.getattr("result")?.extract::<String>()
        }).expect("it crosses");
        prop_assert_eq!(seen, "same");
        interp.close();
    }
}
