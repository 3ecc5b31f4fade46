//! Limits of the fields, and bounds of the integers.

use crate::strategy::{any_program, rich, sample};
use fedproof_program::{init_weights, log2_ceil, Activation, Bounds, Kernel, Loss, Program, ProgramError};
use proptest::prelude::*;

type Change = fn(&mut Program);

/// Name of the field that the error blames.
fn blamed(mut program: Program, change: Change) -> &'static str {
    change(&mut program);
    match program.validated() {
        Err(ProgramError::Field { field, .. } | ProgramError::Overflow { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

fn explicit(fraction_bits: u32, taps: Vec<i64>, decay: Vec<i64>) -> Kernel {
    Kernel::Explicit { fraction_bits, taps, decay }
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
        ("steps", |p| (p.steps, p.batch, p.kernel) = (65536, 65536, Kernel::Plain(1))),
        // 2^26 rows in one region are too many for all
        ("steps", |p| (p.steps, p.batch, p.kernel) = (65536, 64, Kernel::Plain(1))),
        ("batch", |p| p.batch = 0),
        ("batch", |p| p.batch = 12),
        ("batch", |p| p.batch = 1 << 17),
        ("blocks", |p| p.blocks = 0),
        ("blocks", |p| p.blocks = 3),
        ("bits", |p| p.bits = 3),
        ("bits", |p| p.bits = 17),
        ("limb_bits", |p| p.limb_bits = 3),
        ("limb_bits", |p| p.limb_bits = 21),
        ("weight_bits", |p| p.weight_bits = 11),
        ("weight_bits", |p| p.weight_bits = 49),
        ("activation_bits", |p| p.activation_bits = 0),
        ("activation_bits", |p| p.activation_bits = 12),
        ("delta_bits", |p| p.delta_bits = 5),
        ("delta_bits", |p| p.delta_bits = 13),
        ("kernel", |p| p.kernel = Kernel::Plain(0)),
        ("kernel", |p| p.kernel = Kernel::Plain((1 << 40) + 1)),
        ("kernel", |p| p.kernel = Kernel::Plain(1 << 40)),
        ("bound_bits", |p| p.bound_bits = 39),
        ("bound_bits", |p| p.bound_bits = 57),
        ("bound_bits", |p| (p.dims, p.activations, p.one_hot, p.bound_bits) = (vec![1, 1], vec![], false, 40)),
        ("openings", |p| p.openings = 0),
        ("openings", |p| p.openings = 17),
        ("group", |p| p.group = 1),
        ("group", |p| p.group = 13),
        ("one_hot", |p| (p.loss, p.one_hot) = (Loss::Squared, true)),
        ("one_hot", |p| (p.loss, p.huber) = (Loss::Huber, 5)),
        ("one_hot", |p| p.dims[2] = 1),
        ("huber", |p| p.huber = 1),
        ("huber", |p| (p.loss, p.one_hot) = (Loss::Huber, false)),
        ("huber", |p| (p.loss, p.one_hot, p.huber) = (Loss::Huber, false, 2048)),
        ("weights", |p| (p.loss, p.one_hot, p.loss_weights) = (Loss::Squared, false, vec![1; 4])),
        ("weights", |p| p.loss_weights = vec![1]),
        ("weights", |p| (p.one_hot, p.loss_weights) = (false, vec![1; 2])),
        ("weight_bits", |p| (p.loss_weights, p.weight_bits) = (vec![1; 2], 17)),
    ];
    for (k, (field, change)) in cases.iter().enumerate() {
        assert_eq!(blamed(sample(), *change), *field, "case {k}");
    }
}

#[test]
fn illegal_softmax_and_kernels_are_named() {
    let cases: &[(&str, Change)] = &[
        ("one_hot", |p| p.one_hot = false),
        ("dims", |p| p.dims[2] = 1),
        ("delta_bits", |p| p.delta_bits = 11),
        ("weight_bits", |p| (p.weight_bits, p.loss_weights, p.kernel) = (14, vec![], Kernel::Plain(1))),
        ("kernel", |p| p.kernel = explicit(3, vec![], vec![])),
        ("kernel", |p| p.kernel = explicit(3, vec![1], vec![8, 8])),
        ("kernel", |p| p.kernel = explicit(3, vec![1, 1], vec![8])),
        ("kernel", |p| (p.steps, p.kernel) = (257, explicit(3, vec![0; 257], vec![8; 257]))),
        ("kernel", |p| p.kernel = explicit(33, vec![1, 1], vec![8, 8])),
        ("kernel", |p| p.kernel = explicit(17, vec![1, 1], vec![8, 8])),
        ("kernel", |p| p.kernel = explicit(3, vec![1, (1 << 56) + 1], vec![8, 8])),
        ("kernel", |p| p.kernel = explicit(3, vec![1, 1], vec![i64::MIN, 8])),
        ("kernel", |p| p.kernel = explicit(3, vec![1, -1 << 56], vec![8, 8])),
        ("kernel", |p| p.kernel = explicit(3, vec![1, 1], vec![8, 1 << 56])),
    ];
    assert_eq!(rich().validated(), Ok(rich()));
    for (k, (field, change)) in cases.iter().enumerate() {
        assert_eq!(blamed(rich(), *change), *field, "case {k}");
    }
}

/// Each limit of section 2 that longer vectors lift.
#[test]
fn short_vectors_are_refused() {
    let cases: &[(&str, Change)] = &[
        ("between 12 and 24, got 11", |p| p.vector_bits = 11),
        ("between 12 and 24, got 25", |p| p.vector_bits = 25),
        ("between 15 and 24, got 13", |p| p.limb_bits = 15),
        ("between 14 and 24, got 13", |p| p.dims[0] = 1 << 13),
        ("more than 1024", |p| p.blocks = 65536),
        ("mask vector has", |p| {
            (p.bits, p.limb_bits, p.activation_bits, p.delta_bits, p.vector_bits) = (8, 8, 3, 6, 8);
            (p.openings, p.steps, p.kernel) = (16, 4096, Kernel::Plain(1));
        }),
        ("more than 4 lanes", |p| {
            (p.dims, p.activations) = (vec![3, 3, 3, 3, 2], vec![Activation::Tanh, Activation::Gelu, Activation::Silu]);
            (p.vector_bits, p.bound_bits) = (12, 41);
        }),
    ];
    for (why, change) in cases {
        assert_eq!(blamed(sample(), *change), "vector_bits", "{why}");
        let mut program = sample();
        change(&mut program);
        let message = program.clone().validated().unwrap_err().to_string();
        assert!(message.contains(why), "{message}");
        let shortest = program.with_shortest_vectors().unwrap();
        assert!(Program { vector_bits: shortest.vector_bits - 1, ..shortest }.validated().is_err(), "{why}");
    }
    let wrong = Program { openings: 0, ..sample() };
    assert!(matches!(wrong.with_shortest_vectors(), Err(ProgramError::Field { field: "openings", .. })));
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
        |p| (p.openings, p.group) = (16, 12),
        |p| (p.dims, p.limb_bits, p.bound_bits) = (vec![8, 8, 2], 4, 40),
        |p| p.limb_bits = 20,
        |p| (p.bits, p.limb_bits, p.activation_bits, p.delta_bits) = (4, 20, 1, 2),
        |p| p.one_hot = false,
        |p| (p.loss, p.one_hot) = (Loss::Squared, false),
        |p| (p.loss, p.one_hot, p.huber) = (Loss::Huber, false, 1),
        |p| (p.loss, p.one_hot, p.huber) = (Loss::Huber, false, 2047),
        |p| p.loss = Loss::Softmax,
        |p| p.loss_weights = vec![0, 65535],
        |p| (p.one_hot, p.loss_weights) = (false, vec![65535; 4]),
        |p| (p.loss_weights, p.weight_bits) = (vec![1; 2], 18),
        |p| (p.steps, p.kernel) = (256, explicit(16, vec![0; 256], vec![1 << 16; 256])),
        |p| (p.steps, p.weight_bits, p.bound_bits, p.kernel) = (1, 24, 26, explicit(32, vec![1 << 30], vec![-1 << 32])),
    ];
    for (k, change) in cases.iter().enumerate() {
        let mut program = sample();
        change(&mut program);
        let legal = program.with_shortest_vectors();
        assert!(legal.is_ok(), "case {k}: {legal:?}");
    }
}

#[test]
fn too_many_distance_limbs_are_refused() {
    let narrow = Program { bits: 4, limb_bits: 4, weight_bits: 4, activation_bits: 3, delta_bits: 3, bound_bits: 28, ..sample() };
    let error = narrow.validated().unwrap_err();
    assert!(matches!(error, ProgramError::Overflow { quantity: "the distance to saturation", limit: 16, .. }), "{error}");
}

/// Largest |delta_i|, largest |a s / 2^sh| on D rows and |difference| on H rows.
fn extremes(p: &Program, i: usize) -> (u128, u128) {
    let largest = 1u128 << (p.bits - 1);
    let difference = (largest << (p.delta_bits - p.activation_bits)) + largest;
    if i < p.layers() {
        // derivatives stay below 2 at scale 2^(l-2)
        let smooth = p.activations[i - 1].code() >= 2;
        return (largest, if smooth { 2 * largest } else { 0 });
    }
    match p.loss {
        Loss::Squared => (difference, 0),
        Loss::Huber => (p.huber.into(), difference),
        Loss::Sigmoid | Loss::Softmax if p.loss_weights.is_empty() => (1 << p.delta_bits, 0),
        Loss::Sigmoid | Loss::Softmax => {
            let heaviest = if p.one_hot {
                p.loss_weights.iter().map(|&w| u128::from(w)).max()
            } else {
                p.loss_weights.chunks(2).map(|w| u128::from(w[0]).max(w[1].into())).max()
            };
            (largest, (heaviest.unwrap() << (2 * p.delta_bits)) >> (p.delta_bits + 8))
        }
    }
}

proptest! {
    /// Worst integers of the program, by simulating its extremes, stay within what the limbs hold.
    #[test]
    fn bounds_cover_the_worst_case(p in any_program()) {
        let bounds = Bounds::of(&p).unwrap();
        let largest = 1u128 << (p.bits - 1);
        let scale = p.weight_bits + p.kernel.fraction_bits();
        let mut excess = 0;
        for i in 1..=p.layers() {
            let (delta, derived) = extremes(&p, i);
            let gradient = p.batch as u128 * largest * delta;
            for t in 0..=p.steps {
                let c = u128::from(p.kernel.decay(t).unsigned_abs());
                let taps: u128 = (0..t).map(|u| u128::from(p.kernel.tap(t - u).unsigned_abs())).sum();
                prop_assert!((c << p.bound_bits) + taps * gradient <= bounds.weights[i - 1]);
            }
            let weight = bounds.weights[i - 1];
            prop_assert!(weight < 1 << 62);
            let forward = (p.dims[i - 1] as u128 * largest + (1 << p.activation_bits)) * weight;
            let backward = if i > 1 { p.dims[i] as u128 * delta * weight } else { 0 };
            prop_assert!(forward.max(backward) <= bounds.product && bounds.product < 1 << 100);
            excess = excess.max((forward.max(backward) >> scale) + 1).max(derived + 1);
        }
        let limit = |limbs: usize| 1u128 << (p.limb_bits as usize * limbs);
        prop_assert!(excess < limit(bounds.excess_limbs) && bounds.excess_limbs <= 4);
        if p.loss == Loss::Softmax {
            // 2 S - 1 at most
            let sum = (p.outputs() as u128) << (p.bits + 1);
            prop_assert!(2 * sum <= limit(bounds.excess_limbs));
            prop_assert!(2 * sum <= 1 << scale);
            prop_assert!(p.bits + 2 + log2_ceil(p.outputs()) as u32 <= scale);
        }
    }

    /// No limb more than the specification's X needs, where X comes from the products alone.
    #[test]
    fn no_limb_too_many(p in any_program()) {
        let loss = if p.loss.classifies() { Loss::Sigmoid } else { Loss::Squared };
        let activations = vec![Activation::Relu; p.layers() - 1];
        let plain = Program { loss, activations, huber: 0, loss_weights: vec![], ..p };
        if let Ok(bounds) = Bounds::of(&plain) {
            let excess = (bounds.product >> (plain.weight_bits + plain.kernel.fraction_bits())) + 2;
            prop_assert!(bounds.excess_limbs == 1 || excess >= 1 << (plain.limb_bits as usize * (bounds.excess_limbs - 1)));
        }
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
