//! Which slots a class made at run time has.
//!
//! Slots are decided per special method: the first class of the MRO that defines the method decides. If it is native, its
//! slot is copied; if it is a Python class, the calling function is installed. Most classes extend one base whose slots are
//! decided already: those start with the base's and look at their own methods only.
#![expect(unsafe_code, reason = "slots are written while a class is built or changed")]

use super::fields::{copy, install, reset};
use super::method::{slot_getattr, slot_new};
use super::{Dunder, DunderSet, DunderTable};
use crate::error::PyResult;
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;

/// The numbers of the special methods in a set, in order.
fn members(mut set: DunderSet) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let i = set.trailing_zeros();
        set &= set.wrapping_sub(1);
        (i < DunderSet::BITS).then_some(i as usize)
    })
}

impl TypeObj {
    /// Decides all slots of a class made at run time, from the MRO.
    pub(crate) fn decide_slots(&self, vm: &Vm) {
        let table = vm.image().dunders();
        self.note_dunders(vm);
        let slots = match self.slots_over_base(vm, table) {
            Some(slots) => {
                debug_assert!(words(&slots) == words(&self.slots_by_mro(vm, table)), "of class {}", self.name());
                slots
            }
            None => self.slots_by_mro(vm, table),
        };
        let custom =
            slots.getattr.is_some_and(|f| std::ptr::fn_addr_eq(f, slot_getattr as fn(&Vm, &Value, &Value) -> PyResult));
        for (flag, on) in [(tflag::CUSTOM_GETATTR, custom), (tflag::FINALIZER, slots.del.is_some())] {
            self.flags.set(self.flags.get() & !flag | if on { flag } else { 0 });
        }
        // SAFETY: borrows of slots live for the load of one function pointer.
        unsafe { *self.slots.get() = slots };
    }

    /// The slots of a class whose MRO is its base's behind itself: the base's, but for its own methods. `None` if one of
    /// those stands for a native slot.
    fn slots_over_base(&self, vm: &Vm, table: &DunderTable) -> Option<Slots> {
        let base = self.base()?;
        let (own, rest) = self.mro_slice().split_first()?;
        let inherited = base.mro_slice();
        if !own.is(&self.value()) || rest.len() != inherited.len() || !rest.iter().zip(inherited).all(|(a, b)| a.is(b))
        {
            return None;
        }
        let mut slots = base.slots().clone();
        if !base.is_heap() {
            slots.new = self.slot_of_new(vm);
        }
        for i in members(self.dunders.get()) {
            let (name, d) = &table.entries[i];
            let method = self.dict().get_str(vm, name)?;
            if *d == Dunder::New {
                slots.new = Some(slot_new);
            } else if vm.wraps_slot_of(&method, *d, self) {
                return None;
            } else {
                reset(&mut slots, *d);
                install(&mut slots, *d, method.is_none());
            }
        }
        Some(slots)
    }

    /// The slots of any class.
    fn slots_by_mro(&self, vm: &Vm, table: &DunderTable) -> Slots {
        let mut slots = Slots::EMPTY;
        let mro = self.mro_slice();
        let anywhere = mro.iter().filter_map(TypeObj::from_value).fold(0, |all, class| all | class.dunders.get());
        // Python definitions win over native ones for slots that several methods share, so they go last.
        let mut by_python: SmallVec<[(Dunder, bool); 16]> = SmallVec::new();
        for i in members(anywhere) {
            let (name, d) = &table.entries[i];
            if *d == Dunder::New {
                continue;
            }
            let defines = |class: &&TypeObj| class.dunders.get() >> i & 1 != 0;
            let mut definers = mro.iter().filter_map(TypeObj::from_value).filter(defines);
            let Some((class, method)) = definers.find_map(|class| Some((class, class.dict().get_str(vm, name)?)))
            else {
                continue;
            };
            if class.is_heap() && !vm.wraps_slot_of(&method, *d, self) {
                by_python.push((*d, method.is_none()));
            } else {
                copy(&mut slots, vm.wrapped_slots(&method).unwrap_or_else(|| class.slots()), *d);
            }
        }
        for (d, is_none) in by_python {
            reset(&mut slots, d);
            install(&mut slots, d, is_none);
        }
        slots.new = self.slot_of_new(vm);
        slots
    }

    /// The slot for `__new__`: a Python definition anywhere before the native one.
    fn slot_of_new(&self, vm: &Vm) -> Option<fn(&Vm, &TypeObj, &crate::native::CallArgs<'_>) -> PyResult> {
        let name = &vm.names().__new__;
        let mut classes = self.mro_slice().iter().filter_map(TypeObj::from_value);
        let class = classes.find(|class| class.dict().get_str(vm, name).is_some())?;
        if class.is_heap() { Some(slot_new) } else { class.slots().new }
    }

    /// Notes which special methods the class defines itself. Whoever changes them has the slots decided anew.
    pub(crate) fn note_dunders(&self, vm: &Vm) {
        self.dunders.set(vm.image().dunders().defined_by(self.dict()));
    }

    /// After an attribute changed: decides the slots of the class and its subclasses anew if it was a special method.
    pub(crate) fn slot_attribute_changed(&self, vm: &Vm, name: &Value) {
        if !vm.image().dunders().has(vm, name) {
            return;
        }
        self.decide_slots(vm);
        for sub in vm.subclasses(self) {
            if let Some(sub) = TypeObj::from_value(&sub) {
                sub.slot_attribute_changed(vm, name);
            }
        }
    }
}

/// Slots as words, for comparing them in debug builds.
fn words(slots: &Slots) -> &[usize] {
    const { assert!(size_of::<Slots>().is_multiple_of(size_of::<usize>())) };
    // SAFETY: a table of optional function pointers, each a word.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(slots).cast(), size_of::<Slots>() / size_of::<usize>()) }
}
