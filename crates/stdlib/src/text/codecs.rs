//! `_codecs`: the registry of codecs and error handlers, and the codecs that the machine has itself.

use serpens_state::NativeModule;
use serpens_vm::codecs::errors::call_builtin_handler;
use serpens_vm::codecs::registry::BUILTIN_HANDLERS;
use serpens_vm::codecs::utf16::{self, Order};
use serpens_vm::codecs::{Decoding, escape, single, utf7, utf8};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_codecs").functions(FUNCTIONS);

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("register", "(search_function, /)", |vm, a| vm.register_codec(a.get(0)).map(|()| Value::NONE))
        .doc(
            "Register a codec search function.\n\nSearch functions are expected to take one argument, the encoding name \
             in\nall lower case letters, and either return None, or a tuple of functions\n(encoder, decoder, \
             stream_reader, stream_writer) (or a CodecInfo object).",
        ),
    MethodDef::new("unregister", "(search_function, /)", |vm, a| {
        vm.unregister_codec(a.get(0));
        Ok(Value::NONE)
    })
    .doc(
        "Unregister a codec search function and clear the registry's cache.\n\nIf the search function is not registered, \
         do nothing.",
    ),
    MethodDef::new("lookup", "(encoding, /)", |vm, a| vm.lookup_codec(&text(vm, "lookup", a.get(0))?))
        .doc("Looks up a codec tuple in the Python codec registry and returns a CodecInfo object."),
    MethodDef::new("encode", "(obj, encoding='utf-8', errors='strict')", encode)
        .doc("Encodes obj using the codec registered for encoding."),
    MethodDef::new("decode", "(obj, encoding='utf-8', errors='strict')", decode)
        .doc("Decodes obj using the codec registered for encoding."),
    MethodDef::new("register_error", "(errors, handler, /)", |vm, a| {
        vm.register_error_handler(&text(vm, "register_error", a.get(0))?, a.get(1)).map(|()| Value::NONE)
    })
    .doc(
        "Register the specified error handler under the name errors.\n\nhandler must be a callable object, that\nwill be \
         called with an exception instance containing\ninformation about the location of the encoding/decoding\nerror and \
         must return a (replacement, new position) tuple.",
    ),
    MethodDef::new("_unregister_error", "(errors, /)", |vm, a| {
        vm.unregister_error_handler(&text(vm, "_unregister_error", a.get(0))?).map(Value::bool)
    })
    .doc(
        "Un-register the specified error handler for the error handling `errors'.\n\nOnly custom error handlers can be \
         un-registered. An exception is raised\nif the error handling is a built-in one (e.g., 'strict'), or if an \
         error\noccurs.\n\nOtherwise, this returns True if a custom handler has been successfully\nun-registered, and \
         False if no custom handler for the specified error\nhandling exists.",
    ),
    MethodDef::new("lookup_error", "(name, /)", lookup_error)
        .doc("lookup_error(errors) -> handler\n\nReturn the error handler for the specified error handling name or raise a\nLookupError, if no handler exists under this name."),
    MethodDef::new("utf_8_encode", "(str, errors=None, /)", |vm, a| encoded(vm, &a, "utf_8_encode", utf8::encode)),
    MethodDef::new("utf_8_decode", "(data, errors=None, final=False, /)", utf_8_decode),
    MethodDef::new("ascii_encode", "(str, errors=None, /)", |vm, a| {
        encoded(vm, &a, "ascii_encode", |vm, s, e| single::encode_up_to(vm, s, e, "ascii", 128))
    }),
    MethodDef::new("ascii_decode", "(data, errors=None, /)", |vm, a| {
        let (input, errors) = input(vm, &a, "ascii_decode")?;
        pair(vm, single::decode_ascii(Decoding::new(vm, "ascii", None, &input, errors.as_deref()))?)
    }),
    MethodDef::new("latin_1_encode", "(str, errors=None, /)", |vm, a| {
        encoded(vm, &a, "latin_1_encode", |vm, s, e| single::encode_up_to(vm, s, e, "latin-1", 256))
    }),
    MethodDef::new("latin_1_decode", "(data, errors=None, /)", |vm, a| {
        let (input, _) = input(vm, &a, "latin_1_decode")?;
        Ok(vm.tuple_of(&[single::decode_latin1(vm, &input)?, Value::from_usize(input.len())]))
    }),
    MethodDef::new("utf_7_encode", "(str, errors=None, /)", |vm, a| {
        encoded(vm, &a, "utf_7_encode", |_, s, _| Ok(s.downcast::<Str>().map_or(Vec::new(), utf7::encode)))
    }),
    MethodDef::new("utf_7_decode", "(data, errors=None, final=False, /)", |vm, a| {
        let (input, errors) = input(vm, &a, "utf_7_decode")?;
        pair(vm, utf7::decode(Decoding::new(vm, "utf7", None, &input, errors.as_deref()), whole(vm, &a, 2)?)?)
    }),
    MethodDef::new("utf_16_encode", "(str, errors=None, byteorder=0, /)", |vm, a| {
        let order = order_arg(vm, a.opt(2))?;
        encoded(vm, &a, "utf_16_encode", |vm, s, e| utf16::encode16(vm, s, e, order))
    }),
    MethodDef::new("utf_16_le_encode", "(str, errors=None, /)", |vm, a| {
        encoded(vm, &a, "utf_16_le_encode", |vm, s, e| utf16::encode16(vm, s, e, Some(Order::Little)))
    }),
    MethodDef::new("utf_16_be_encode", "(str, errors=None, /)", |vm, a| {
        encoded(vm, &a, "utf_16_be_encode", |vm, s, e| utf16::encode16(vm, s, e, Some(Order::Big)))
    }),
    MethodDef::new("utf_16_decode", "(data, errors=None, final=False, /)", |vm, a| wide(vm, &a, "utf_16_decode", 2, None)),
    MethodDef::new("utf_16_le_decode", "(data, errors=None, final=False, /)", |vm, a| {
        wide(vm, &a, "utf_16_le_decode", 2, Some(Order::Little))
    }),
    MethodDef::new("utf_16_be_decode", "(data, errors=None, final=False, /)", |vm, a| {
        wide(vm, &a, "utf_16_be_decode", 2, Some(Order::Big))
    }),
    MethodDef::new("utf_16_ex_decode", "(data, errors=None, byteorder=0, final=False, /)", |vm, a| {
        wide_ex(vm, &a, "utf_16_ex_decode", 2)
    }),
    MethodDef::new("utf_32_encode", "(str, errors=None, byteorder=0, /)", |vm, a| {
        let order = order_arg(vm, a.opt(2))?;
        encoded(vm, &a, "utf_32_encode", |vm, s, e| utf16::encode32(vm, s, e, order))
    }),
    MethodDef::new("utf_32_le_encode", "(str, errors=None, /)", |vm, a| {
        encoded(vm, &a, "utf_32_le_encode", |vm, s, e| utf16::encode32(vm, s, e, Some(Order::Little)))
    }),
    MethodDef::new("utf_32_be_encode", "(str, errors=None, /)", |vm, a| {
        encoded(vm, &a, "utf_32_be_encode", |vm, s, e| utf16::encode32(vm, s, e, Some(Order::Big)))
    }),
    MethodDef::new("utf_32_decode", "(data, errors=None, final=False, /)", |vm, a| wide(vm, &a, "utf_32_decode", 4, None)),
    MethodDef::new("utf_32_le_decode", "(data, errors=None, final=False, /)", |vm, a| {
        wide(vm, &a, "utf_32_le_decode", 4, Some(Order::Little))
    }),
    MethodDef::new("utf_32_be_decode", "(data, errors=None, final=False, /)", |vm, a| {
        wide(vm, &a, "utf_32_be_decode", 4, Some(Order::Big))
    }),
    MethodDef::new("utf_32_ex_decode", "(data, errors=None, byteorder=0, final=False, /)", |vm, a| {
        wide_ex(vm, &a, "utf_32_ex_decode", 4)
    }),
    MethodDef::new("unicode_escape_encode", "(str, errors=None, /)", |vm, a| {
        encoded(vm, &a, "unicode_escape_encode", |_, s, _| Ok(s.downcast::<Str>().map_or(Vec::new(), escape::encode_unicode)))
    }),
    MethodDef::new("unicode_escape_decode", "(data, errors=None, final=True, /)", unicode_escape_decode),
    MethodDef::new("raw_unicode_escape_encode", "(str, errors=None, /)", |vm, a| {
        encoded(vm, &a, "raw_unicode_escape_encode", |_, s, _| Ok(s.downcast::<Str>().map_or(Vec::new(), escape::encode_raw)))
    }),
    MethodDef::new("raw_unicode_escape_decode", "(data, errors=None, final=True, /)", |vm, a| {
        let (input, errors) = input(vm, &a, "raw_unicode_escape_decode")?;
        let whole = a.opt(2).map_or(Ok(true), |v| vm.truthy(v))?;
        pair(vm, escape::decode_raw(Decoding::new(vm, "rawunicodeescape", None, &input, errors.as_deref()), whole)?)
    }),
    MethodDef::new("escape_encode", "(data, errors=None, /)", escape_encode),
    MethodDef::new("escape_decode", "(data, errors=None, /)", escape_decode),
    MethodDef::new("charmap_encode", "(str, errors=None, mapping=None, /)", |vm, a| {
        let map = a.some(2).cloned();
        encoded(vm, &a, "charmap_encode", |vm, s, e| match &map {
            Some(map) => single::encode_map(vm, s, e, map),
            None => single::encode_up_to(vm, s, e, "latin-1", 256),
        })
    }),
    MethodDef::new("charmap_decode", "(data, errors=None, mapping=None, /)", |vm, a| {
        let (input, errors) = input(vm, &a, "charmap_decode")?;
        match a.some(2) {
            None => Ok(vm.tuple_of(&[single::decode_latin1(vm, &input)?, Value::from_usize(input.len())])),
            Some(map) => {
                pair(vm, single::decode_map(Decoding::new(vm, "charmap", None, &input, errors.as_deref()), map)?)
            }
        }
    }),
    MethodDef::new("charmap_build", "(map, /)", charmap_build),
    MethodDef::new("readbuffer_encode", "(data, errors=None, /)", |vm, a| {
        let (input, _) = input(vm, &a, "readbuffer_encode")?;
        Ok(vm.tuple_of(&[vm.bytes(&input), Value::from_usize(input.len())]))
    }),
];

/// The error handlers that the machine has itself, as functions.
const HANDLERS: &[MethodDef] = &[
    MethodDef::new("strict_errors", "(exc, /)", |vm, a| call_builtin_handler(vm, "strict", a.get(0)))
        .doc("Implements the 'strict' error handling, which raises a UnicodeError on coding errors."),
    MethodDef::new("ignore_errors", "(exc, /)", |vm, a| call_builtin_handler(vm, "ignore", a.get(0)))
        .doc("Implements the 'ignore' error handling, which ignores malformed data and continues."),
    MethodDef::new("replace_errors", "(exc, /)", |vm, a| call_builtin_handler(vm, "replace", a.get(0)))
        .doc("Implements the 'replace' error handling, which replaces malformed data with a replacement marker."),
    MethodDef::new("backslashreplace_errors", "(exc, /)", |vm, a| {
        call_builtin_handler(vm, "backslashreplace", a.get(0))
    })
    .doc("Implements the 'backslashreplace' error handling, which replaces malformed data with a backslashed escape sequence."),
    MethodDef::new("xmlcharrefreplace_errors", "(exc, /)", |vm, a| {
        call_builtin_handler(vm, "xmlcharrefreplace", a.get(0))
    })
    .doc("Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable character with the appropriate XML character reference."),
    MethodDef::new("namereplace_errors", "(exc, /)", |vm, a| call_builtin_handler(vm, "namereplace", a.get(0)))
        .doc("Implements the 'namereplace' error handling, which replaces an unencodable character with a \\N{...} escape sequence."),
    MethodDef::new("surrogatepass", "(exc, /)", |vm, a| call_builtin_handler(vm, "surrogatepass", a.get(0))),
    MethodDef::new("surrogateescape", "(exc, /)", |vm, a| call_builtin_handler(vm, "surrogateescape", a.get(0))),
];

fn text(vm: &Vm, function: &str, v: &Value) -> PyResult<String> {
    match v.downcast::<Str>() {
        Some(s) if s.as_bytes().contains(&0) => Err(vm.value_error("embedded null character")),
        Some(s) => Ok(s.to_string()),
        None => {
            let name = vm.type_of(v).name();
            Err(vm.type_error(&format!("{function}() argument must be str, not {name}")))
        }
    }
}

fn errors_arg(vm: &Vm, function: &str, v: Option<&Value>) -> PyResult<Option<String>> {
    match v {
        None => Ok(None),
        Some(v) if v.is_a::<Str>() => Ok(Some(text(vm, function, v)?)),
        Some(v) => {
            Err(vm.type_error(&format!("{function}() argument 2 must be str or None, not {}", vm.type_of(v).name())))
        }
    }
}

/// The bytes of argument 0 (text counts as UTF-8) and the error handling of argument 1.
fn input(vm: &Vm, a: &Args<'_>, function: &str) -> PyResult<(Vec<u8>, Option<String>)> {
    let errors = errors_arg(vm, function, a.some(1))?;
    let escapes = function.contains("escape");
    let data = match a.get(0).downcast::<Str>() {
        Some(s) if escapes => s.as_bytes().to_vec(),
        _ => vm.get_buffer(a.get(0), false)?.to_vec(),
    };
    Ok((data, errors))
}

fn whole(vm: &Vm, a: &Args<'_>, i: usize) -> PyResult<bool> {
    a.opt(i).map_or(Ok(false), |v| vm.truthy(v))
}

fn pair(vm: &Vm, (text, n): (Vec<u8>, usize)) -> PyResult {
    Ok(vm.tuple_of(&[vm.str_from_bytes(text)?, Value::from_usize(n)]))
}

fn encoded(
    vm: &Vm,
    a: &Args<'_>,
    function: &str,
    f: impl FnOnce(&Vm, &Value, Option<&str>) -> PyResult<Vec<u8>>,
) -> PyResult {
    let Some(s) = a.get(0).downcast::<Str>() else {
        return Err(vm.type_error(&format!("{function}() argument 1 must be str, not {}", vm.type_of(a.get(0)).name())));
    };
    let errors = errors_arg(vm, function, a.some(1))?;
    let n = s.len();
    let bytes = f(vm, a.get(0), errors.as_deref())?;
    Ok(vm.tuple_of(&[vm.bytes(&bytes), Value::from_usize(n)]))
}

fn order_arg(vm: &Vm, v: Option<&Value>) -> PyResult<Option<Order>> {
    Ok(match v {
        None => None,
        Some(v) => match vm.arg_i32(v)? {
            0 => None,
            n if n < 0 => Some(Order::Little),
            _ => Some(Order::Big),
        },
    })
}

fn decode_wide(
    vm: &Vm,
    input: &[u8],
    errors: Option<&str>,
    size: usize,
    order: Option<Order>,
    whole: bool,
) -> PyResult<utf16::Decoded> {
    if size == 2 {
        utf16::decode16(Decoding::new(vm, utf16::name16(order), None, input, errors), order, whole)
    } else {
        utf16::decode32(Decoding::new(vm, utf16::name32(order), None, input, errors), order, whole)
    }
}

fn wide(vm: &Vm, a: &Args<'_>, function: &str, size: usize, order: Option<Order>) -> PyResult {
    let (input, errors) = input(vm, a, function)?;
    let whole = whole(vm, a, 2)?;
    pair(vm, decode_wide(vm, &input, errors.as_deref(), size, order, whole)?.0)
}

fn wide_ex(vm: &Vm, a: &Args<'_>, function: &str, size: usize) -> PyResult {
    let (input, errors) = input(vm, a, function)?;
    let order = order_arg(vm, a.opt(2))?;
    let whole = whole(vm, a, 3)?;
    let ((text, n), found) = decode_wide(vm, &input, errors.as_deref(), size, order, whole)?;
    let found = match found {
        None => 0,
        Some(Order::Little) => -1,
        Some(Order::Big) => 1,
    };
    Ok(vm.tuple_of(&[vm.str_from_bytes(text)?, Value::from_usize(n), Value::int_unchecked(found)]))
}

fn utf_8_decode(vm: &Vm, a: Args<'_>) -> PyResult {
    let (input, errors) = input(vm, &a, "utf_8_decode")?;
    let whole = whole(vm, &a, 2)?;
    let (text, n) = utf8::decode(Decoding::new(vm, "utf-8", None, &input, errors.as_deref()), whole)?;
    Ok(vm.tuple_of(&[text, Value::from_usize(n)]))
}

fn unicode_escape_decode(vm: &Vm, a: Args<'_>) -> PyResult {
    let (input, errors) = input(vm, &a, "unicode_escape_decode")?;
    let whole = a.opt(2).map_or(Ok(true), |v| vm.truthy(v))?;
    let d = Decoding::new(vm, "unicodeescape", None, &input, errors.as_deref());
    let made = escape::decode_unicode(d, whole)?;
    if let Some(invalid) = &made.invalid {
        escape::warn_invalid(vm, invalid, false)?;
    }
    pair(vm, (made.out, made.consumed))
}

fn escape_decode(vm: &Vm, a: Args<'_>) -> PyResult {
    let (input, errors) = input(vm, &a, "escape_decode")?;
    let made = escape::decode_bytes(vm, &input, errors.as_deref())?;
    if let Some(invalid) = &made.invalid {
        escape::warn_invalid(vm, invalid, true)?;
    }
    Ok(vm.tuple_of(&[vm.bytes(&made.out), Value::from_usize(made.consumed)]))
}

fn escape_encode(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(b) = a.get(0).downcast::<serpens_vm::types::bytes::Bytes>() else {
        return Err(
            vm.type_error(&format!("escape_encode() argument 1 must be bytes, not {}", vm.type_of(a.get(0)).name()))
        );
    };
    Ok(vm.tuple_of(&[vm.bytes(&escape::encode_bytes(b.as_bytes())), Value::from_usize(b.len())]))
}

/// A dict from the characters of a decoding table to their bytes.
fn charmap_build(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(map) = a.get(0).downcast::<Str>() else {
        return Err(
            vm.type_error(&format!("charmap_build() argument must be str, not {}", vm.type_of(a.get(0)).name()))
        );
    };
    let made = vm.new_dict();
    if let Some(dict) = made.downcast::<Dict>() {
        for (i, c) in map.chars().take(256).enumerate() {
            if c != 0xfffe {
                dict.set(vm, Value::int_unchecked(c as i64), Value::from_usize(i))?;
            }
        }
    }
    Ok(made)
}

fn lookup_error(vm: &Vm, a: Args<'_>) -> PyResult {
    let name = text(vm, "lookup_error", a.get(0))?;
    if let Some(f) = vm.registered_error_handler(&name) {
        return Ok(f);
    }
    match BUILTIN_HANDLERS.iter().position(|h| *h == name) {
        Some(_) => {
            let def = HANDLERS.iter().find(|d| d.name.strip_suffix("_errors").unwrap_or(d.name) == name);
            match def {
                Some(def) => {
                    let f = vm.builtin(def, None);
                    vm.register_error_handler(&name, &f)?;
                    Ok(f)
                }
                None => Err(vm.unknown_error_handler(&name)),
            }
        }
        None => Err(vm.unknown_error_handler(&name)),
    }
}

fn names(vm: &Vm, a: &Args<'_>, function: &str) -> PyResult<(String, Option<String>)> {
    let encoding = match a.opt(1) {
        Some(v) => text(vm, function, v)?,
        None => "utf-8".to_string(),
    };
    let errors = match a.opt(2) {
        Some(v) => Some(text(vm, function, v)?),
        None => None,
    };
    Ok((encoding, errors))
}

fn through(vm: &Vm, a: &Args<'_>, function: &str, i: i64) -> PyResult {
    let (encoding, errors) = names(vm, a, function)?;
    let codec = vm.lookup_codec(&encoding)?;
    let f = vm.get_item(&codec, &Value::int_unchecked(i))?;
    let result = match errors {
        Some(e) => vm.call_pos(&f, &[a.get(0).clone(), vm.str(&e)])?,
        None => vm.call_one(&f, a.get(0))?,
    };
    match result.downcast::<Tuple>().map(|t| t.as_slice()) {
        Some([first, _]) => Ok(first.clone()),
        _ if i == 0 => Err(vm.type_error("encoder must return a tuple (object, integer)")),
        _ => Err(vm.type_error("decoder must return a tuple (object,integer)")),
    }
}

fn encode(vm: &Vm, a: Args<'_>) -> PyResult {
    through(vm, &a, "encode", 0)
}

fn decode(vm: &Vm, a: Args<'_>) -> PyResult {
    through(vm, &a, "decode", 1)
}
