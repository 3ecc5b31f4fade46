//! What a sumcheck leaves behind.

use ark_bn254::Fr;

/// Transcript labels of one sumcheck.
#[derive(Debug, Clone, Copy)]
pub struct Labels {
    /// Label of the folds; the index is the variable.
    pub fold: u8,
    /// Label of the challenges; the index is the variable.
    pub challenge: u8,
}

/// The point that the challenges form and the last claim, which the closing relation must confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Most significant variable first.
    pub point: Vec<Fr>,
    /// Value that the masked, shifted integrand must have at `point`.
    pub last: Fr,
}

/// Evaluates the fold polynomial at r, given the claim p(0) + p(1) and all coefficients but the linear one.
pub(crate) fn next_claim(claim: Fr, sent: &[Fr], r: Fr) -> Fr {
    let Some((&c0, higher)) = sent.split_first() else { return claim };
    let linear = claim - c0 - c0 - higher.iter().sum::<Fr>();
    let tail = higher.iter().rev().fold(Fr::from(0u64), |acc, &c| (acc + c) * r);
    (tail + linear) * r + c0
}
