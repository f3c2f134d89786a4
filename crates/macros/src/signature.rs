//! Parameters as Python sees them: `signature = (a, b = 1, /, *args, c, **kwargs)`.

use crate::attr::plain;
use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Lit, Token, UnOp};

/// How a parameter is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Positional,
    VarArgs,
    KeywordOnly,
    VarKeywords,
}

/// One parameter.
#[derive(Clone)]
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) kind: Kind,
    pub(crate) default: Option<Expr>,
}

/// All parameters, without the receiver.
#[derive(Clone, Default)]
pub(crate) struct Signature {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) n_positional_only: usize,
}

impl Parse for Signature {
    fn parse(input: ParseStream<'_>) -> syn::Result<Signature> {
        let mut signature = Signature::default();
        let mut kind = Kind::Positional;
        while !input.is_empty() {
            if input.peek(Token![/]) {
                input.parse::<Token![/]>()?;
                signature.n_positional_only = signature.parameters.len();
            } else if input.peek(Token![*]) {
                input.parse::<Token![*]>()?;
                if input.peek(Token![*]) {
                    input.parse::<Token![*]>()?;
                    signature.push(input.parse()?, Kind::VarKeywords, None);
                } else {
                    kind = Kind::KeywordOnly;
                    if input.peek(Ident) {
                        signature.push(input.parse()?, Kind::VarArgs, None);
                    }
                }
            } else {
                let name: Ident = input.parse()?;
                let default = if input.peek(Token![=]) {
                    input.parse::<Token![=]>()?;
                    Some(input.parse::<Expr>()?)
                } else {
                    None
                };
                signature.push(name, kind, default);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        signature.check()?;
        Ok(signature)
    }
}

impl Signature {
    /// Positional parameters without defaults.
    pub(crate) fn required(names: impl Iterator<Item = Ident>) -> Signature {
        let parameters = names.map(|name| Parameter { name, kind: Kind::Positional, default: None }).collect();
        Signature { parameters, n_positional_only: 0 }
    }

    fn push(&mut self, name: Ident, kind: Kind, default: Option<Expr>) {
        self.parameters.push(Parameter { name, kind, default });
    }

    fn check(&self) -> syn::Result<()> {
        let mut optional = false;
        for p in &self.parameters {
            if p.kind == Kind::Positional && optional && p.default.is_none() {
                let message = "a parameter without a default follows one with a default";
                return Err(syn::Error::new(p.name.span(), message));
            }
            optional |= p.kind == Kind::Positional && p.default.is_some();
        }
        Ok(())
    }

    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |p| p.kind == kind)
    }

    /// Whether it has `*args` or `**kwargs`.
    pub(crate) fn is_open(&self) -> bool {
        self.parameters.iter().any(|p| matches!(p.kind, Kind::VarArgs | Kind::VarKeywords))
    }

    /// The parameter of that name.
    pub(crate) fn find(&self, name: &Ident) -> Option<(usize, &Parameter)> {
        self.parameters.iter().enumerate().find(|(_, p)| plain(&p.name) == plain(name))
    }

    /// `__text_signature__`.
    pub(crate) fn text(&self, receiver: Option<&str>) -> String {
        let mut parts: Vec<String> = receiver.iter().map(|r| format!("${r}")).collect();
        let mut starred = false;
        for (i, p) in self.parameters.iter().enumerate() {
            let name = plain(&p.name);
            if p.kind == Kind::KeywordOnly && !starred {
                parts.push("*".to_string());
                starred = true;
            }
            starred |= p.kind == Kind::VarArgs;
            parts.push(match (p.kind, &p.default) {
                (Kind::VarArgs, _) => format!("*{name}"),
                (Kind::VarKeywords, _) => format!("**{name}"),
                (_, None) => name,
                (_, Some(default)) => format!("{name}={}", python(default)),
            });
            if self.n_positional_only == i + 1 {
                parts.push("/".to_string());
            }
        }
        format!("({})", parts.join(", "))
    }
}

/// A default as Python shows it: literals as they are, anything else as `...`.
fn python(default: &Expr) -> String {
    match default {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Bool(b) => if b.value { "True" } else { "False" }.to_string(),
            Lit::Int(i) => i.base10_digits().to_string(),
            Lit::Float(d) => d.base10_digits().to_string(),
            Lit::Str(text) if text.value().chars().all(|c| c.is_alphanumeric() || " _-.:/".contains(c)) => {
                format!("'{}'", text.value())
            }
            _ => "...".to_string(),
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => format!("-{}", python(&unary.expr)),
        Expr::Path(path) if path.path.is_ident("None") => "None".to_string(),
        _ => "...".to_string(),
    }
}

/// A name for generated variables.
pub(crate) fn variable(i: usize) -> Ident {
    Ident::new(&format!("argument_{i}"), Span::mixed_site())
}
