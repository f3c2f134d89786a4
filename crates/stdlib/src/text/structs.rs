//! To follow.
use serpens_state::NativeModule;
/// x
pub static MODULE: NativeModule = NativeModule::new("_structs");
