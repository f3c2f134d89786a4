//! Iteration.

use crate::error::{PyResult, Raised};
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// `iter(obj)`.
    pub fn iter(&self, obj: &Value) -> PyResult {
        match self.iter_opt(obj)? {
            Some(it) => Ok(it),
            None => Err(self.not_iterable(obj)),
        }
    }

    /// `iter(obj)`, or `None` if it is not iterable.
    pub fn iter_opt(&self, obj: &Value) -> PyResult<Option<Value>> {
        let slots = self.type_of(obj).slots();
        if let Some(f) = slots.iter {
            let it = f(self, obj)?;
            if self.type_of(&it).slots().iternext.is_none() {
                let t = self.type_of(&it).name().to_string();
                return Err(self.type_error(&format!("iter() returned non-iterator of type '{t}'")));
            }
            return Ok(Some(it));
        }
        if slots.getitem.is_some()
            && !obj.is_a::<crate::types::dict::Dict>()
            && !obj.is_a::<crate::types::typeobj::TypeObj>()
            && !obj.is_a::<crate::types::generic_alias::Union>()
        {
            return Ok(Some(self.seq_iterator(obj)));
        }
        Ok(None)
    }

    /// The next item of an iterator; `None` when it is exhausted. Answers what is asked of the thread: iterators may be endless,
    /// and native code that asks for more of them has no other safepoint.
    #[inline]
    pub fn next(&self, it: &Value) -> PyResult<Option<Value>> {
        self.poll()?;
        // Iterators over iterators nest as deep as a program likes.
        let _guard = self.check_recursion(" while iterating")?;
        match self.type_of(it).slots().iternext {
            Some(f) => f(self, it),
            None => Err(self.type_error(&format!("'{}' object is not an iterator", self.type_of(it).name()))),
        }
    }

    /// Turns a pending StopIteration into the end of an iteration.
    pub fn stop_iteration_to_none(&self, e: Raised) -> PyResult<Option<Value>> {
        if self.pending_is(self.types().StopIteration) {
            drop(self.take_raised());
            return Ok(None);
        }
        Err(e)
    }

    /// Calls `f` for each item of an iterable.
    pub fn for_each(&self, iterable: &Value, mut f: impl FnMut(Value) -> PyResult<()>) -> PyResult<()> {
        if self.is_exact(iterable, self.types().list) {
            let list = iterable.downcast::<List>().expect("exactly a list");
            let mut i = 0;
            while let Some(item) = list.get(i) {
                f(item)?;
                i += 1;
            }
            return Ok(());
        }
        if self.is_exact(iterable, self.types().tuple) {
            let tuple = iterable.downcast::<Tuple>().expect("exactly a tuple");
            return tuple.as_slice().iter().try_for_each(|item| f(item.clone()));
        }
        let it = self.iter(iterable)?;
        while let Some(item) = self.next(&it)? {
            f(item)?;
        }
        Ok(())
    }

    /// All items of an iterable.
    pub fn collect(&self, iterable: &Value) -> PyResult<Vec<Value>> {
        if self.is_exact(iterable, self.types().list) {
            return Ok(iterable.downcast::<List>().map(List::to_vec).unwrap_or_default());
        }
        if self.is_exact(iterable, self.types().tuple) {
            return Ok(iterable.downcast::<Tuple>().map(|t| t.as_slice().to_vec()).unwrap_or_default());
        }
        let it = self.iter(iterable)?;
        let mut items = Vec::with_capacity(self.length_hint(iterable, 8)?.min(1 << 16));
        while let Some(item) = self.next(&it)? {
            if items.len() == items.capacity() {
                self.check_alloc(2 * size_of::<Value>() * items.len())?;
            }
            items.push(item);
        }
        Ok(items)
    }

    /// The TypeError of iterating what is not iterable.
    #[cold]
    pub fn not_iterable(&self, obj: &Value) -> Raised {
        self.type_error(&format!("'{}' object is not iterable", self.type_of(obj).name()))
    }
}
