//! `#[derive(PyState)]`, and the check that all fields of a struct may lie in an interpreter.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Path, Type};

/// Code that compiles only if every field type is `Send` or holds its Python values by `Py`.
pub(crate) fn check<'a>(root: &Path, types: impl Iterator<Item = &'a Type>) -> TokenStream {
    quote! {
        const _: fn() = || {
            #[allow(unused_imports)]
            use #root::glue::confined::{HoldsPython as _, IsSend as _, Probe};
            #( (&Probe::<#types>(::core::marker::PhantomData)).check(); )*
        };
    }
}

/// The types of a struct's fields.
pub(crate) fn field_types(fields: &Fields) -> impl Iterator<Item = &Type> {
    fields.iter().map(|f| &f.ty)
}

/// The part of `Confined` that the option `template` sets.
pub(crate) fn copy(root: &Path, wanted: bool) -> TokenStream {
    if !wanted {
        return TokenStream::new();
    }
    quote! { const COPY: ::core::option::Option<fn(&Self) -> Self> = #root::glue::copy_by_clone::<Self>(); }
}

/// `#[derive(PyState)]`.
pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "the state of a module is a struct"));
    };
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(&input.generics, "the state of a module has no parameters"));
    }
    let mut root: Path = syn::parse_quote!(::serpens);
    let mut template = false;
    for attr in input.attrs.iter().filter(|a| a.path().is_ident("pystate")) {
        attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                root = meta.value()?.call(Path::parse_mod_style)?;
                return Ok(());
            }
            if meta.path.is_ident("template") {
                template = true;
                return Ok(());
            }
            Err(meta.error("unknown option"))
        })?;
    }
    let ident = &input.ident;
    let check = check(&root, field_types(&data.fields));
    let copy = copy(&root, template);
    Ok(quote! {
        #check

        #[allow(unsafe_code)]
        // SAFETY: the fields were checked.
        unsafe impl #root::glue::Confined for #ident {
            #copy
        }
    })
}
