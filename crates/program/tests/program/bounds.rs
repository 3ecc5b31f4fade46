//! Limits of the fields, and bounds of the integers.

use crate::strategy::{any_program, sample};
use fedproof_program::{init_weights, Bounds, Loss, Program, ProgramError};
use proptest::prelude::*;

type Change = fn(&mut Program);

/// Name of the field that the error blames.
fn blamed(change: Change) -> &'static str {
    let mut program = sample();
    change(&mut program);
    match program.validated() {
        Err(ProgramError::Field { field, .. } | ProgramError::Overflow { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn illegal_fields_are_named() {
    let cases: &[(&str, Change)] = &[
        ("dims", |p| p.dims = vec![]),
        ("dims", |p| p.dims = vec![3]),
        ("dims", |p| p.dims = vec![1; 18]),
        ("dims", |p| p.dims[1] = 0),
        ("dims", |p| p.dims[0] = 65537),
        ("activations", |p| p.activations.clear()),
        ("steps", |p| p.steps = 0),
        ("steps", |p| p.steps = 65537),
        ("steps", |p| (p.steps, p.batch) = (1, 1)),
        ("steps", |p| (p.steps, p.batch, p.rate) = (65536, 65536, 1)),
        ("batch", |p| p.batch = 0),
        ("batch", |p| p.batch = 12),
        ("batch", |p| p.batch = 1 << 17),
        ("blocks", |p| p.blocks = 0),
        ("blocks", |p| p.blocks = 3),
        ("bits", |p| p.bits = 3),
        ("bits", |p| p.bits = 17),
        ("weight_bits", |p| p.weight_bits = 11),
        ("weight_bits", |p| p.weight_bits = 49),
        ("activation_bits", |p| p.activation_bits = 0),
        ("activation_bits", |p| p.activation_bits = 12),
        ("delta_bits", |p| p.delta_bits = 5),
        ("delta_bits", |p| p.delta_bits = 13),
        ("rate", |p| p.rate = 0),
        ("rate", |p| p.rate = (1 << 40) + 1),
        ("rate", |p| p.rate = 1 << 40),
        ("bound_bits", |p| p.bound_bits = 39),
        ("bound_bits", |p| p.bound_bits = 57),
        ("openings", |p| p.openings = 0),
        ("openings", |p| p.openings = 17),
        ("group", |p| p.group = 1),
        ("group", |p| p.group = 7),
    ];
    for (k, (field, change)) in cases.iter().enumerate() {
        assert_eq!(blamed(*change), *field, "case {k}");
    }
}

#[test]
fn limits_themselves_are_legal() {
    let cases: &[Change] = &[
        |p| p.dims[0] = 65536,
        |p| p.steps = 1,
        |p| (p.blocks, p.batch) = (1, 1),
        |p| p.blocks = 1024,
        |p| (p.activation_bits, p.delta_bits) = (1, 1),
        |p| (p.activation_bits, p.delta_bits) = (11, 12),
        |p| p.weight_bits = 12,
        |p| p.bound_bits = 40,
        |p| (p.openings, p.group) = (1, 2),
        |p| (p.openings, p.group) = (16, 6),
    ];
    for (k, change) in cases.iter().enumerate() {
        let mut program = sample();
        change(&mut program);
        assert!(program.validated().is_ok(), "case {k}");
    }
}

#[test]
fn too_many_distance_limbs_are_refused() {
    let narrow = Program { bits: 4, weight_bits: 4, activation_bits: 3, delta_bits: 3, bound_bits: 28, ..sample() };
    let error = narrow.validated().unwrap_err();
    assert!(matches!(error, ProgramError::Overflow { quantity: "the distance to saturation", limit: 16, .. }), "{error}");
}

proptest! {
    /// Worst integers of the program, by simulating its extremes, stay within what the limbs hold.
    #[test]
    fn bounds_cover_the_worst_case(p in any_program()) {
        let bounds = Bounds::of(&p).unwrap();
        let largest = 1u128 << (p.bits - 1);
        for i in 1..=p.layers() {
            let output_delta = match p.loss {
                Loss::Sigmoid => 1u128 << p.delta_bits,
                Loss::Squared => (largest << (p.delta_bits - p.activation_bits)) + largest,
            };
            let delta = if i == p.layers() { output_delta } else { largest };
            let mut weight = 1u128 << p.bound_bits;
            for _ in 0..p.steps {
                weight += u128::from(p.rate) * p.batch as u128 * largest * delta;
            }
            prop_assert_eq!(bounds.weights[i - 1], weight);
            prop_assert!(weight < 1 << 62);
            let forward = (p.dims[i - 1] as u128 * largest + (1 << p.activation_bits)) * weight;
            let backward = if i > 1 { p.dims[i] as u128 * delta * weight } else { 0 };
            prop_assert!(forward.max(backward) <= bounds.product && bounds.product < 1 << 100);
        }
        let excess = (bounds.product >> p.weight_bits) + 2;
        let limit = |limbs: usize| 1u128 << (p.bits as usize * limbs);
        prop_assert!(excess < limit(bounds.excess_limbs) && bounds.excess_limbs <= 4);
        prop_assert!(bounds.excess_limbs == 1 || excess >= limit(bounds.excess_limbs - 1));
    }

    #[test]
    fn initial_weights_are_glorot(p in any_program().prop_filter("small", |p| p.dims.iter().all(|&d| d < 40)), seed in any::<[u8; 32]>()) {
        let weights = init_weights(&p, &seed);
        prop_assert_eq!(weights.len(), p.layers());
        for (i, w) in weights.iter().enumerate() {
            let (rows, columns) = (p.dims[i], p.dims[i + 1]);
            prop_assert_eq!(w.len(), (rows + 1) * columns);
            prop_assert!(w[rows * columns..].iter().all(|&b| b == 0));
            let squared = 6u128 * (1 << (2 * p.weight_bits)) / (rows + columns) as u128;
            prop_assert!(w.iter().all(|&v| u128::from(v.unsigned_abs()).pow(2) <= squared));
        }
        prop_assert_eq!(&init_weights(&p, &seed), &weights);
    }
}
