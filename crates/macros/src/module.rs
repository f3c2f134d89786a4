//! `#[pymodule]`: a function that fills a module, or an inline module of declarations.

use crate::attr::{Options, doc, plain, take_marker};
use crate::function::is_named;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, FnArg, Item, ItemFn, ItemMod, Meta};

/// `#[pymodule]`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    match syn::parse2(item)? {
        Item::Fn(function) => of_function(options, function),
        Item::Mod(module) => of_module(options, module),
        other => Err(syn::Error::new_spanned(other, "#[pymodule] is for functions and inline modules")),
    }
}

/// The static that declares the module; `fill` is called with `m`. With `export`, the one by which a dynamic library's
/// module is found.
fn declaration(options: &Options, name: &str, doc: &str, fill: &TokenStream) -> TokenStream {
    let root = options.root();
    let tail = name.rsplit_once('.').map_or(name, |(_, tail)| tail);
    let symbol = format!("serpens_module_{tail}");
    let entry = options.has("export").then(|| {
        quote! {
            /// What a dynamic library says of the module.
            #[allow(unsafe_code)]
            #[unsafe(export_name = #symbol)]
            pub static ENTRY: #root::glue::ModuleEntry = #root::glue::ModuleEntry::new(&MODULE);
        }
    });
    quote! {
        #entry

        /// The declaration of the native module.
        pub static MODULE: #root::glue::NativeModule = #root::glue::NativeModule::new(#name).doc(#doc).exec({
            fn exec(vm: &#root::glue::Vm, module: &#root::glue::Value) -> #root::glue::VmResult<()> {
                #root::glue::run(vm, |py| {
                    let m = #root::glue::module(py, module)?;
                    #fill
                })
            }
            exec
        });
    }
}

fn of_function(options: TokenStream, mut function: ItemFn) -> syn::Result<TokenStream> {
    let options = Options::take(options, &mut function.attrs, &["export"])?;
    let ident = &function.sig.ident;
    let name = options.name.clone().unwrap_or_else(|| plain(ident));
    let wants_token = matches!(function.sig.inputs.first(), Some(FnArg::Typed(typed)) if is_named(&typed.ty, "Python"));
    let call = if wants_token { quote!(super::#ident(py, &m)) } else { quote!(super::#ident(&m)) };
    let declaration = declaration(&options, &name, &doc(&function.attrs), &call);
    let visibility = &function.vis;
    Ok(quote! {
        #function

        #[doc(hidden)]
        #[allow(unreachable_pub)]
        #visibility mod #ident {
            #declaration
        }
    })
}

fn of_module(options: TokenStream, mut module: ItemMod) -> syn::Result<TokenStream> {
    let options = Options::take(options, &mut module.attrs, &["plain_errors", "export"])?;
    let name = options.name.clone().unwrap_or_else(|| plain(&module.ident));
    let docs = doc(&module.attrs);
    let Some((_, items)) = &mut module.content else {
        return Err(syn::Error::new_spanned(&module.ident, "#[pymodule] is for modules with their content"));
    };
    let mut fill = TokenStream::new();
    for item in items.iter_mut() {
        fill.extend(declared(item, &options)?);
    }
    let declaration = declaration(&options, &name, &docs, &quote!(#fill ::core::result::Result::Ok(())));
    items.push(Item::Verbatim(declaration));
    Ok(quote!(#module))
}

/// What adds one item of an inline module to the Python module. The attributes inside get the same `crate`.
fn declared(item: &mut Item, options: &Options) -> syn::Result<TokenStream> {
    match item {
        Item::Fn(function) => {
            let ident = function.sig.ident.clone();
            if take_marker(&mut function.attrs, "pymodule_init")?.is_some() {
                return Ok(quote!(#ident(&m)?;));
            }
            let found = pass_options(&mut function.attrs, "pyfunction", options);
            Ok(if found { quote!(m.add_function(#ident::Def::wrap()?)?;) } else { TokenStream::new() })
        }
        Item::Struct(class) => {
            let ident = class.ident.clone();
            let found = pass_options(&mut class.attrs, "pyclass", options);
            Ok(if found { quote!(m.add_class::<#ident>()?;) } else { TokenStream::new() })
        }
        Item::Impl(block) => {
            pass_options(&mut block.attrs, "pymethods", options);
            Ok(TokenStream::new())
        }
        Item::Const(constant) => {
            let (ident, name) = (constant.ident.clone(), plain(&constant.ident));
            let found = take_marker(&mut constant.attrs, "pymodule_export")?.is_some();
            Ok(if found { quote!(m.add(#name, #ident)?;) } else { TokenStream::new() })
        }
        Item::Use(imported) if imported.attrs.iter().any(|a| a.path().is_ident("pymodule_export")) => {
            Err(syn::Error::new_spanned(
                imported,
                "export of imported items is not supported: use the form with a function",
            ))
        }
        _ => Ok(TokenStream::new()),
    }
}

/// Whether an attribute of that name is there; it gets the module's options.
fn pass_options(attrs: &mut [Attribute], name: &str, options: &Options) -> bool {
    let Some(attr) = attrs.iter_mut().find(|a| a.path().segments.last().is_some_and(|s| s.ident == name)) else {
        return false;
    };
    let path = attr.path().clone();
    let mut given = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    if let Some(krate) = &options.krate {
        given = quote!(crate = #krate, #given);
    }
    if options.has("plain_errors") && name == "pyfunction" {
        given = quote!(plain_errors, #given);
    }
    *attr = syn::parse_quote!(#[#path(#given)]);
    true
}
