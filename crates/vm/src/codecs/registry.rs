//! Codecs and error handlers that Python code registered, in interpreter-local storage.

use crate::error::{PyResult, Raised};
use crate::origin::{Copier, Local};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// What `_codecs` keeps for an interpreter.
#[derive(Default)]
pub struct CodecRegistry {
    search: RefCell<Vec<Value>>,
    cache: RefCell<HashMap<String, Value>>,
    handlers: RefCell<HashMap<String, Value>>,
    /// Whether module `encodings`, which registers the library's codecs, was asked for.
    loaded: Cell<bool>,
}

impl Local for CodecRegistry {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let table = |of: &RefCell<HashMap<String, Value>>| {
            let own = copier.look(of).iter().map(|(name, v)| (name.clone(), copier.take(v)));
            RefCell::new(own.collect())
        };
        Some(CodecRegistry {
            search: RefCell::new(copier.look(&self.search).iter().map(|v| copier.take(v)).collect()),
            cache: table(&self.cache),
            handlers: table(&self.handlers),
            loaded: self.loaded.clone(),
        })
    }
}

/// Error handlers that the machine has itself.
pub const BUILTIN_HANDLERS: [&str; 8] = [
    "strict",
    "ignore",
    "replace",
    "backslashreplace",
    "xmlcharrefreplace",
    "namereplace",
    "surrogatepass",
    "surrogateescape",
];

impl Vm {
    /// The codecs and error handlers of this interpreter.
    pub fn codec_registry(&self) -> std::rc::Rc<CodecRegistry> {
        self.local(|_| CodecRegistry::default())
    }

    /// `codecs.register(search_function)`.
    pub fn register_codec(&self, search: &Value) -> PyResult<()> {
        if !self.is_callable(search) {
            return Err(self.type_error("argument must be callable"));
        }
        self.codec_registry().search.borrow_mut().push(search.clone());
        Ok(())
    }

    /// `codecs.unregister(search_function)`.
    pub fn unregister_codec(&self, search: &Value) {
        let registry = self.codec_registry();
        let gone: Vec<Value> = registry.search.borrow_mut().extract_if(.., |s| s.is(search)).collect();
        if !gone.is_empty() {
            let old = registry.cache.take();
            drop(old);
        }
    }

    /// `codecs.lookup(encoding)`: a `CodecInfo`, or `LookupError`.
    pub fn lookup_codec(&self, name: &str) -> PyResult {
        let registry = self.codec_registry();
        let key = name.to_lowercase().replace(' ', "-");
        if let Some(found) = registry.cache.borrow().get(&key) {
            return Ok(found.clone());
        }
        if !registry.loaded.replace(true) {
            let module = self.hooks().import_name(self, &self.str("encodings"), &Value::NONE, &Value::NONE, 0);
            if let Err(e) = module {
                registry.loaded.set(false);
                return Err(e);
            }
        }
        let argument = self.str(&super::normalized(name));
        let functions: Vec<Value> = registry.search.borrow().clone();
        for f in functions {
            let found = self.call_one(&f, &argument)?;
            if found.is_none() {
                continue;
            }
            if found.downcast::<Tuple>().is_none_or(|t| t.len() != 4) {
                return Err(self.type_error("codec search functions must return 4-tuples"));
            }
            let old = registry.cache.borrow_mut().insert(key, found.clone());
            drop(old);
            return Ok(found);
        }
        Err(self.raise_text(self.types().LookupError, &format!("unknown encoding: {name}")))
    }

    /// The codec for a text encoding; `LookupError` if it is registered as something else.
    pub(super) fn lookup_text_codec(&self, name: &str, verb: &str, instead: &str) -> PyResult {
        let codec = self.lookup_codec(name)?;
        if !self.is_exact(&codec, self.types().tuple) {
            let flag = self.getattr_opt(&codec, &self.intern("_is_text_encoding"))?;
            if let Some(flag) = flag
                && !self.truthy(&flag)?
            {
                let _ = verb;
                return Err(self.raise_text(
                    self.types().LookupError,
                    &format!("'{name}' is not a text encoding; use {instead} to handle arbitrary codecs"),
                ));
            }
        }
        Ok(codec)
    }

    /// `codecs.register_error(name, handler)`.
    pub fn register_error_handler(&self, name: &str, handler: &Value) -> PyResult<()> {
        if !self.is_callable(handler) {
            return Err(self.type_error("handler must be callable"));
        }
        let old = self.codec_registry().handlers.borrow_mut().insert(name.to_string(), handler.clone());
        drop(old);
        Ok(())
    }

    /// `codecs._unregister_error(name)`: whether it was registered.
    pub fn unregister_error_handler(&self, name: &str) -> PyResult<bool> {
        if BUILTIN_HANDLERS.contains(&name) {
            return Err(self.value_error(&format!("cannot un-register built-in error handler '{name}'")));
        }
        let old = self.codec_registry().handlers.borrow_mut().remove(name);
        Ok(old.is_some())
    }

    /// A handler that Python code registered.
    pub fn registered_error_handler(&self, name: &str) -> Option<Value> {
        self.codec_registry().handlers.borrow().get(name).cloned()
    }

    /// `LookupError`: no such handler.
    #[cold]
    pub fn unknown_error_handler(&self, name: &str) -> Raised {
        self.raise_text(self.types().LookupError, &format!("unknown error handler name '{name}'"))
    }
}
