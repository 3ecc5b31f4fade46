//! The checks that every setup read from a file must pass.

use crate::msm::{self, Prepared};
use crate::pairing::verify_pairing;
use crate::SetupError;
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand};
use rand::rngs::OsRng;
use std::iter::successors;

/// Checks, in order: `g1[0]` is the generator; tau is not 0, 1 or -1; `g1[1]` and `tau_h` have the same tau; all of `g1` are its powers.
/// Points are known to be in their groups.
///
/// The last check is one random linear combination: with A = sum_{i < n-1} rho^i g1[i], it compares `e(A, tau H)` with
/// `e(sum_{i < n-1} rho^i g1[i+1], H)`. A setup that is not of successive powers passes for at most n of the r values of rho.
pub(crate) fn check_powers(g1: &[G1Affine], tau_h: &G2Affine) -> Result<(), SetupError> {
    let (Some(first), Some(second), Some(last)) = (g1.first(), g1.get(1), g1.last()) else {
        return Err(SetupError::TooFewPowers { got: g1.len() });
    };
    let generator = G1Affine::generator();
    if *first != generator {
        return Err(SetupError::WrongG1Generator);
    }
    if second.is_zero() || *second == generator || *second == -generator {
        return Err(SetupError::DegenerateTau);
    }
    if !verify_pairing(tau_h, *second, generator) {
        return Err(SetupError::TauMismatch);
    }
    let rho = Fr::rand(&mut OsRng);
    let Some(inverse) = rho.inverse() else { return Err(SetupError::InconsistentPowers) };
    let coefficients: Vec<Fr> = successors(Some(Fr::ONE), |power| Some(*power * rho)).take(g1.len()).collect();
    let (all_but_last, top) = (&g1[..g1.len() - 1], coefficients[g1.len() - 1]);
    let prepared = Prepared::new(all_but_last);
    let low = msm::full(prepared.bases(all_but_last, 0..all_but_last.len()), &coefficients[..g1.len() - 1]);
    // rho * high = rho g1[1] + .. + rho^(n-1) g1[n-1] = low - g1[0] + rho^(n-1) g1[n-1]
    let high = (low - first + *last * top) * inverse;
    if verify_pairing(tau_h, high.into_affine(), low.into_affine()) {
        Ok(())
    } else {
        Err(SetupError::InconsistentPowers)
    }
}
