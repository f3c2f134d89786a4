//! The wrapper of one function: binds arguments, reads them, calls, makes a value of the result.

use crate::attr::{Options, doc, plain};
use crate::signature::{Kind, Parameter, Signature, variable};
use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Expr, FnArg, Ident, ItemFn, Pat, Path, Token, Type};

/// What comes before the parameters of the signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// A function, a static method.
    None,
    /// The object.
    Object,
    /// The class: a class method.
    Class,
    /// The class of a constructor, which gets no parameter for it.
    New,
}

/// One parameter of the Rust function.
pub(crate) enum Param {
    /// `&self`, `&mut self`.
    SelfRef { mutable: bool },
    /// The receiver by a type of its own (`PyRef<Self>`, `&Bound<PyType>`).
    Receiver,
    /// `Python`.
    Token,
    /// What the caller gives.
    Value(Ident, Box<Type>),
}

impl Param {
    pub(crate) fn copy(&self) -> Param {
        match self {
            Param::SelfRef { mutable } => Param::SelfRef { mutable: *mutable },
            Param::Receiver => Param::Receiver,
            Param::Token => Param::Token,
            Param::Value(name, ty) => Param::Value(name.clone(), ty.clone()),
        }
    }
}

/// The parameters of the Rust function, in order.
pub(crate) fn params<'a>(inputs: impl Iterator<Item = &'a FnArg>, receiver: Receiver) -> syn::Result<Vec<Param>> {
    let mut all = Vec::new();
    let mut wants_receiver = matches!(receiver, Receiver::Object | Receiver::Class);
    for input in inputs {
        all.push(match input {
            FnArg::Receiver(this) => {
                if this.reference.is_none() || this.colon_token.is_some() {
                    return Err(syn::Error::new_spanned(this, "a method takes `&self` or `&mut self`"));
                }
                wants_receiver = false;
                Param::SelfRef { mutable: this.mutability.is_some() }
            }
            FnArg::Typed(typed) if is_named(&typed.ty, "Python") => Param::Token,
            FnArg::Typed(_) if wants_receiver => {
                wants_receiver = false;
                Param::Receiver
            }
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(name) => Param::Value(name.ident.clone(), typed.ty.clone()),
                other => return Err(syn::Error::new_spanned(other, "a parameter needs a name")),
            },
        });
    }
    Ok(all)
}

/// Whether a type is a path that ends in `name`.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == name))
}

/// One function to be wrapped.
pub(crate) struct Wrapper<'a> {
    pub(crate) root: &'a Path,
    /// The name in Python.
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) receiver: Receiver,
    pub(crate) params: Vec<Param>,
    pub(crate) signature: Signature,
    /// What is called: a path.
    pub(crate) target: TokenStream,
    /// The class, for methods.
    pub(crate) class: Option<&'a Type>,
    /// Errors of arguments do not name them, as those of CPython's own modules.
    pub(crate) plain_errors: bool,
}

impl Wrapper<'_> {
    /// The signature that was given, checked against the function's parameters, or the one that these imply.
    pub(crate) fn signature(given: Option<Signature>, params: &[Param]) -> syn::Result<Signature> {
        let values = || {
            params.iter().filter_map(|p| match p {
                Param::Value(name, _) => Some(name.clone()),
                _ => None,
            })
        };
        let Some(signature) = given else { return Ok(Signature::required(values())) };
        for name in values() {
            if signature.find(&name).is_none() {
                return Err(syn::Error::new(name.span(), format!("`{name}` is missing in the signature")));
            }
        }
        for p in &signature.parameters {
            if !values().any(|v| plain(&v) == plain(&p.name)) {
                return Err(syn::Error::new(p.name.span(), format!("the function has no parameter `{}`", p.name)));
            }
        }
        Ok(signature)
    }

    /// An expression of type `MethodDef`.
    pub(crate) fn method_def(&self) -> TokenStream {
        let (root, name, doc) = (self.root, &self.name, &self.doc);
        let receiver = match self.receiver {
            Receiver::None => None,
            Receiver::Object => Some("self"),
            Receiver::Class | Receiver::New => Some("type"),
        };
        let text = self.signature.text(receiver);
        let body = self.body();
        if self.signature.is_open() {
            let params = self.open_params();
            quote! {
                #root::glue::MethodDef::raw(#name, #text, {
                    static PARAMS: #root::glue::Params = #params;
                    fn wrapper(vm: &#root::glue::Vm, args: &#root::glue::CallArgs<'_>) -> #root::glue::VmResult {
                        let bound = #root::glue::bind_arguments(vm, &PARAMS, args)?;
                        #root::glue::run(vm, |py| { #body })
                    }
                    wrapper
                }).doc(#doc)
            }
        } else {
            quote! {
                #root::glue::MethodDef::new(#name, #text, {
                    fn wrapper(vm: &#root::glue::Vm, args: #root::glue::Args<'_>) -> #root::glue::VmResult {
                        #root::glue::run(vm, |py| { #body })
                    }
                    wrapper
                }).doc(#doc)
            }
        }
    }

    fn open_params(&self) -> TokenStream {
        let (root, name) = (self.root, &self.name);
        let names = |kind| self.signature.of_kind(kind).map(|p| plain(&p.name)).collect::<Vec<_>>();
        let (positional, keyword_only) = (names(Kind::Positional), names(Kind::KeywordOnly));
        let n_positional_only = self.signature.n_positional_only;
        let varargs = !names(Kind::VarArgs).is_empty();
        let varkeywords = !names(Kind::VarKeywords).is_empty();
        let receiver = self.receiver != Receiver::None;
        quote! {
            #root::glue::Params {
                name: #name,
                positional: &[#(#positional),*],
                n_positional_only: #n_positional_only,
                keyword_only: &[#(#keyword_only),*],
                varargs: #varargs,
                varkeywords: #varkeywords,
                receiver: #receiver,
            }
        }
    }

    /// The slot of the receiver or of parameter `i` (of those that have slots), as `Option<&Value>`.
    fn slot(&self, i: usize) -> TokenStream {
        if self.signature.is_open() { quote!(bound.slots[#i].as_ref()) } else { quote!(args.opt(#i)) }
    }

    fn body(&self) -> TokenStream {
        let root = self.root;
        let hidden = usize::from(self.receiver != Receiver::None);
        let mut before = TokenStream::new();
        if hidden == 1 {
            let slot = self.slot(0);
            before.extend(quote! {
                let receiver = #root::glue::bind_receiver(py, #slot)?;
            });
        }
        let mut slot = hidden;
        let mut read = Vec::new();
        for (i, p) in self.signature.parameters.iter().enumerate() {
            let (declare, value) = self.read(i, slot, p);
            before.extend(declare);
            read.push((plain(&p.name), value));
            slot += usize::from(matches!(p.kind, Kind::Positional | Kind::KeywordOnly));
        }
        let (take, arguments) = self.arguments(&read);
        let target = &self.target;
        let call = quote!(#target(#(#arguments),*));
        let result = match self.receiver {
            Receiver::New => {
                let class = self.class;
                quote!(#root::glue::allocate::<#class>(py, &receiver, #call))
            }
            _ => quote!(#root::glue::IntoReturn::into_return(#call, py)),
        };
        quote!(#before #take #result)
    }

    /// The arguments of the call: what is done for the receiver first, and the expressions.
    fn arguments(&self, read: &[(String, TokenStream)]) -> (TokenStream, Vec<TokenStream>) {
        let (root, class) = (self.root, self.class);
        let mut take = TokenStream::new();
        let mut arguments = Vec::new();
        for p in &self.params {
            arguments.push(match p {
                Param::Token => quote!(py),
                Param::Receiver => quote!(#root::glue::receiver(&receiver)?),
                Param::SelfRef { mutable: false } => {
                    take.extend(quote!(let this: #root::PyRef<'_, #class> = #root::glue::receiver(&receiver)?;));
                    quote!(&*this)
                }
                Param::SelfRef { mutable: true } => {
                    take.extend(quote! {
                        let mut this: #root::PyRefMut<'_, #class> = #root::glue::receiver(&receiver)?;
                    });
                    quote!(&mut *this)
                }
                Param::Value(name, _) => {
                    let name = plain(name);
                    read.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone()).unwrap_or_default()
                }
            });
        }
        (take, arguments)
    }

    /// Declarations and the expression that reads one parameter.
    fn read(&self, i: usize, slot: usize, p: &Parameter) -> (TokenStream, TokenStream) {
        let root = self.root;
        let (local, own_name) = (variable(i), plain(&p.name));
        let name = if self.plain_errors { String::new() } else { own_name.clone() };
        match p.kind {
            Kind::VarArgs => (
                quote!(let #local = #root::glue::bind(py, &bound.args);),
                quote!(#root::glue::argument(&#local, #name)?),
            ),
            Kind::VarKeywords => (
                quote!(let #local = bound.kwargs.as_ref().map(|v| #root::glue::bind(py, v));),
                quote! {
                    match &#local {
                        ::core::option::Option::Some(v) => ::core::option::Option::Some(#root::glue::argument(v, #name)?),
                        ::core::option::Option::None => ::core::option::Option::None,
                    }
                },
            ),
            Kind::Positional | Kind::KeywordOnly => {
                let given = self.slot(slot);
                let declare = quote!(let #local = #given.map(|v| #root::glue::bind(py, v)););
                let missing = match &p.default {
                    Some(default) => self.default(p, default),
                    None => {
                        let keyword = p.kind == Kind::KeywordOnly;
                        let own = &self.name;
                        quote!(return ::core::result::Result::Err(#root::glue::missing(#own, #own_name, #keyword)))
                    }
                };
                let read = quote! {
                    match &#local {
                        ::core::option::Option::Some(v) => #root::glue::argument(v, #name)?,
                        ::core::option::Option::None => #missing,
                    }
                };
                (declare, read)
            }
        }
    }

    /// The default; one for an `Option` need not say `Some`.
    fn default(&self, p: &Parameter, default: &Expr) -> TokenStream {
        let optional = self
            .params
            .iter()
            .any(|q| matches!(q, Param::Value(name, ty) if plain(name) == plain(&p.name) && is_named(ty, "Option")));
        let spelled = match default {
            Expr::Path(path) => path.path.is_ident("None"),
            Expr::Call(call) => matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some")),
            _ => false,
        };
        if optional && !spelled { quote!(::core::option::Option::Some(#default)) } else { quote!(#default) }
    }
}

/// `#[pyfunction]`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let mut function: ItemFn = syn::parse2(item)?;
    let options = Options::take(options, &mut function.attrs, &["plain_errors"])?;
    if let Some(asyncness) = &function.sig.asyncness {
        return Err(syn::Error::new_spanned(asyncness, "an async function cannot be a Python function yet"));
    }
    let root = options.root();
    let params = params(function.sig.inputs.iter(), Receiver::None)?;
    let signature = Wrapper::signature(options.signature, &params)?;
    let ident = &function.sig.ident;
    let wrapper = Wrapper {
        root: &root,
        name: options.name.unwrap_or_else(|| plain(ident)),
        doc: doc(&function.attrs),
        receiver: Receiver::None,
        params,
        signature,
        target: quote!(#ident),
        class: None,
        plain_errors: options.flags.iter().any(|f| f == "plain_errors"),
    };
    let def = wrapper.method_def();
    let visibility = &function.vis;
    Ok(quote! {
        #function

        #[doc(hidden)]
        #[allow(missing_docs, dead_code, unreachable_pub)]
        #visibility mod #ident {
            pub struct Def;
        }

        #[allow(missing_docs, dead_code, unreachable_pub)]
        impl #ident::Def {
            pub const METHOD: &'static #root::glue::MethodDef = &#def;

            pub fn wrap() -> #root::PyResult<#root::glue::Function> {
                ::core::result::Result::Ok(#root::glue::Function(Self::METHOD))
            }
        }
    })
}

/// `wrap_pyfunction!`.
pub(crate) fn wrap(input: TokenStream) -> syn::Result<TokenStream> {
    let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
    let arguments = syn::parse::Parser::parse2(parser, input.clone())?;
    match arguments.first() {
        Some(Expr::Path(path)) => {
            let path = &path.path;
            Ok(quote!(#path::Def::wrap()))
        }
        _ => Err(syn::Error::new_spanned(input, "wrap_pyfunction!(function, module)")),
    }
}
