//! Special methods: each becomes the operation of the class that the machine calls directly.

use crate::attr::{Options, plain};
use crate::function::{Param, Receiver, Wrapper};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Path, Type};

/// Operations in the making.
pub(crate) struct Slots<'a> {
    root: &'a Path,
    class: &'a Type,
    /// Fields of `Slots`.
    fields: Vec<TokenStream>,
    /// Binary operators: variant, method, reflected method.
    binary: Vec<(String, Option<TokenStream>, Option<TokenStream>)>,
    inplace: Vec<(String, TokenStream)>,
    /// Comparisons: `eq`, `lt`, ... and `richcmp`.
    compare: Vec<(String, TokenStream)>,
    set_item: [Option<TokenStream>; 2],
    set_attr: [Option<TokenStream>; 2],
    traverse: Option<Ident>,
    clear: Option<Ident>,
}

/// Special methods that return an object: name, slot.
const UNARY: &[(&str, &str)] = &[
    ("__repr__", "repr"),
    ("__str__", "str"),
    ("__iter__", "iter"),
    ("__neg__", "neg"),
    ("__pos__", "pos"),
    ("__abs__", "abs"),
    ("__invert__", "invert"),
    ("__int__", "int"),
    ("__float__", "float"),
    ("__index__", "index"),
    ("__await__", "await_"),
    ("__aiter__", "aiter"),
    ("__anext__", "anext"),
];

const BINARY: &[(&str, &str)] = &[
    ("add", "Add"),
    ("sub", "Sub"),
    ("mul", "Mul"),
    ("truediv", "TrueDiv"),
    ("floordiv", "FloorDiv"),
    ("mod", "Mod"),
    ("pow", "Pow"),
    ("matmul", "MatMul"),
    ("lshift", "Shl"),
    ("rshift", "Shr"),
    ("and", "And"),
    ("or", "Or"),
    ("xor", "Xor"),
    ("divmod", "DivMod"),
];

const COMPARE: &[&str] = &["lt", "le", "eq", "ne", "gt", "ge", "richcmp"];

/// Special methods that have operations of their own which the macros do not fill in.
const UNSUPPORTED: &[&str] =
    &["__get__", "__set__", "__delete__", "__del__", "__getattribute__", "__buffer__", "__init__"];

/// Statements that call a method on `receiver` and bind its `result`; `values` are the arguments' expressions.
pub(crate) fn call(
    root: &Path,
    class: Option<&Type>,
    target: &TokenStream,
    params: &[Param],
    values: &[TokenStream],
) -> TokenStream {
    let mut values = values.iter();
    let mut take = TokenStream::new();
    let arguments: Vec<_> = params
        .iter()
        .map(|p| match p {
            Param::Token => quote!(py),
            Param::Receiver => quote!(#root::glue::receiver(&receiver)?),
            Param::SelfRef { mutable: false } => {
                take.extend(quote!(let this: #root::PyRef<'_, #class> = #root::glue::receiver(&receiver)?;));
                quote!(&*this)
            }
            Param::SelfRef { mutable: true } => {
                take.extend(quote!(let mut this: #root::PyRefMut<'_, #class> = #root::glue::receiver(&receiver)?;));
                quote!(&mut *this)
            }
            Param::Value(..) => values.next().cloned().unwrap_or_default(),
        })
        .collect();
    quote! {
        #take
        let result = #target(#(#arguments),*);
    }
}

impl<'a> Slots<'a> {
    pub(crate) fn new(root: &'a Path, class: &'a Type) -> Slots<'a> {
        Slots {
            root,
            class,
            fields: Vec::new(),
            binary: Vec::new(),
            inplace: Vec::new(),
            compare: Vec::new(),
            set_item: [None, None],
            set_attr: [None, None],
            traverse: None,
            clear: None,
        }
    }

    /// Adds the constructor.
    pub(crate) fn constructor(&mut self, def: TokenStream) {
        let root = self.root;
        self.fields.push(quote! {
            new: ::core::option::Option::Some({
                const NEW: #root::glue::MethodDef = #def;
                fn new(
                    vm: &#root::glue::Vm,
                    class: &#root::glue::TypeObj,
                    args: &#root::glue::CallArgs<'_>,
                ) -> #root::glue::VmResult {
                    #root::glue::construct(vm, class, &NEW, args)
                }
                new
            })
        });
    }

    /// Adds a method if it is special; false if it is a plain one.
    pub(crate) fn add(&mut self, name: &str, ident: &Ident, params: &[Param], options: &Options) -> syn::Result<bool> {
        let (root, class) = (self.root, self.class);
        let target = quote!(<#class>::#ident);
        if UNSUPPORTED.contains(&name) {
            return Err(syn::Error::new(ident.span(), format!("`{name}` is not supported in native classes")));
        }
        let value = |i: usize| {
            let names: Vec<_> = params
                .iter()
                .filter_map(|p| match p {
                    Param::Value(name, _) => Some(plain(name)),
                    _ => None,
                })
                .collect();
            let name = names.get(i).cloned().unwrap_or_default();
            let local = format_ident!("value_{i}");
            quote!(#root::glue::argument(&#local, #name)?)
        };
        let call_with = |n: usize| {
            let values: Vec<_> = (0..n).map(value).collect();
            call(root, Some(class), &target, params, &values)
        };
        if let Some((_, slot)) = UNARY.iter().find(|(n, _)| *n == name) {
            let slot = format_ident!("{slot}");
            let call = call_with(0);
            self.fields.push(unary(
                root,
                &slot,
                &quote!(),
                &call,
                &quote!(#root::glue::IntoReturn::into_return(result, py)),
            ));
            return Ok(true);
        }
        let plain_slots = [
            ("__bool__", "bool", quote!(bool), quote!(#root::glue::IntoPlain::<bool>::into_plain(result))),
            ("__len__", "len", quote!(usize), quote!(#root::glue::IntoPlain::<usize>::into_plain(result))),
            ("__hash__", "hash", quote!(i64), quote!(#root::glue::IntoHash::into_hash(result))),
            (
                "__next__",
                "iternext",
                quote!(::core::option::Option<#root::glue::Value>),
                quote!(#root::glue::IntoNext::into_next(result, py)),
            ),
        ];
        if let Some((_, slot, returns, convert)) = plain_slots.iter().find(|(n, ..)| *n == name) {
            let slot = format_ident!("{slot}");
            let call = call_with(0);
            self.fields.push(unary(root, &slot, &quote!(<#returns>), &call, convert));
            return Ok(true);
        }
        match name {
            "__getitem__" => {
                self.two("getitem", &quote!(), &call_with(1), &quote!(#root::glue::IntoReturn::into_return(result, py)))
            }
            "__contains__" => {
                let convert = quote!(#root::glue::IntoPlain::<bool>::into_plain(result));
                self.two("contains", &quote!(<bool>), &call_with(1), &convert);
            }
            "__getattr__" => self.get_attr(&call_with(1)),
            "__setitem__" => self.set_item[0] = Some(call_with(2)),
            "__delitem__" => self.set_item[1] = Some(call_with(1)),
            "__setattr__" => self.set_attr[0] = Some(call_with(2)),
            "__delattr__" => self.set_attr[1] = Some(call_with(1)),
            "__call__" => self.call_slot(ident, params, options)?,
            "__traverse__" => self.traverse = Some(ident.clone()),
            "__clear__" => self.clear = Some(ident.clone()),
            _ => return Ok(self.operator(name, &call_with)),
        }
        Ok(true)
    }

    fn operator(&mut self, name: &str, call_with: &dyn Fn(usize) -> TokenStream) -> bool {
        let Some(stem) = name.strip_prefix("__").and_then(|n| n.strip_suffix("__")) else { return false };
        if COMPARE.contains(&stem) {
            self.compare.push((stem.to_string(), call_with(2)));
            return true;
        }
        let variant = |stem: &str| BINARY.iter().find(|(s, _)| *s == stem).map(|(_, v)| v.to_string());
        if let Some(op) = variant(stem) {
            self.both(op).1 = Some(call_with(2));
            return true;
        }
        if let Some(op) = stem.strip_prefix('r').and_then(variant) {
            self.both(op).2 = Some(call_with(2));
            return true;
        }
        if let Some(op) = stem.strip_prefix('i').and_then(variant) {
            self.inplace.push((op, call_with(1)));
            return true;
        }
        false
    }

    fn both(&mut self, op: String) -> &mut (String, Option<TokenStream>, Option<TokenStream>) {
        let at = self.binary.iter().position(|(o, ..)| *o == op).unwrap_or_else(|| {
            self.binary.push((op, None, None));
            self.binary.len() - 1
        });
        &mut self.binary[at]
    }

    /// A slot with one argument.
    fn two(&mut self, slot: &str, returns: &TokenStream, call: &TokenStream, convert: &TokenStream) {
        let (root, slot) = (self.root, format_ident!("{slot}"));
        self.fields.push(quote! {
            #slot: ::core::option::Option::Some({
                fn slot(
                    vm: &#root::glue::Vm,
                    object: &#root::glue::Value,
                    other: &#root::glue::Value,
                ) -> #root::glue::VmResult #returns {
                    #root::glue::run(vm, |py| {
                        let (receiver, value_0) = (#root::glue::bind(py, object), #root::glue::bind(py, other));
                        #call
                        #convert
                    })
                }
                slot
            })
        });
    }

    fn get_attr(&mut self, call: &TokenStream) {
        let root = self.root;
        self.fields.push(quote! {
            getattr: ::core::option::Option::Some({
                fn slot(
                    vm: &#root::glue::Vm,
                    object: &#root::glue::Value,
                    name: &#root::glue::Value,
                ) -> #root::glue::VmResult {
                    if let ::core::option::Option::Some(found) = vm.generic_getattr_opt(object, name)? {
                        return ::core::result::Result::Ok(found);
                    }
                    #root::glue::run(vm, |py| {
                        let (receiver, value_0) = (#root::glue::bind(py, object), #root::glue::bind(py, name));
                        #call
                        #root::glue::IntoReturn::into_return(result, py)
                    })
                }
                slot
            })
        });
    }

    fn call_slot(&mut self, ident: &Ident, params: &[Param], options: &Options) -> syn::Result<()> {
        let (root, class) = (self.root, self.class);
        let wrapper = Wrapper {
            root,
            name: "__call__".to_string(),
            doc: String::new(),
            receiver: Receiver::Object,
            signature: Wrapper::signature(options.signature.clone(), params)?,
            params: params.iter().map(Param::copy).collect(),
            target: quote!(<#class>::#ident),
            class: Some(class),
            plain_errors: false,
        };
        let def = wrapper.method_def();
        self.fields.push(quote! {
            call: ::core::option::Option::Some({
                const CALL: #root::glue::MethodDef = #def;
                fn slot(
                    vm: &#root::glue::Vm,
                    object: &#root::glue::Value,
                    args: &#root::glue::CallArgs<'_>,
                ) -> #root::glue::VmResult {
                    #root::glue::invoke(vm, object, &CALL, args)
                }
                slot
            })
        });
        Ok(())
    }

    /// The slot of `__setitem__` and `__delitem__`, or of the same for attributes.
    fn pair(root: &Path, slot: &str, [set, del]: &[Option<TokenStream>; 2], missing: &str) -> Option<TokenStream> {
        if set.is_none() && del.is_none() {
            return None;
        }
        let slot = format_ident!("{slot}");
        let arm = |call: &Option<TokenStream>| match call {
            Some(call) => quote!(#call #root::glue::IntoReturn::into_return(result, py).map(::core::mem::drop)),
            None => quote!(::core::result::Result::Err(#root::glue::unsupported(&receiver, #missing))),
        };
        let (set, del) = (arm(set), arm(del));
        Some(quote! {
            #slot: ::core::option::Option::Some({
                #[allow(unused_variables)]
                fn slot(
                    vm: &#root::glue::Vm,
                    object: &#root::glue::Value,
                    key: &#root::glue::Value,
                    value: ::core::option::Option<&#root::glue::Value>,
                ) -> #root::glue::VmResult<()> {
                    #root::glue::run(vm, |py| {
                        let (receiver, value_0) = (#root::glue::bind(py, object), #root::glue::bind(py, key));
                        match value {
                            ::core::option::Option::Some(value) => {
                                let value_1 = #root::glue::bind(py, value);
                                #set
                            }
                            ::core::option::Option::None => { #del }
                        }
                    })
                }
                slot
            })
        })
    }

    fn comparison(&self) -> Option<TokenStream> {
        if self.compare.is_empty() {
            return None;
        }
        let (root, class) = (self.root, self.class);
        let mut arms = TokenStream::new();
        for (stem, call) in &self.compare {
            let attempt = attempt(root, call);
            if stem == "richcmp" {
                arms.extend(quote!(op => { let value_1 = #root::glue::compare_op(op); #attempt }));
                continue;
            }
            let mut letters = stem.chars();
            let variant: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
            let variant = format_ident!("{variant}");
            arms.extend(quote!(#root::glue::CmpOp::#variant => { #attempt }));
            if stem == "eq" && !self.compare.iter().any(|(s, _)| s == "ne" || s == "richcmp") {
                arms.extend(quote!(#root::glue::CmpOp::Ne => { #root::glue::negate(py, { #attempt }) }));
            }
        }
        if !self.compare.iter().any(|(s, _)| s == "richcmp") {
            arms.extend(quote!(_ => ::core::result::Result::Ok(#root::glue::not_implemented()),));
        }
        Some(quote! {
            richcmp: ::core::option::Option::Some({
                #[allow(unused_variables, unreachable_patterns)]
                fn slot(
                    vm: &#root::glue::Vm,
                    object: &#root::glue::Value,
                    other: &#root::glue::Value,
                    op: #root::glue::CmpOp,
                ) -> #root::glue::VmResult {
                    #root::glue::run(vm, |py| {
                        let (receiver, value_0) = (#root::glue::bind(py, object), #root::glue::bind(py, other));
                        if !receiver.is_instance_of::<#class>() {
                            return ::core::result::Result::Ok(#root::glue::not_implemented());
                        }
                        match op { #arms }
                    })
                }
                slot
            })
        })
    }

    /// The value of `Slots`, and the constants and functions about the collector.
    pub(crate) fn finish(self) -> (TokenStream, TokenStream) {
        let (root, class) = (self.root, self.class);
        let mut fields = self.fields.clone();
        fields.extend(Self::pair(root, "setitem", &self.set_item, "item assignment"));
        fields.extend(Self::pair(root, "setattr", &self.set_attr, "attribute assignment"));
        fields.extend(self.comparison());
        let mut slots = quote!(#root::glue::Slots { #(#fields,)* ..#root::glue::Slots::EMPTY });
        for (op, forward, reflected) in &self.binary {
            let op = format_ident!("{op}");
            let side = |call: &Option<TokenStream>, receiver: &str, other: &str| {
                let (receiver, other) = (format_ident!("{receiver}"), format_ident!("{other}"));
                call.as_ref().map(|call| {
                    let attempt = attempt(root, call);
                    quote! {
                        if #receiver.is_instance_of::<#class>() {
                            let (receiver, value_0, value_1) = (#receiver, #other, py.None());
                            return { #attempt };
                        }
                    }
                })
            };
            let (forward, reflected) = (side(forward, "a", "b"), side(reflected, "b", "a"));
            slots.extend(quote! {
                .with(#root::glue::BinOp::#op, {
                    #[allow(unused_variables)]
                    fn slot(vm: &#root::glue::Vm, a: &#root::glue::Value, b: &#root::glue::Value) -> #root::glue::VmResult {
                        #root::glue::run(vm, |py| {
                            let (a, b) = (#root::glue::bind(py, a), #root::glue::bind(py, b));
                            #forward
                            #reflected
                            ::core::result::Result::Ok(#root::glue::not_implemented())
                        })
                    }
                    slot
                })
            });
        }
        for (op, call) in &self.inplace {
            let op = format_ident!("{op}");
            slots.extend(quote! {
                .with_inplace(#root::glue::BinOp::#op, {
                    fn slot(vm: &#root::glue::Vm, a: &#root::glue::Value, b: &#root::glue::Value) -> #root::glue::VmResult {
                        #root::glue::run(vm, |py| {
                            let (receiver, value_0) = (#root::glue::bind(py, a), #root::glue::bind(py, b));
                            #call
                            #root::glue::IntoReturn::into_return(result, py).map(::core::mem::drop)
                        })?;
                        ::core::result::Result::Ok(a.clone())
                    }
                    slot
                })
            });
        }
        (slots, self.collector())
    }

    fn collector(&self) -> TokenStream {
        let (root, class) = (self.root, self.class);
        let traverse = self.traverse.as_ref().map(|ident| {
            quote! {
                pub const SERPENS_GC: bool = true;

                pub fn serpens_traverse(
                    &self,
                    visit: #root::glue::PyVisit<'_>,
                ) -> ::core::result::Result<(), #root::glue::PyTraverseError> {
                    <#class>::#ident(self, visit)
                }
            }
        });
        let clear =
            self.clear.as_ref().map(|ident| quote!(pub fn serpens_clear(&mut self) { <#class>::#ident(self); }));
        quote!(#traverse #clear)
    }
}

/// A slot without arguments.
fn unary(root: &Path, slot: &Ident, returns: &TokenStream, call: &TokenStream, convert: &TokenStream) -> TokenStream {
    quote! {
        #slot: ::core::option::Option::Some({
            fn slot(vm: &#root::glue::Vm, object: &#root::glue::Value) -> #root::glue::VmResult #returns {
                #root::glue::run(vm, |py| {
                    let receiver = #root::glue::bind(py, object);
                    #call
                    #convert
                })
            }
            slot
        })
    }
}

/// Calls an operator: an operand that cannot be read gives `NotImplemented`, so that the other side has its turn.
fn attempt(root: &Path, call: &TokenStream) -> TokenStream {
    quote! {
        #root::glue::operator(|| {
            #call
            #root::glue::IntoReturn::into_return(result, py)
        })
    }
}
