//! The pairing check of an opening.

use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::AffineRepr;
use ark_ff::Zero;

/// A point of G2 with the lines of the Miller loop computed once.
pub(crate) type Prepared = <Bn254 as Pairing>::G2Prepared;

/// Whether `e(left, H) == e(right, tau H)`.
pub fn verify_pairing(tau_h: &G2Affine, left: G1Affine, right: G1Affine) -> bool {
    check(&G2Affine::generator().into(), &(*tau_h).into(), left, right)
}

pub(crate) fn check(h: &Prepared, tau_h: &Prepared, left: G1Affine, right: G1Affine) -> bool {
    Bn254::multi_pairing([left, -right], [h.clone(), tau_h.clone()]).is_zero()
}
