//! Finds the places and rewrites them: `if crate::mutant(7) { changed } else { as it was }`.

use crate::site::{next_integer, other_operator};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, ImplItemFn, Item, ItemFn, Signature, Stmt, UnOp};

#[derive(Default)]
pub struct Sites {
    path: String,
    found: Vec<String>,
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg") && quote!(#attribute).to_string().contains("test"))
}

fn parsed(tokens: TokenStream) -> Expr {
    syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}: {tokens}"))
}

impl Sites {
    pub fn begin(&mut self, path: &str) {
        self.path = path.to_owned();
    }

    /// One line per mutant.
    pub fn list(&self) -> String {
        self.found.iter().map(|line| format!("{line}\n")).collect()
    }

    fn number(&mut self, at: Span, what: &str) -> u32 {
        let number = self.found.len() as u32 + 1;
        let start = at.start();
        self.found.push(format!("{number}\t{}\t{}\t{}\t{what}", self.path, start.line, start.column + 1));
        number
    }

    /// A function that gives its plainest value at once.
    fn body(&mut self, signature: &Signature, block: &mut Block) {
        let output = match &signature.output {
            syn::ReturnType::Default => return,
            syn::ReturnType::Type(_, output) => quote!(#output).to_string().replace(' ', ""),
        };
        let values: Vec<TokenStream> = if output.starts_with("Result<()") {
            vec![quote!(Ok(()))]
        } else if output == "bool" {
            vec![quote!(true), quote!(false)]
        } else {
            return;
        };
        for value in values {
            let number = self.number(signature.ident.span(), &format!("{} gives {value} at once", signature.ident));
            block.stmts.insert(0, syn::parse2(quote!(if crate::mutant(#number) { return #value; })).expect("a statement"));
        }
    }
}

impl VisitMut for Sites {
    fn visit_item_mut(&mut self, item: &mut Item) {
        // Constants are computed before the environment is known.
        match item {
            Item::Const(_) | Item::Static(_) | Item::Enum(_) | Item::Macro(_) | Item::Trait(_) => (),
            Item::Mod(module) if is_test(&module.attrs) => (),
            Item::Fn(function) if is_test(&function.attrs) => (),
            _ => visit_mut::visit_item_mut(self, item),
        }
    }

    fn visit_item_fn_mut(&mut self, function: &mut ItemFn) {
        if function.sig.constness.is_none() {
            visit_mut::visit_block_mut(self, &mut function.block);
            self.body(&function.sig, &mut function.block);
        }
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        if function.sig.constness.is_none() && !is_test(&function.attrs) {
            visit_mut::visit_block_mut(self, &mut function.block);
            self.body(&function.sig, &mut function.block);
        }
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        if !is_test(&item.attrs) {
            item.items.iter_mut().for_each(|item| self.visit_impl_item_mut(item));
        }
    }

    fn visit_impl_item_mut(&mut self, item: &mut syn::ImplItem) {
        if let syn::ImplItem::Fn(function) = item {
            self.visit_impl_item_fn_mut(function);
        }
    }

    fn visit_pat_mut(&mut self, _: &mut syn::Pat) {}

    fn visit_type_mut(&mut self, _: &mut syn::Type) {}

    fn visit_generic_argument_mut(&mut self, _: &mut syn::GenericArgument) {}

    /// Statements that only do something, left out.
    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        let span = statement.span();
        visit_mut::visit_stmt_mut(self, statement);
        let Stmt::Expr(expression, Some(_)) = statement else { return };
        if matches!(expression, Expr::Call(_) | Expr::MethodCall(_) | Expr::Try(_) | Expr::Assign(_) | Expr::Binary(_)) {
            let number = self.number(span, "statement left out");
            *statement = syn::parse2(quote!(if !crate::mutant(#number) { #statement })).expect("a statement");
        }
    }

    fn visit_expr_if_mut(&mut self, expression: &mut syn::ExprIf) {
        let span = expression.cond.span();
        visit_mut::visit_expr_if_mut(self, expression);
        let condition = &expression.cond;
        if !quote!(#condition).to_string().contains("let ") {
            let (never, always) = (self.number(span, "never"), self.number(span, "always"));
            *expression.cond = parsed(quote!((crate::mutant(#always) || !crate::mutant(#never) && (#condition))));
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        // The length of an array and a name's arguments stay.
        if let Expr::Repeat(repeat) = expression {
            return self.visit_expr_mut(&mut repeat.expr);
        }
        let span = expression.span();
        let literal = next_integer(expression);
        visit_mut::visit_expr_mut(self, expression);
        match expression {
            Expr::Binary(binary) => {
                let Some((operator, what)) = other_operator(&binary.op) else { return };
                let (left, right, before) = (&binary.left, &binary.right, &binary.op);
                let number = self.number(binary.op.span(), what);
                // Parentheses, because `x as u64 << 3` is no expression.
                let left = if what.contains("= ") && what.ends_with('=') { quote!(#left) } else { quote!((#left)) };
                *expression = parsed(quote!((if crate::mutant(#number) { #left #operator #right } else { #left #before #right })));
            }
            Expr::Unary(unary) if !matches!(unary.op, UnOp::Deref(_)) => {
                let inner = &unary.expr;
                let number = self.number(span, "sign or negation left out");
                *expression = parsed(quote!((if crate::mutant(#number) { #inner } else { #expression })));
            }
            Expr::Lit(_) => {
                let Some(next) = literal else { return };
                let number = self.number(span, "one more");
                *expression = parsed(quote!((if crate::mutant(#number) { #next } else { #expression })));
            }
            _ => (),
        }
    }
}
