//! Options of the attributes, in the attribute itself or in `#[pyo3(...)]` beside it; and doc comments.

use crate::signature::Signature;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Lit, LitStr, Meta, Path, Token, parenthesized};

/// One option.
enum Item {
    Flag(Ident),
    Text(Ident, LitStr),
    Signature(Signature),
    Crate(Path),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Item> {
        if input.peek(Token![crate]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            if input.peek(LitStr) {
                return input.parse::<LitStr>()?.parse().map(Item::Crate);
            }
            return input.call(Path::parse_mod_style).map(Item::Crate);
        }
        let name: Ident = input.parse()?;
        if name == "signature" {
            input.parse::<Token![=]>()?;
            let content;
            parenthesized!(content in input);
            return content.parse().map(Item::Signature);
        }
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return input.parse().map(|text| Item::Text(name, text));
        }
        Ok(Item::Flag(name))
    }
}

/// Options of one item.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<String>,
    pub(crate) module: Option<String>,
    pub(crate) signature: Option<Signature>,
    pub(crate) krate: Option<Path>,
    pub(crate) flags: Vec<Ident>,
}

impl Options {
    /// The options of an attribute macro and of the `#[pyo3(...)]` attributes of the item, which are taken out.
    /// `flags` are the words that may stand alone.
    pub(crate) fn take(
        options: proc_macro2::TokenStream,
        attrs: &mut Vec<Attribute>,
        flags: &[&str],
    ) -> syn::Result<Options> {
        let mut all = Options::default();
        let parser = Punctuated::<Item, Token![,]>::parse_terminated;
        all.add(syn::parse::Parser::parse2(parser, options)?, flags)?;
        let mut kept = Vec::new();
        for attr in attrs.drain(..) {
            if attr.path().is_ident("pyo3") {
                all.add(attr.parse_args_with(parser)?, flags)?;
            } else {
                kept.push(attr);
            }
        }
        *attrs = kept;
        Ok(all)
    }

    fn add(&mut self, items: Punctuated<Item, Token![,]>, flags: &[&str]) -> syn::Result<()> {
        for item in items {
            match item {
                Item::Text(name, text) if name == "name" => self.name = Some(text.value()),
                Item::Text(name, text) if name == "module" => self.module = Some(text.value()),
                Item::Signature(signature) => self.signature = Some(signature),
                Item::Crate(path) => self.krate = Some(path),
                Item::Flag(flag) if flags.iter().any(|f| flag == f) => self.flags.push(flag),
                Item::Flag(name) | Item::Text(name, _) => {
                    return Err(syn::Error::new(name.span(), format!("unknown option `{name}`")));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }

    /// The path that all generated paths begin with.
    pub(crate) fn root(&self) -> Path {
        self.krate.clone().unwrap_or_else(|| syn::parse_quote!(::serpens))
    }
}

/// The text of the doc comments.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attr in attrs.iter().filter(|a| a.path().is_ident("doc")) {
        if let Meta::NameValue(meta) = &attr.meta
            && let Expr::Lit(lit) = &meta.value
            && let Lit::Str(text) = &lit.lit
        {
            let text = text.value();
            lines.push(text.strip_prefix(' ').unwrap_or(&text).to_string());
        }
    }
    lines.join("\n").trim().to_string()
}

/// Takes out the attribute of that name; its argument, if it has one.
pub(crate) fn take_marker(attrs: &mut Vec<Attribute>, name: &str) -> syn::Result<Option<Option<Ident>>> {
    let Some(at) = attrs.iter().position(|a| a.path().is_ident(name)) else { return Ok(None) };
    let attr = attrs.remove(at);
    match &attr.meta {
        Meta::Path(_) => Ok(Some(None)),
        _ => attr.parse_args::<Ident>().map(|ident| Some(Some(ident))),
    }
}

/// The name of an identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map_or(text.clone(), str::to_string)
}
