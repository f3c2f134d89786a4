//! Modules that machines take from an origin instead of running their bodies.
//!
//! They are not in the origin's `sys.modules`: a machine that starts from it has none of them until it asks for one by name.
//! Which modules go together, and when a machine may take one, is for the layer above to say; here lie what they are and
//! which of them a machine has.
//!
//! Invariant: a machine takes each at most once: the reference that the table holds is among those that its copy begins with.

use super::Origin;
use crate::object::{Header, flag};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;

/// A module whose body has run in the origin.
#[derive(Debug)]
pub struct PreparedModule {
    /// Its full name, interned.
    pub name: Value,
    /// The module.
    pub module: Value,
    /// The modules that its body imported, by their places in the table.
    pub imports: Vec<usize>,
    /// Other names that its body entered into `sys.modules`, and what it entered.
    pub aliases: Vec<(Value, Value)>,
    /// The name under which importing it makes it an attribute of its package, and the package's place in the table.
    pub attribute: Option<(usize, Value)>,
}

/// The modules, in the order in which their bodies began.
#[derive(Debug, Default)]
pub struct Prepared {
    modules: Vec<PreparedModule>,
    places: HashMap<Box<str>, usize>,
    aliases: HashMap<Box<str>, usize>,
    environment: u64,
}

impl Prepared {
    /// A table of these modules. `environment` tells, to who made the table, what they were made in.
    pub fn new(modules: Vec<PreparedModule>, environment: u64) -> Prepared {
        let text = |name: &Value| name.downcast::<Str>().map_or(Box::default(), |s| s.as_str_lossy().into());
        let numbered = || modules.iter().enumerate();
        let places = numbered().map(|(i, m)| (text(&m.name), i)).collect();
        // An alias of another module of the table is there when that one is.
        let home = |owner: usize, module: &Value| {
            numbered().find(|(_, m)| m.module.bits() == module.bits()).map_or(owner, |(i, _)| i)
        };
        let aliases = numbered()
            .flat_map(|(i, m)| m.aliases.iter().map(move |(name, module)| (text(name), home(i, module))))
            .collect();
        Prepared { modules, places, aliases, environment }
    }

    /// What the modules were made in.
    pub fn environment(&self) -> u64 {
        self.environment
    }

    /// The place of the module of that full name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The module at a place; none after the last.
    pub fn get(&self, place: usize) -> Option<&PreparedModule> {
        self.modules.get(place)
    }

    /// Their full names.
    pub fn names(&self) -> Vec<String> {
        self.modules.iter().filter_map(|m| m.name.downcast::<Str>()).map(|s| s.to_string()).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.modules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }
}

impl Vm {
    /// What the origin that this machine started from has prepared. An origin's own origin does not count: what the former
    /// did to its modules is not known.
    pub fn prepared(&self) -> Option<&Prepared> {
        self.origin().map(|o| &o.prepared).filter(|p| !p.is_empty())
    }

    /// Whether this machine has taken the prepared module at a place.
    pub fn has_taken(&self, place: usize) -> bool {
        self.copies().taken.borrow().get(place).is_some_and(|taken| *taken)
    }

    /// Takes the prepared module at a place: the module and its aliases, as they are to be entered into `sys.modules`. `None`
    /// if it was taken before.
    pub fn take_prepared(&self, place: usize) -> Option<(Value, Vec<(Value, Value)>)> {
        let prepared = self.prepared()?;
        let entry = prepared.get(place)?;
        {
            let mut taken = self.copies().taken.borrow_mut();
            if taken.is_empty() {
                taken.resize(prepared.len(), false);
            }
            if std::mem::replace(&mut taken[place], true) {
                return None;
            }
        }
        let copier = super::Copier::new(self);
        let aliases = entry.aliases.iter().map(|(name, module)| (name.clone(), copier.take(module))).collect();
        Some((copier.take(&entry.module), aliases))
    }

    /// Whether an object is of a module that lies in an origin, this machine's or one before, and was not taken from there: the
    /// object is here, but nobody has imported its module.
    pub fn is_hidden(&self, object: &Value, module: &str) -> bool {
        object.header().is_some_and(|h| h.has(flag::COPY)) && self.hides_module(module) == Some(true)
    }

    /// Whether a module of an origin was not taken from there; `None` if no origin has one of that name.
    fn hides_module(&self, module: &str) -> Option<bool> {
        let (mut taken, mut next) = (&self.copies().taken, self.origin());
        while let Some(origin) = next {
            let table = &origin.prepared;
            if let Some(place) = table.find(module).or_else(|| table.aliases.get(module).copied()) {
                // The table of an origin stands still; this machine's is written nowhere that calls this.
                return Some(!taken.borrow().get(place).is_some_and(|taken| *taken));
            }
            (taken, next) = (&origin.vm.copies().taken, origin.before());
        }
        None
    }

    /// Whether a class that lies in an origin belongs to a module that nobody has imported here.
    pub(super) fn is_hidden_class(&self, class: &TypeObj) -> bool {
        let Some(module) = class.dict().get_str(self, &self.names().__module__) else { return false };
        let Some(name) = module.downcast::<Str>() else { return false };
        if let Some(hidden) = self.hides_module(name.as_str_lossy()) {
            return hidden;
        }
        // Classes of native modules may say that they are of another module than the one that has them.
        let modules = self.modules.get();
        let modules = modules.as_ref().and_then(|d| d.downcast::<Dict>());
        name.as_str_lossy() != "builtins" && modules.is_some_and(|d| d.get_str(self, &module).is_none())
    }

    /// Whether a dict that is a copy of an origin's has the values that it began with under every name that `counts`, and no
    /// others but those that are `expected`.
    pub fn is_as_in_origin(
        &self,
        dict: &Dict,
        counts: impl Fn(&str) -> bool,
        expected: impl Fn(&Value, &Value) -> bool,
    ) -> bool {
        let Some(origin) = self.origin() else { return false };
        if dict.is_untouched() {
            return true;
        }
        let Some(original) = self.copies().original(Header::of(dict)) else { return false };
        #[expect(unsafe_code, reason = "the payload of an original")]
        // SAFETY: a copy has the layout of its original.
        let original = unsafe { original.payload_unchecked::<Dict>() };
        let n = original.n_entries();
        let same = (0..n).all(|i| match (original.peek_entry(i), dict.peek_entry(i)) {
            (Some((key, was)), Some((own_key, is))) => {
                let counted = key.downcast::<Str>().is_none_or(|name| counts(name.as_str_lossy()));
                !counted || (key.bits() == own_key.bits() && self.stands_for(origin, is, was))
            }
            (was, is) => was.is_none() && is.is_none(),
        });
        same && (n..dict.n_entries()).all(|i| {
            dict.peek_entry(i).is_none_or(|(key, value)| {
                key.downcast::<Str>().is_some_and(|name| !counts(name.as_str_lossy())) || expected(key, value)
            })
        })
    }

    /// Whether a value of this machine is its copy of an original.
    pub fn is_copy_of(&self, own: &Value, original: &Value) -> bool {
        self.origin().is_some_and(|origin| self.stands_for(origin, own, original))
    }

    /// Whether a value of this machine is what the origin has, or the copy of it.
    fn stands_for(&self, origin: &Origin, own: &Value, original: &Value) -> bool {
        if own.bits() == original.bits() {
            return true;
        }
        let (Some(own), Some(original)) = (own.header(), original.header()) else { return false };
        own.has(flag::COPY) && self.copies().original(own).is_some_and(|h| std::ptr::eq(h, origin.latest(original)))
    }
}
