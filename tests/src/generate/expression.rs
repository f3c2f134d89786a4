//! Random expressions over the built-in types, each evaluated under a `try`.

use super::Random;

const PROBES: usize = 60;

/// Integers around the edges of every representation.
const INTS: [&str; 32] = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "-3",
    "7",
    "10",
    "-10",
    "16",
    "63",
    "64",
    "255",
    "256",
    "-256",
    "1000",
    "True",
    "False",
    "2**31",
    "-2**31",
    "2**47 - 1",
    "2**47",
    "-2**47",
    "2**50",
    "2**51 - 1",
    "-2**51",
    "2**53 + 1",
    "2**62",
    "2**63 - 1",
    "-2**63",
    "2**64",
    "10**30",
];
const FLOATS: [&str; 14] = [
    "0.0",
    "-0.0",
    "1.0",
    "0.5",
    "-2.5",
    "1e10",
    "1e16",
    "1e-5",
    "3.14159",
    "1e308",
    "float('inf')",
    "-float('inf')",
    "float('nan')",
    "5e-324",
];
const STRINGS: [&str; 16] = [
    "''",
    "'a'",
    "'abc'",
    "'Hello World'",
    "'  pad  '",
    "'a,b,,c'",
    "'é日😀'",
    "'ß'",
    "'12'",
    "'-7'",
    "'1.5'",
    "'\\n\\t'",
    "'%s-%d'",
    "'{}{0!r:>5}'",
    "'aXbXc'",
    "'x' * 40",
];
const BYTES: [&str; 6] = ["b''", "b'abc'", "b'\\x00\\xff'", "b'a b'", "bytearray(b'xyz')", "b'12'"];
const SMALL: [&str; 10] = ["0", "1", "2", "3", "-1", "-2", "5", "True", "10", "-5"];
// No `*`: a large number times a sequence would ask for much memory.
const BINARY: [&str; 11] = ["+", "-", "/", "//", "%", "&", "|", "^", "@", ">>", "+"];
const COMPARISON: [&str; 10] = ["==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"];
const SPECS: [&str; 26] = [
    "", "d", "5", "<5", ">8", "^9", "05", "+", " ", ",", "_", "x", "#x", "o", "b", "#b", "e", ".2f", "10.3f", "g", "%",
    ".1%", "s", ".2", "*^7", "n",
];
const BUILTINS: [&str; 40] = [
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "bool",
    "bytes",
    "callable",
    "chr",
    "complex",
    "dict",
    "divmod",
    "enumerate",
    "filter",
    "float",
    "format",
    "frozenset",
    "hex",
    "int",
    "isinstance",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "oct",
    "ord",
    "pow",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "slice",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];
const METHODS: [&str; 92] = [
    "upper()",
    "lower()",
    "title()",
    "capitalize()",
    "swapcase()",
    "casefold()",
    "strip()",
    "lstrip('a')",
    "rstrip()",
    "split()",
    "split(',')",
    "rsplit(',', 1)",
    "splitlines()",
    "join(['a', 'b'])",
    "replace('a', 'b')",
    "replace('', '-', 2)",
    "find('a')",
    "rfind('b')",
    "index('c')",
    "count('a')",
    "count('')",
    "startswith('a')",
    "endswith(('c', 'd'))",
    "partition('b')",
    "rpartition('X')",
    "center(7, '*')",
    "ljust(5)",
    "rjust(5, '0')",
    "zfill(6)",
    "expandtabs(3)",
    "isalpha()",
    "isdigit()",
    "isnumeric()",
    "isspace()",
    "isidentifier()",
    "isupper()",
    "istitle()",
    "isprintable()",
    "encode()",
    "encode('ascii', 'replace')",
    "format(1, 'x')",
    "removeprefix('a')",
    "removesuffix('c')",
    "translate({97: 'Z', 98: None})",
    "decode()",
    "hex()",
    "append(1)",
    "extend('ab')",
    "insert(1, 'i')",
    "pop()",
    "pop(0)",
    "pop(5)",
    "remove(1)",
    "reverse()",
    "sort()",
    "sort(key=str)",
    "copy()",
    "clear()",
    "index(1)",
    "count(1)",
    "get(1)",
    "get('a', 'd')",
    "keys()",
    "values()",
    "items()",
    "setdefault(1, 2)",
    "update({1: 2})",
    "popitem()",
    "add(1)",
    "discard(1)",
    "union([1])",
    "intersection([1, 2])",
    "difference([1])",
    "issubset([1, 2, 3])",
    "isdisjoint([9])",
    "symmetric_difference({1})",
    "bit_length()",
    "bit_count()",
    "to_bytes(2, 'big')",
    "as_integer_ratio()",
    "is_integer()",
    "conjugate()",
    "real",
    "imag",
    "numerator",
    "start",
    "indices(5)",
    "hex",
    "__len__()",
    "__class__.__name__",
    "missing",
    "tobytes()",
];

/// A program of independent probes.
pub fn expressions(seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut program = String::from(PREAMBLE);
    for n in 0..PROBES {
        let source = expression(&mut random, 3);
        program.push_str(&format!("probe({n}, lambda: {source})\n"));
    }
    program
}

/// Prints values in a form that does not depend on addresses, or on the order of sets.
const PREAMBLE: &str = "\
def show(value, depth=0):
    if isinstance(value, (set, frozenset)):
        return type(value).__name__ + '{' + ', '.join(sorted(show(v) for v in value)) + '}'
    if isinstance(value, (list, tuple)) and depth < 5:
        return type(value).__name__ + '[' + ', '.join(show(v, depth + 1) for v in value) + ']'
    if hasattr(value, '__next__'):
        return type(value).__name__ + show(list(zip(value, range(20))))
    text = repr(value)
    return text.split(' at 0x')[0] if len(text) < 400 else text[:200] + str(len(text))


def probe(n, f):
    try:
        print(n, show(f()))
    except Exception as e:
        print(n, type(e).__name__, e)


";

fn expression(random: &mut Random, depth: usize) -> String {
    if depth == 0 {
        return atom(random);
    }
    let deeper = depth - 1;
    match random.below(20) {
        0..=4 => {
            let operator = random.pick(&BINARY);
            format!("({} {operator} {})", expression(random, deeper), expression(random, deeper))
        }
        5 => format!("({} ** {})", number(random), random.pick(&SMALL)),
        6 if random.one_in(2) => format!("({} * {})", number(random), number(random)),
        6 => format!("({} << {})", expression(random, deeper), random.pick(&SMALL)),
        7 => format!("({} * {})", expression(random, deeper), random.pick(&SMALL)),
        8 | 9 => {
            let operator = random.pick(&COMPARISON);
            // `is` between literals is a warning of the compiler.
            if operator.starts_with("is") {
                format!("({} {operator} None)", container(random, deeper))
            } else {
                format!("({} {operator} {})", expression(random, deeper), expression(random, deeper))
            }
        }
        10 => format!("({}{})", random.pick(&["-", "+", "~", "not "]), expression(random, deeper)),
        11 | 12 => {
            let method = random.pick(&METHODS);
            format!("({}).{method}", expression(random, deeper))
        }
        13 | 14 => call(random, deeper),
        15 => format!("({})[{}]", container(random, deeper), random.pick(&SMALL)),
        16 => {
            let mut bound = || {
                if random.one_in(3) { String::new() } else { random.pick(&SMALL).to_string() }
            };
            let slice = format!("{}:{}:{}", bound(), bound(), bound());
            format!("({})[{slice}]", container(random, deeper))
        }
        17 => format!(
            "[x for x in {} if {}]",
            container(random, deeper),
            random.pick(&["x", "not x", "True", "x == x", "str(x)"])
        ),
        18 => format!("format({}, {:?})", expression(random, deeper), random.pick(&SPECS)),
        _ => format!(
            "({} if {} else {})",
            expression(random, deeper),
            expression(random, deeper),
            expression(random, deeper)
        ),
    }
}

fn call(random: &mut Random, depth: usize) -> String {
    let name = random.pick(&BUILTINS);
    let mut arguments: Vec<String> =
        (0..random.below(3) + usize::from(!random.one_in(8))).map(|_| expression(random, depth)).collect();
    match name {
        // Large numbers would ask for large results.
        "range" | "bytes" | "pow" | "round" => {
            arguments = arguments.iter().map(|_| random.pick(&SMALL).to_string()).collect()
        }
        "map" | "filter" if !arguments.is_empty() => {
            arguments[0] = random.pick(&["str", "bool", "None", "abs", "len", "lambda x: [x]"]).to_string()
        }
        "isinstance" if arguments.len() > 1 => {
            arguments[1] = random.pick(&["int", "(str, bytes)", "list", "object", "5"]).to_string()
        }
        _ => {}
    }
    format!("{name}({})", arguments.join(", "))
}

fn number(random: &mut Random) -> String {
    if random.one_in(3) { random.pick(&FLOATS).into() } else { format!("({})", random.pick(&INTS)) }
}

fn atom(random: &mut Random) -> String {
    match random.below(12) {
        0..=3 => format!("({})", random.pick(&INTS)),
        4 | 5 => random.pick(&FLOATS).into(),
        6 | 7 => format!("({})", random.pick(&STRINGS)),
        8 => random.pick(&BYTES).into(),
        9 => random.pick(&["None", "...", "(1+2j)", "-1j", "int", "len"]).into(),
        _ => container(random, 0),
    }
}

fn container(random: &mut Random, depth: usize) -> String {
    let mut items = |n: usize| {
        (0..n).map(|_| if depth == 0 { scalar(random) } else { expression(random, depth - 1) }).collect::<Vec<_>>()
    };
    let some = items(3);
    let [a, b, c] = &some[..] else {
        return "[]".into();
    };
    match random.below(12) {
        0 => "[]".into(),
        1 => format!("[{a}]"),
        2 => format!("[{a}, {b}, {c}]"),
        3 => format!("({a}, {b}, {c})"),
        4 => "()".into(),
        5 => format!("{{{a}: {b}, {c}: {a}}}"),
        6 => "{}".into(),
        // Numbers only: the order of a set of strings differs from run to run.
        7 => format!("{{{}, {}}}", random.pick(&SMALL), random.pick(&INTS)),
        8 => {
            format!("range({}, {}, {})", random.pick(&SMALL), random.pick(&SMALL), random.pick(&["1", "2", "-1", "3"]))
        }
        9 => random.pick(&STRINGS).into(),
        10 => random.pick(&BYTES).into(),
        _ => format!("list({a} for _ in range({}))", random.pick(&["0", "1", "3"])),
    }
}

fn scalar(random: &mut Random) -> String {
    match random.below(4) {
        0 => random.pick(&STRINGS).into(),
        1 => random.pick(&FLOATS).into(),
        _ => random.pick(&SMALL).into(),
    }
}
