use super::affine::Portable;
use super::fixed::multiples_with;
use super::{few, Bases, Prepared};
use crate::powers::g1_powers;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ff::{One, UniformRand, Zero};
use ark_std::test_rng;
use proptest::prelude::*;

/// tau = 3, so that expected sums can be computed in the exponent.
fn bases(n: usize) -> Vec<G1Affine> {
    g1_powers(Fr::from(3u64), n)
}

fn expected(scalars: impl IntoIterator<Item = Fr>) -> G1Projective {
    let (mut sum, mut power) = (Fr::zero(), Fr::one());
    for scalar in scalars {
        sum += scalar * power;
        power *= Fr::from(3u64);
    }
    g1_powers(sum, 2)[1].into()
}

/// The same with the portable kernel and with the fastest one of this processor.
fn small(bases: &[G1Affine], values: &[i64]) -> G1Projective {
    let portable = super::small(Bases::Affine(bases), values);
    assert_eq!(super::small(Prepared::new(bases).bases(bases, 0..bases.len()), values), portable);
    portable
}

fn full(bases: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    let portable = super::full(Bases::Affine(bases), scalars);
    assert_eq!(super::full(Prepared::new(bases).bases(bases, 0..bases.len()), scalars), portable);
    portable
}

fn check_small(values: &[i64]) {
    assert_eq!(small(&bases(values.len()), values), expected(values.iter().map(|v| Fr::from(*v))));
}

fn check_full(scalars: &[Fr]) {
    let bases = bases(scalars.len());
    assert_eq!(full(&bases, scalars), expected(scalars.iter().copied()));
    assert_eq!(few::sum(&bases, scalars), expected(scalars.iter().copied()));
}

#[test]
fn lengths_and_widths() {
    let mut rng = test_rng();
    for n in [0, 1, 2, 3, 7, 48, 49, 100, 1000, 5000] {
        for bits in [1, 2, 8, 12, 16, 17, 31, 43, 63] {
            let values: Vec<i64> = (0..n).map(|_| i64::rand(&mut rng) >> (63 - bits)).collect();
            check_small(&values);
        }
        let scalars: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut rng)).collect();
        check_full(&scalars);
    }
}

#[test]
fn extreme_values() {
    check_small(&[i64::MIN, i64::MAX, 0, -1, 1, i64::MIN + 1]);
    check_small(&[i64::MIN; 100]);
    for value in [-1, 1, 2048, -2048, 0] {
        check_small(&vec![value; 40_000]);
    }
    check_full(&vec![-Fr::one(); 100]);
    check_full(&vec![Fr::zero(); 100]);
    let half = Fr::from(<Fr as ark_ff::PrimeField>::MODULUS_MINUS_ONE_DIV_TWO);
    check_full(&[half; 60]);
    check_full(&[half + Fr::one(); 60]);
    check_full(&[half - Fr::one(), half, half + Fr::one(), -half]);
}

#[test]
fn equal_opposite_and_identity_bases() {
    let mut rng = test_rng();
    let three = bases(3);
    let choices = [three[1], three[2], -three[1], -three[2], G1Affine::identity()];
    for n in [5, 60, 3000] {
        let bases: Vec<G1Affine> = (0..n).map(|_| choices[usize::rand(&mut rng) % 5]).collect();
        for bits in [1, 3, 20] {
            let values: Vec<i64> = (0..n).map(|_| i64::rand(&mut rng) >> (63 - bits)).collect();
            let naive: G1Projective = bases.iter().zip(&values).map(|(base, value)| *base * Fr::from(*value)).sum();
            assert_eq!(small(&bases, &values), naive);
            let scalars: Vec<Fr> = values.iter().map(|value| Fr::from(*value)).collect();
            assert_eq!(full(&bases, &scalars), naive);
            assert_eq!(few::sum(&bases, &scalars), naive);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_values(values in prop::collection::vec(any::<i64>(), 0..200), shift in 0u32..64) {
        let values: Vec<i64> = values.into_iter().map(|value| value >> shift).collect();
        check_small(&values);
    }

    #[test]
    fn any_scalars(scalars in prop::collection::vec(any::<[u64; 4]>(), 0..80), small in any::<bool>()) {
        let scalars: Vec<Fr> = scalars
            .into_iter()
            .map(|limbs| if small { Fr::from(limbs[0]) - Fr::from(limbs[1]) } else { Fr::from(ark_ff::BigInt([limbs[0], limbs[1], limbs[2], limbs[3] >> 3])) })
            .collect();
        check_full(&scalars);
    }
}

#[test]
fn multiples_of_one_base() {
    let mut rng = test_rng();
    let base = bases(2)[1];
    for n in [0, 1, 2, 600, 1025] {
        let mut scalars: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut rng)).collect();
        scalars.extend([Fr::zero(), Fr::one(), -Fr::one()].into_iter().take(n));
        let naive: Vec<G1Affine> = scalars.iter().map(|scalar| (base * scalar).into()).collect();
        assert_eq!(super::multiples(&base, &scalars), naive);
        assert_eq!(multiples_with(Portable, &base, &scalars), naive);
    }
}
