//! `_json`: what `json` leaves to the machine: scanning values and texts, and writing values.
//!
//! Rooms: [`strings`] texts between quotes, both ways; [`scanner`] text to values; [`encoder`] values to text.

mod encoder;
mod scanner;
mod strings;

use serpens_state::NativeModule;
use serpens_vm::{Raised, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_json")
    .doc("json speedups\n")
    .functions(strings::FUNCTIONS)
    .types(&[&scanner::SCANNER, &encoder::ENCODER]);

/// Raises `json.decoder.JSONDecodeError`; `at` is an index of characters.
#[cold]
fn decode_error(vm: &Vm, message: &str, text: &Value, at: usize) -> Raised {
    let class = serpens_state::import::import_module(vm, "json.decoder")
        .and_then(|decoder| vm.getattr_str(&decoder, "JSONDecodeError"));
    let made = class.and_then(|c| vm.call_pos(&c, &[vm.str(message), text.clone(), vm.int_usize(at)]));
    match made {
        Ok(e) => vm.raise(e),
        Err(raised) => raised,
    }
}
