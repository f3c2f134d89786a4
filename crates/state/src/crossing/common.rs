//! Immutable values that cross by reference: long tuples, frozensets and big integers.

use super::{Carry, carried};
use crate::lending;
use serpens_share::{Portable, Tuple as PTuple};
use serpens_vm::common::Parcel;
use serpens_vm::types::set::Set;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{PyResult, Value, Vm};

/// A value of about so many bytes crosses by reference; a smaller one is rebuilt. To make the common copy costs 1.4 us and 2 ns for
/// an int or 30 for a short `str`, to rebuild one 0.4 us and 26 or 60 (release build, 2 cores, a queue's put and get): a tuple of
/// this size, 125 ints or 20 texts, takes 1.7 or 2.0 us the first time and 0.5 later, rebuilt 3.6 or 1.6 each time.
pub const SHARE_FROM: usize = 1024;

/// A tuple of at most so many items, containers among them, is an envelope: it is rebuilt, so that what it holds is known when it
/// is sent in another one. Envelopes in an envelope are, too, and no deeper.
const ENVELOPE: usize = 16;
/// How deep envelopes nest.
const ENVELOPES: u32 = 2;

/// A value on its way that all who receive it have in common.
struct Common(Parcel);

impl Carry for Common {
    fn arrive(&self, vm: &Vm) -> PyResult {
        vm.receive_common(&self.0)
    }
}

/// The portable form of a tuple, frozenset or int that interpreters may have in common and that is large enough; `full`: also
/// of what does not cross without a fallback.
pub(super) fn portable(vm: &Vm, v: &Value, depth: u32, full: bool) -> PyResult<Option<Portable>> {
    if let Some(parcel) = vm.common_parcel(v) {
        return Ok((full || parcel.is_native()).then(|| carried(Common(parcel))));
    }
    if depth < ENVELOPES && is_envelope(v) {
        return Ok(None);
    }
    let Some(survey) = vm.survey(v, PTuple::MAX_DEPTH, lending::LEND_FROM) else { return Ok(None) };
    if survey.bytes < SHARE_FROM || !(full || survey.is_native) {
        return Ok(None);
    }
    let parcel = vm.make_common(v, &survey, &mut |v, content| lending::lend_content(vm, v, content))?;
    Ok(Some(carried(Common(parcel))))
}

fn is_envelope(v: &Value) -> bool {
    v.downcast::<Tuple>()
        .is_some_and(|t| t.len() <= ENVELOPE && t.as_slice().iter().any(|v| v.is_a::<Tuple>() || v.is_a::<Set>()))
}
