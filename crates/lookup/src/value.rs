//! What a circuit computes with.

use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_lanes::Rows;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// The value of a column: of one row or point (a scalar), or of some rows at once. Circuits are written once, for any of these.
///
/// A circuit may leave out work where a value `is_zero()`, which some rows together are only if all of them are.
pub trait Value:
    Copy
    + Send
    + Sync
    + Zero
    + One
    + From<Fr>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + Add<Fr, Output = Self>
    + Sub<Fr, Output = Self>
    + Mul<Fr, Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
}

impl Value for Fr {}
impl Value for Rows {}
