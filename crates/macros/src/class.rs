//! `#[pyclass]`: the definition of a class, from the struct and from what `#[pymethods]` adds.

use crate::attr::{Options, doc, plain};
use crate::state;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Field, Ident, ItemStruct, Path, Type};

const FLAGS: &[&str] = &["subclass", "weakref", "dict", "get_all", "set_all", "template"];

/// `#[pyclass]`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let mut item: ItemStruct =
        syn::parse2(item).map_err(|e| syn::Error::new(e.span(), format!("#[pyclass] is for structs: {e}")))?;
    if !item.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(&item.generics, "a class has no parameters"));
    }
    let options = Options::take(options, &mut item.attrs, FLAGS)?;
    let root = options.root();
    let fields = fields(&mut item, &options, &root)?;
    let ident = &item.ident;
    let name = options.name.clone().unwrap_or_else(|| plain(ident));
    let module = options.module.clone().unwrap_or_else(|| "builtins".to_string());
    let doc = doc(&item.attrs);
    let check = state::check(&root, state::field_types(&item.fields));
    let flags = flags(&options, &root);
    let subclass = options.has("subclass");
    let copy = state::copy(&root, options.has("template"));
    Ok(quote! {
        #item

        #check

        #[allow(unsafe_code)]
        // SAFETY: the fields were checked.
        unsafe impl #root::glue::Confined for #ident {
            #copy
        }

        #[allow(unsafe_code)]
        // SAFETY: the definition is made for the struct's own cell.
        unsafe impl #root::glue::Class for #ident {
            const NAME: &'static str = #name;

            fn type_def() -> &'static #root::glue::TypeDef {
                #[allow(unused_imports)]
                use #root::glue::NoMethods as _;
                const FIELDS: &[#root::glue::GetSetDef] = &[#(#fields),*];
                const N: usize = FIELDS.len() + #ident::SERPENS_GETSET.len();
                static GETSET: [#root::glue::GetSetDef; N] = #root::glue::concat(FIELDS, #ident::SERPENS_GETSET);
                const {
                    assert!(
                        !#subclass || #ident::SERPENS_SLOTS.new.is_some(),
                        "a class that may be subclassed needs #[new]"
                    );
                }
                const PLAIN: #root::glue::TypeDef = #root::glue::TypeDef::new::<#root::glue::PyCell<#ident>>(#name)
                    .module(#module)
                    .doc(#doc)
                    .flags(#flags | #root::glue::class_flags(&#ident::SERPENS_SLOTS, #ident::SERPENS_GC))
                    .slots(#ident::SERPENS_SLOTS)
                    .methods(#ident::SERPENS_METHODS)
                    .getset(&GETSET);
                static DEF: #root::glue::TypeDef = #root::glue::with_copies::<#ident>(PLAIN);
                &DEF
            }

            fn traverse(&self, visit: #root::glue::PyVisit<'_>) -> ::core::result::Result<(), #root::glue::PyTraverseError> {
                #[allow(unused_imports)]
                use #root::glue::NoMethods as _;
                self.serpens_traverse(visit)
            }

            fn clear(&mut self) {
                #[allow(unused_imports)]
                use #root::glue::NoMethods as _;
                self.serpens_clear();
            }
        }

        impl<'py> #root::IntoPyObject<'py> for #ident {
            type Target = #ident;

            fn into_pyobject(self, py: #root::Python<'py>) -> #root::PyResult<#root::Bound<'py, #ident>> {
                #root::Bound::from_rust(py, self)
            }
        }
    })
}

fn flags(options: &Options, root: &Path) -> TokenStream {
    let mut flags = quote!(0);
    for (option, flag) in [("subclass", quote!(BASETYPE)), ("weakref", quote!(HAS_WEAKREF)), ("dict", quote!(HAS_DICT))]
    {
        if options.has(option) {
            flags.extend(quote!(| #root::glue::tflag::#flag));
        }
    }
    flags
}

/// The attributes of fields that Python may read or write.
fn fields(item: &mut ItemStruct, options: &Options, root: &Path) -> syn::Result<Vec<TokenStream>> {
    let class = item.ident.clone();
    let mut all = Vec::new();
    for field in &mut item.fields {
        let own = Options::take(TokenStream::new(), &mut field.attrs, &["get", "set"])?;
        let get = own.has("get") || options.has("get_all");
        let set = own.has("set") || options.has("set_all");
        if !get && !set {
            continue;
        }
        let Some(ident) = field.ident.clone() else {
            return Err(syn::Error::new_spanned(field, "a field that Python reads needs a name"));
        };
        if !get {
            return Err(syn::Error::new_spanned(&ident, "a field that Python writes must be readable, too"));
        }
        let name = own.name.clone().unwrap_or_else(|| plain(&ident));
        all.push(field_def(root, &class, field, &ident, &name, set));
    }
    Ok(all)
}

fn field_def(root: &Path, class: &Ident, field: &Field, ident: &Ident, name: &str, set: bool) -> TokenStream {
    let (ty, doc): (&Type, String) = (&field.ty, doc(&field.attrs));
    let get = quote! {{
        fn get(vm: &#root::glue::Vm, object: &#root::glue::Value) -> #root::glue::VmResult {
            #root::glue::run(vm, |py| {
                let object = #root::glue::bind(py, object);
                let this: #root::PyRef<'_, #class> = #root::glue::receiver(&object)?;
                let field: &#ty = &this.#ident;
                #root::IntoPyObject::into_pyobject(field, py).map(#root::Bound::into_value)
            })
        }
        get
    }};
    let def = if set {
        quote! {
            #root::glue::GetSetDef::rw(#name, #get, {
                fn set(
                    vm: &#root::glue::Vm,
                    object: &#root::glue::Value,
                    value: ::core::option::Option<&#root::glue::Value>,
                ) -> #root::glue::VmResult<()> {
                    #root::glue::run(vm, |py| {
                        let value = #root::glue::assigned(py, value)?;
                        let value: #ty = #root::glue::argument(&value, #name)?;
                        let object = #root::glue::bind(py, object);
                        let mut this: #root::PyRefMut<'_, #class> = #root::glue::receiver(&object)?;
                        let old = ::core::mem::replace(&mut this.#ident, value);
                        ::core::mem::drop(this);
                        ::core::mem::drop(old);
                        ::core::result::Result::Ok(())
                    })
                }
                set
            })
        }
    } else {
        quote!(#root::glue::GetSetDef::new(#name, #get))
    };
    quote!(#def.doc(#doc))
}
