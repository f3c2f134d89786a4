//! Native modules about text and binary data: codecs, Unicode, regular expressions, packing.
//!
//! One file or folder a module, named after it; each has a `pub static MODULE`.

pub mod binascii;
pub mod codecs;
pub mod regex;
pub mod string;
pub mod structs;
pub mod unicodedata;

use serpens_state::NativeModule;

/// The modules of this folder.
pub static MODULES: &[&NativeModule] =
    &[&binascii::MODULE, &codecs::MODULE, &regex::MODULE, &string::MODULE, &structs::MODULE, &unicodedata::MODULE];
