//! What is changed at one place, as tokens of Rust.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{BinOp, Expr, Lit};

/// The operator that a mutant has instead.
pub fn other_operator(operator: &BinOp) -> Option<(TokenStream, &'static str)> {
    Some(match operator {
        BinOp::Add(_) => (quote!(-), "+ to -"),
        BinOp::Sub(_) => (quote!(+), "- to +"),
        BinOp::Mul(_) => (quote!(+), "* to +"),
        BinOp::Rem(_) => (quote!(+), "% to +"),
        BinOp::Shl(_) => (quote!(>>), "<< to >>"),
        BinOp::Shr(_) => (quote!(<<), ">> to <<"),
        BinOp::BitAnd(_) => (quote!(|), "& to |"),
        BinOp::BitOr(_) => (quote!(&), "| to &"),
        BinOp::BitXor(_) => (quote!(|), "^ to |"),
        BinOp::And(_) => (quote!(||), "&& to ||"),
        BinOp::Or(_) => (quote!(&&), "|| to &&"),
        BinOp::Eq(_) => (quote!(!=), "== to !="),
        BinOp::Ne(_) => (quote!(==), "!= to =="),
        BinOp::Lt(_) => (quote!(<=), "< to <="),
        BinOp::Le(_) => (quote!(<), "<= to <"),
        BinOp::Gt(_) => (quote!(>=), "> to >="),
        BinOp::Ge(_) => (quote!(>), ">= to >"),
        BinOp::AddAssign(_) => (quote!(-=), "+= to -="),
        BinOp::SubAssign(_) => (quote!(+=), "-= to +="),
        BinOp::MulAssign(_) => (quote!(+=), "*= to +="),
        BinOp::BitXorAssign(_) => (quote!(|=), "^= to |="),
        _ => return None,
    })
}

/// An integer literal plus one.
pub fn next_integer(expression: &Expr) -> Option<TokenStream> {
    let Expr::Lit(literal) = expression else { return None };
    let Lit::Int(integer) = &literal.lit else { return None };
    let value: u64 = integer.base10_parse().ok()?;
    let next = format!("{}{}", value.checked_add(1)?, integer.suffix());
    let literal: Literal = next.parse().ok()?;
    Some(quote!(#literal))
}
