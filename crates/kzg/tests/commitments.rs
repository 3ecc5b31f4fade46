//! Commitments against the exponent, and openings against the pairing.

use ark_bn254::{Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, Zero};
use fedproof_kzg::{verify_pairing, Commit, Setup};
use proptest::prelude::*;
use std::sync::OnceLock;

const POWERS: usize = 300;

fn setup() -> &'static Setup {
    static SETUP: OnceLock<Setup> = OnceLock::new();
    SETUP.get_or_init(|| Setup::development(POWERS))
}

/// The commitment to the value at tau, which for this setup everybody can compute.
fn expected(coeffs: &[Fr]) -> G1Affine {
    let value = coeffs.iter().rev().fold(Fr::zero(), |sum, coeff| sum * Setup::development_tau() + coeff);
    (G1Affine::generator() * value).into_affine()
}

fn scalar() -> impl Strategy<Value = Fr> {
    prop_oneof![
        any::<i64>().prop_map(Fr::from),
        any::<[u64; 4]>().prop_map(|limbs| limbs.into_iter().fold(Fr::zero(), |sum, limb| sum.square() + Fr::from(limb))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn commitments_are_values_at_tau(coeffs in prop::collection::vec(scalar(), 0..=POWERS)) {
        prop_assert_eq!(setup().commit(&coeffs), expected(&coeffs));
    }

    #[test]
    fn tails_are_placed(
        values in prop::collection::vec(any::<i64>(), 0..=200),
        shift in 0u32..64,
        tail_at in 0usize..=250,
        tail in prop::collection::vec(scalar(), 0..=50),
    ) {
        let values: Vec<i64> = values.into_iter().map(|value| value >> shift).collect();
        let mut coeffs = vec![Fr::zero(); POWERS];
        for (coeff, value) in coeffs.iter_mut().zip(&values) {
            *coeff += Fr::from(*value);
        }
        for (coeff, value) in coeffs[tail_at..].iter_mut().zip(&tail) {
            *coeff += value;
        }
        prop_assert_eq!(setup().commit_small(&values, tail_at, &tail), expected(&coeffs));
    }

    #[test]
    fn openings_pass_the_pairing_check(coeffs in prop::collection::vec(scalar(), 2..50), x in scalar()) {
        // quotient = (p - p(x)) / (X - x) by synthetic division
        let mut quotient = vec![Fr::zero(); coeffs.len() - 1];
        let mut value = Fr::zero();
        for i in (0..coeffs.len()).rev() {
            if i + 1 < coeffs.len() {
                quotient[i] = value;
            }
            value = value * x + coeffs[i];
        }
        let (p, w) = (setup().commit(&coeffs), setup().commit(&quotient));
        let left = (p - G1Affine::generator() * value + w * x).into_affine();
        prop_assert!(setup().pairing_check(left, w));
        prop_assert!(verify_pairing(setup().tau_h(), left, w));
        let wrong = (left + G1Affine::generator()).into_affine();
        prop_assert!(!setup().pairing_check(wrong, w));
        prop_assert!(!verify_pairing(setup().tau_h(), wrong, w));
    }
}

#[test]
fn identities_pass_the_pairing_check_only_together() {
    let (zero, one) = (G1Affine::zero(), G1Affine::generator());
    assert!(setup().pairing_check(zero, zero));
    assert!(!setup().pairing_check(one, zero));
    assert!(!setup().pairing_check(zero, one));
}

#[test]
fn a_development_setup_has_the_powers_of_its_tau() {
    let powers = setup().g1();
    assert_eq!(setup().powers(), POWERS);
    for i in [0, 1, 2, 100, POWERS - 1] {
        let power = Setup::development_tau().pow([i as u64]);
        assert_eq!(powers[i], (G1Affine::generator() * power).into_affine());
    }
    assert_eq!(Setup::development(0).powers(), 2);
    assert!(setup().insecure());
    assert_eq!(setup().digest(), Setup::development(2).digest());
}

#[test]
#[should_panic(expected = "too few powers")]
fn too_long_a_vector() {
    let _ = setup().commit(&vec![Fr::zero(); POWERS + 1]);
}

#[test]
#[should_panic(expected = "too few powers")]
fn too_far_a_tail() {
    let _ = setup().commit_small(&[], usize::MAX, &[Fr::zero()]);
}
