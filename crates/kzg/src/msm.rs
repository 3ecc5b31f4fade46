//! Multi-scalar multiplication.

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::VariableBaseMSM;
use ark_ff::PrimeField;

pub(crate) fn small(bases: &[G1Affine], values: &[i64]) -> G1Projective {
    let scalars: Vec<Fr> = values.iter().map(|v| Fr::from(*v)).collect();
    full(bases, &scalars)
}

pub(crate) fn full(bases: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    let scalars: Vec<_> = scalars.iter().map(|s| s.into_bigint()).collect();
    G1Projective::msm_bigint(bases, &scalars)
}
