//! `itertools`: building blocks of iterators.
//!
//! Rooms: [`infinite`] count, cycle, repeat; [`select`] what passes some items on; [`combine`] products and combinations;
//! [`group`] chain, zip_longest, groupby, tee.

mod combine;
mod group;
mod infinite;
mod select;

use serpens_state::NativeModule;
use serpens_vm::MethodDef;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("itertools")
    .doc(
        "Functional tools for creating and using iterators.\n\nInfinite iterators:\ncount(start=0, step=1) --> start, start+step, \
         start+2*step, ...\ncycle(p) --> p0, p1, ... plast, p0, p1, ...\nrepeat(elem [,n]) --> elem, elem, elem, ... endlessly \
         or up to n times",
    )
    .functions(&[MethodDef::new("tee", "(iterable, n=2, /)", group::tee)
        .doc("Returns a tuple of n independent iterators.")])
    .types(&[
        &infinite::COUNT,
        &infinite::CYCLE,
        &infinite::REPEAT,
        &select::ACCUMULATE,
        &select::BATCHED,
        &select::COMPRESS,
        &select::DROPWHILE,
        &select::FILTERFALSE,
        &select::ISLICE,
        &select::PAIRWISE,
        &select::STARMAP,
        &select::TAKEWHILE,
        &combine::COMBINATIONS,
        &combine::COMBINATIONS_WITH_REPLACEMENT,
        &combine::PERMUTATIONS,
        &combine::PRODUCT,
        &group::CHAIN,
        &group::GROUPBY,
        &group::GROUPER,
        &group::TEE,
        &group::ZIP_LONGEST,
    ]);
