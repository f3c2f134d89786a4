//! `#[pymethods]`: tables of methods, attributes and operations from an `impl` block.

use crate::attr::{Options, doc, plain, take_marker};
use crate::function::{Param, Receiver, Wrapper, params};
use crate::slots::Slots;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{ImplItem, ImplItemFn, ItemImpl, Path, Type};

/// What a function of the block is.
enum Role {
    New,
    Getter(String),
    Setter(String),
    Static,
    Class,
    Method,
}

/// A computed attribute in the making.
#[derive(Default)]
struct Attribute {
    name: String,
    doc: String,
    get: Option<TokenStream>,
    set: Option<TokenStream>,
}

/// `#[pymethods]`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let mut item: ItemImpl = syn::parse2(item)?;
    let options = Options::take(options, &mut item.attrs, &[])?;
    if item.trait_.is_some() || !item.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(&item.self_ty, "#[pymethods] is for an impl of the class itself"));
    }
    let root = options.root();
    let class = (*item.self_ty).clone();
    let mut methods = Vec::new();
    let mut attributes: Vec<Attribute> = Vec::new();
    let mut slots = Slots::new(&root, &class);
    for part in &mut item.items {
        let ImplItem::Fn(function) = part else {
            return Err(syn::Error::new_spanned(part, "#[pymethods] holds functions only"));
        };
        add(&root, &class, function, &mut methods, &mut attributes, &mut slots)?;
    }
    let getset = attributes.iter().map(|a| attribute_def(&root, a)).collect::<syn::Result<Vec<_>>>()?;
    let (slots, collected) = slots.finish();
    Ok(quote! {
        #item

        #[doc(hidden)]
        #[allow(missing_docs, unreachable_pub)]
        impl #class {
            pub const SERPENS_METHODS: &'static [#root::glue::MethodDef] = &[#(#methods),*];
            pub const SERPENS_GETSET: &'static [#root::glue::GetSetDef] = &[#(#getset),*];
            pub const SERPENS_SLOTS: #root::glue::Slots = #slots;
            #collected
        }
    })
}

fn add(
    root: &Path,
    class: &Type,
    function: &mut ImplItemFn,
    methods: &mut Vec<TokenStream>,
    attributes: &mut Vec<Attribute>,
    slots: &mut Slots<'_>,
) -> syn::Result<()> {
    let options = Options::take(TokenStream::new(), &mut function.attrs, &["plain_errors"])?;
    let role = role(function)?;
    let ident = function.sig.ident.clone();
    let name = options.name.clone().unwrap_or_else(|| plain(&ident));
    let receiver = match role {
        Role::New => Receiver::New,
        Role::Static => Receiver::None,
        Role::Class => Receiver::Class,
        _ => Receiver::Object,
    };
    let params = params(function.sig.inputs.iter(), receiver)?;
    if receiver == Receiver::Object && !params.iter().any(|p| matches!(p, Param::SelfRef { .. } | Param::Receiver)) {
        return Err(syn::Error::new_spanned(&function.sig, "a method needs a receiver; or is it a #[staticmethod]?"));
    }
    let docs = doc(&function.attrs);
    if matches!(role, Role::Method) && slots.add(&name, &ident, &params, &options)? {
        return Ok(());
    }
    let signature = Wrapper::signature(options.signature.clone(), &params)?;
    let target = quote!(<#class>::#ident);
    let wrapper = Wrapper {
        root,
        name: name.clone(),
        doc: docs.clone(),
        receiver,
        params,
        signature,
        target,
        class: Some(class),
        plain_errors: options.has("plain_errors"),
    };
    match role {
        Role::Method => methods.push(wrapper.method_def()),
        Role::Static => {
            let def = wrapper.method_def();
            methods.push(quote!(#def.stat()));
        }
        Role::Class => {
            let def = wrapper.method_def();
            methods.push(quote!(#def.class()));
        }
        Role::New => slots.constructor(wrapper.method_def()),
        Role::Getter(name) => {
            let a = find(attributes, name);
            a.doc = docs;
            a.get = Some(getter(&wrapper));
        }
        Role::Setter(name) => {
            let set = setter(root, &wrapper)?;
            find(attributes, name).set = Some(set);
        }
    }
    Ok(())
}

fn role(function: &mut ImplItemFn) -> syn::Result<Role> {
    let own = plain(&function.sig.ident);
    let attrs = &mut function.attrs;
    if take_marker(attrs, "new")?.is_some() {
        return Ok(Role::New);
    }
    if let Some(name) = take_marker(attrs, "getter")? {
        let implied = own.strip_prefix("get_").unwrap_or(&own).to_string();
        return Ok(Role::Getter(name.map_or(implied, |n| plain(&n))));
    }
    if let Some(name) = take_marker(attrs, "setter")? {
        let implied = own.strip_prefix("set_").unwrap_or(&own).to_string();
        return Ok(Role::Setter(name.map_or(implied, |n| plain(&n))));
    }
    if take_marker(attrs, "staticmethod")?.is_some() {
        return Ok(Role::Static);
    }
    if take_marker(attrs, "classmethod")?.is_some() {
        return Ok(Role::Class);
    }
    if let Some(attr) = attrs.iter().find(|a| a.path().is_ident("classattr")) {
        return Err(syn::Error::new_spanned(attr, "#[classattr] is not supported: set the attribute in the module"));
    }
    Ok(Role::Method)
}

fn find(attributes: &mut Vec<Attribute>, name: String) -> &mut Attribute {
    match attributes.iter().position(|a| a.name == name) {
        Some(at) => &mut attributes[at],
        None => {
            attributes.push(Attribute { name, ..Attribute::default() });
            let last = attributes.len() - 1;
            &mut attributes[last]
        }
    }
}

fn getter(wrapper: &Wrapper<'_>) -> TokenStream {
    let root = wrapper.root;
    let call = crate::slots::call(wrapper.root, wrapper.class, &wrapper.target, &wrapper.params, &[]);
    quote! {{
        fn get(vm: &#root::glue::Vm, object: &#root::glue::Value) -> #root::glue::VmResult {
            #root::glue::run(vm, |py| {
                let receiver = #root::glue::bind(py, object);
                #call
                #root::glue::IntoReturn::into_return(result, py)
            })
        }
        get
    }}
}

fn setter(root: &Path, wrapper: &Wrapper<'_>) -> syn::Result<TokenStream> {
    let names: Vec<_> = wrapper.signature.parameters.iter().map(|p| plain(&p.name)).collect();
    let [name] = &names[..] else {
        return Err(syn::Error::new_spanned(&wrapper.target, "a setter takes one value"));
    };
    let value = quote!(#root::glue::argument(&value, #name)?);
    let call = crate::slots::call(root, wrapper.class, &wrapper.target, &wrapper.params, &[value]);
    Ok(quote! {{
        fn set(
            vm: &#root::glue::Vm,
            object: &#root::glue::Value,
            value: ::core::option::Option<&#root::glue::Value>,
        ) -> #root::glue::VmResult<()> {
            #root::glue::run(vm, |py| {
                let value = #root::glue::assigned(py, value)?;
                let receiver = #root::glue::bind(py, object);
                #call
                #root::glue::IntoReturn::into_return(result, py).map(::core::mem::drop)
            })
        }
        set
    }})
}

fn attribute_def(root: &Path, attribute: &Attribute) -> syn::Result<TokenStream> {
    let (name, doc) = (&attribute.name, &attribute.doc);
    let Some(get) = &attribute.get else {
        return Err(syn::Error::new(proc_macro2::Span::call_site(), format!("`{name}` has a setter but no getter")));
    };
    Ok(match &attribute.set {
        Some(set) => quote!(#root::glue::GetSetDef::rw(#name, #get, #set).doc(#doc)),
        None => quote!(#root::glue::GetSetDef::new(#name, #get).doc(#doc)),
    })
}
