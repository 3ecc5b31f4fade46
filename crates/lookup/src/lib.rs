//! Row constraints and lookups of a proof as the integrand of S2 (docs/protocol.md, section 3):
//!
//! `eq(tau, x) (sum_g chi^(1+g) H_g + sum_i chi^(G+1+i) C_i) + sum_g h_g`
//!
//! A [`Circuit`] says what is looked up and constrained; everything else (helper columns, integrand, its value at a point) is here and
//! shared by the training and the registration proof, by prover and verifier.

mod circuit;
mod convert;
mod helpers;
mod integrand;
mod rows;
#[cfg(test)]
mod tests;
mod value;

pub use circuit::{at, combine, Challenges, Circuit};
pub use convert::to_field;
pub use helpers::helper_columns;
pub use integrand::RowSum;
pub use value::Value;
