//! Masked sumcheck (docs/protocol.md, section 3).
//!
//! The claimed sum is public: the prover subtracts a secret constant from the integrand and adds the mask
//! `g(x) = sum_i sum_e g_{i,e} x_i^e`; one linear relation (the closing) ties both to committed vectors. A fold polynomial of degree d
//! is sent as d field elements, all coefficients but the linear one, which the verifier derives.
//! Variables are bound from the most significant one.

mod claim;
mod multilinear;
mod product;
mod prover;
mod small;
mod verifier;

pub use claim::{Labels, Outcome};
pub use multilinear::{bit_point, eq, eq_index, eq_table, evaluate, fold_in_place, less_than, prefix_eq, prefix_sum};
pub use product::{ProductSum, ProductTerm};
pub use prover::{prove, Integrand, Masking};
pub use small::{small_dot, SmallSum};
pub use verifier::verify;
