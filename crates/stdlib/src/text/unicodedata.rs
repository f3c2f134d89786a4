//! `unicodedata`: the Unicode character database.

use serpens_state::NativeModule;
use serpens_vm::codecs::escape::character;
use serpens_vm::native::GetSetDef;
use serpens_vm::object::{Header, Kind, Payload};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::unicode::{self, Record, flag};
use serpens_vm::{Args, MethodDef, PyResult, TypeDef, Value, Vm};
use unicode_normalization::UnicodeNormalization;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("unicodedata")
    .doc(
        "This module provides access to the Unicode Character Database which\ndefines character properties for all Unicode \
         characters. The data in\nthis database is based on the UnicodeData.txt file version\n16.0.0 which is publicly \
         available from the Unicode Consortium\nat https://www.unicode.org/.\n\nThe module uses the same names and symbols \
         as defined by the\nUnicodeData File Format 16.0.0.",
    )
    .functions(&[
        MethodDef::new("category", "(chr, /)", |vm, a| Ok(vm.str(record(vm, "category", a.get(0))?.category())))
            .doc("Returns the general category assigned to the character chr as string."),
        MethodDef::new("bidirectional", "(chr, /)", |vm, a| {
            Ok(vm.str(record(vm, "bidirectional", a.get(0))?.bidirectional()))
        })
        .doc("Returns the bidirectional class assigned to the character chr as string.\n\nIf no such value is defined, an empty string is returned."),
        MethodDef::new("combining", "(chr, /)", |vm, a| {
            Ok(Value::from_usize(record(vm, "combining", a.get(0))?.combining() as usize))
        })
        .doc("Returns the canonical combining class assigned to the character chr as integer.\n\nReturns 0 if no combining class is defined."),
        MethodDef::new("mirrored", "(chr, /)", |vm, a| {
            Ok(Value::from_usize((record(vm, "mirrored", a.get(0))?.flags() & flag::MIRRORED != 0) as usize))
        })
        .doc("Returns the mirrored property assigned to the character chr as integer.\n\nReturns 1 if the character has been identified as a \"mirrored\"\ncharacter in bidirectional text, 0 otherwise."),
        MethodDef::new("east_asian_width", "(chr, /)", |vm, a| {
            Ok(vm.str(record(vm, "east_asian_width", a.get(0))?.east_asian_width()))
        })
        .doc("Returns the east asian width assigned to the character chr as string."),
        MethodDef::new("decomposition", "(chr, /)", |vm, a| {
            Ok(vm.str(record(vm, "decomposition", a.get(0))?.decomposition()))
        })
        .doc("Returns the character decomposition mapping assigned to the character chr as string.\n\nAn empty string is returned in case no such mapping is defined."),
        MethodDef::new("decimal", "(chr, default=<unrepresentable>, /)", |vm, a| {
            let d = record(vm, "decimal", a.get(0))?.decimal().map(|d| Value::from_usize(d as usize));
            or_default(vm, d, a, "not a decimal")
        })
        .doc("Converts a Unicode character into its equivalent decimal value.\n\nReturns the decimal value assigned to the character chr as integer.\nIf no such value is defined, default is returned, or, if not given,\nValueError is raised."),
        MethodDef::new("digit", "(chr, default=<unrepresentable>, /)", |vm, a| {
            let d = record(vm, "digit", a.get(0))?.digit().map(|d| Value::from_usize(d as usize));
            or_default(vm, d, a, "not a digit")
        })
        .doc("Converts a Unicode character into its equivalent digit value.\n\nReturns the digit value assigned to the character chr as integer.\nIf no such value is defined, default is returned, or, if not given,\nValueError is raised."),
        MethodDef::new("numeric", "(chr, default=<unrepresentable>, /)", |vm, a| {
            let d = record(vm, "numeric", a.get(0))?.numeric().map(Value::float);
            or_default(vm, d, a, "not a numeric character")
        })
        .doc("Converts a Unicode character into its equivalent numeric value.\n\nReturns the numeric value assigned to the character chr as float.\nIf no such value is defined, default is returned, or, if not given,\nValueError is raised."),
        MethodDef::new("name", "(chr, default=<unrepresentable>, /)", name)
            .doc("Returns the name assigned to the character chr as a string.\n\nIf no name is defined, default is returned, or, if not given,\nValueError is raised."),
        MethodDef::new("lookup", "(name, /)", lookup)
            .doc("Look up character by name.\n\nIf a character with the given name is found, return the\ncorresponding character.  If not found, KeyError is raised."),
        MethodDef::new("normalize", "(form, unistr, /)", normalize)
            .doc("Return the normal form 'form' for the Unicode string unistr.\n\nValid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'."),
        MethodDef::new("is_normalized", "(form, unistr, /)", is_normalized)
            .doc("Return whether the Unicode string unistr is in the normal form 'form'.\n\nValid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'."),
    ])
    .types(&[&UCD])
    .init(|vm, d: &Dict| {
        d.set_name(vm, "unidata_version", vm.str(unicode::VERSION));
        d.set_name(vm, "ucd_3_2_0", vm.alloc_native(&UCD, Ucd(())));
        Ok(())
    });

/// The database as of Unicode 3.2, which internationalised domain names are defined by. It holds the present data:
/// characters that were unassigned then are not told apart.
pub struct Ucd(());

// SAFETY: made by the heap only; told apart by its type.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Ucd {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<Ucd>()
    }
}

macro_rules! forward {
    ($name:literal, $signature:literal, $f:expr) => {
        MethodDef::new($name, $signature, |vm, a| {
            let f: fn(&Vm, &Value, &Args<'_>) -> PyResult = $f;
            f(vm, a.get(1), &a)
        })
    };
}

static UCD: TypeDef = TypeDef::new::<Ucd>("UCD")
    .immutable()
    .module("unicodedata")
    .flags(tflag::NO_NEW)
    .methods(&[
        forward!("category", "($self, chr, /)", |vm, c, _| Ok(vm.str(record(vm, "category", c)?.category()))),
        forward!("bidirectional", "($self, chr, /)", |vm, c, _| {
            Ok(vm.str(record(vm, "bidirectional", c)?.bidirectional()))
        }),
        forward!("combining", "($self, chr, /)", |vm, c, _| {
            Ok(Value::from_usize(record(vm, "combining", c)?.combining() as usize))
        }),
        forward!("decomposition", "($self, chr, /)", |vm, c, _| {
            Ok(vm.str(record(vm, "decomposition", c)?.decomposition()))
        }),
        forward!("normalize", "($self, form, unistr, /)", |vm, form, a| normal_form(vm, form, a.get(2))),
    ])
    .getset(&[GetSetDef::new("unidata_version", |vm, _| Ok(vm.str("3.2.0")))]);

fn record(vm: &Vm, function: &str, v: &Value) -> PyResult<Record> {
    match v.downcast::<Str>() {
        Some(s) if s.len() == 1 => Ok(unicode::record(s.char_at(0).unwrap_or(0))),
        Some(s) => Err(vm.type_error(&format!(
            "{function}(): argument must be a unicode character, not a string of length {}",
            s.len()
        ))),
        None => Err(
            vm.type_error(&format!("{function}() argument must be a unicode character, not {}", vm.type_of(v).name()))
        ),
    }
}

fn or_default(vm: &Vm, found: Option<Value>, a: Args<'_>, message: &str) -> PyResult {
    match found.or_else(|| a.opt(1).cloned()) {
        Some(v) => Ok(v),
        None => Err(vm.value_error(message)),
    }
}

fn name(vm: &Vm, a: Args<'_>) -> PyResult {
    record(vm, "name", a.get(0))?;
    let c = a.get(0).downcast::<Str>().and_then(|s| s.char_at(0)).unwrap_or(0);
    let known = unicode::record(c).category() != "Cn";
    let found = char::from_u32(c).filter(|_| known).and_then(unicode_names2::name).map(|n| vm.str(&n.to_string()));
    or_default(vm, found, a, "no such name")
}

fn lookup(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(s) = a.get(0).downcast::<Str>() else {
        return Err(vm.type_error(&format!("lookup() argument must be str, not {}", vm.type_of(a.get(0)).name())));
    };
    match s.to_str().and_then(character) {
        Some(c) => Ok(vm.char(c)),
        None => Err(vm.raise_text(vm.types().KeyError, &format!("undefined character name '{s}'"))),
    }
}

/// A text in a normal form; runs between surrogates are normalised on their own.
fn normal_form(vm: &Vm, form: &Value, text: &Value) -> PyResult {
    let (Some(form), Some(s)) = (form.downcast::<Str>(), text.downcast::<Str>()) else {
        let (i, wrong) = if form.is_a::<Str>() { (2, text) } else { (1, form) };
        return Err(vm.type_error(&format!("normalize() argument {i} must be str, not {}", vm.type_of(wrong).name())));
    };
    let form = form.to_string();
    if !matches!(form.as_str(), "NFC" | "NFD" | "NFKC" | "NFKD") {
        return Err(vm.value_error("invalid normalization form"));
    }
    if s.is_ascii() {
        return Ok(text.clone());
    }
    let run = |t: &str| -> String {
        match form.as_str() {
            "NFC" => t.nfc().collect(),
            "NFD" => t.nfd().collect(),
            "NFKC" => t.nfkc().collect(),
            _ => t.nfkd().collect(),
        }
    };
    if let Some(t) = s.to_str() {
        return vm.str_from_bytes(run(t).into_bytes());
    }
    let mut out = Vec::new();
    let mut part = String::new();
    for c in s.chars() {
        match char::from_u32(c) {
            Some(c) => part.push(c),
            None => {
                out.extend_from_slice(run(&part).as_bytes());
                part.clear();
                serpens_vm::types::str::push_char(&mut out, c);
            }
        }
    }
    out.extend_from_slice(run(&part).as_bytes());
    vm.str_from_bytes(out)
}

fn normalize(vm: &Vm, a: Args<'_>) -> PyResult {
    normal_form(vm, a.get(0), a.get(1))
}

fn is_normalized(vm: &Vm, a: Args<'_>) -> PyResult {
    let made = normal_form(vm, a.get(0), a.get(1))?;
    vm.eq(&made, a.get(1)).map(Value::bool)
}
