//! The bounds in exact numbers: which quantity decides how many bits the distance to saturation needs.

use crate::strategy::sample;
use fedproof_program::{Activation, Bounds, Kernel, Layout, Loss, Program, ProgramError};

/// One layer of one input, nothing added to W_0: products stay below 2^8 after rescaling.
fn quiet() -> Program {
    Program {
        loss: Loss::Sigmoid,
        one_hot: false,
        dims: vec![1, 1],
        activations: vec![],
        bits: 8,
        weight_bits: 40,
        activation_bits: 3,
        delta_bits: 6,
        bound_bits: 40,
        steps: 1,
        kernel: Kernel::Explicit { fraction_bits: 0, taps: vec![0], decay: vec![1] },
        ..sample()
    }
}

fn with(change: impl FnOnce(&mut Program)) -> Program {
    let mut program = quiet();
    change(&mut program);
    program
}

/// Bits of the distance: the narrowest limb that holds it alone.
fn distance_bits(program: &Program) -> u32 {
    let holds = |limb_bits: &u32| {
        Bounds::of(&Program { limb_bits: *limb_bits, ..program.clone() }).is_ok_and(|bounds| bounds.excess_limbs == 1)
    };
    (1..=64).find(holds).expect("one limb holds it")
}

#[test]
fn the_largest_quantity_decides() {
    // (128 + 2^3) 2^40 / 2^40 + 2
    assert_eq!(distance_bits(&quiet()), 8);
    assert_eq!(distance_bits(&with(|p| (p.dims, p.activations) = (vec![1, 1, 1], vec![Activation::Relu]))), 8);
    // 2^9 + 2
    assert_eq!(distance_bits(&with(|p| (p.dims, p.activations) = (vec![1, 1, 1], vec![Activation::Tanh]))), 10);
    // 2^8 + 2: only the Huber loss has differences
    assert_eq!(distance_bits(&with(|p| (p.loss, p.delta_bits, p.huber) = (Loss::Huber, 8, 1))), 13);
    assert_eq!(distance_bits(&with(|p| p.delta_bits = 8)), 8);
    // bits + 2 + log2 of four outputs
    assert_eq!(distance_bits(&with(|p| (p.loss, p.dims, p.one_hot) = (Loss::Softmax, vec![1, 4], true))), 12);
}

#[test]
fn loss_weights_count_alone_or_in_pairs() {
    let weighted = |one_hot: bool, loss_weights: Vec<u16>| {
        with(|p| (p.dims, p.one_hot, p.loss_weights) = (vec![1, 2], one_hot, loss_weights))
    };
    // 40000 2^7 / 2^8 + 2 and twice that
    assert_eq!(distance_bits(&weighted(true, vec![40000, 40000])), 15);
    assert_eq!(distance_bits(&weighted(false, vec![40000, 40000, 1, 1])), 16);
    assert_eq!(distance_bits(&weighted(false, vec![1, 1, 40000, 40000])), 16);
    assert_eq!(distance_bits(&weighted(true, vec![])), 8);
    // 2^9 65535 / 2^8 + 2 has 18 bits: five limbs of 4 would hold it, four do not
    let narrow = with(|p| {
        (p.dims, p.one_hot, p.loss_weights, p.delta_bits, p.limb_bits) = (vec![1, 2], true, vec![65535, 1], 8, 4);
    });
    assert!(matches!(Bounds::of(&narrow), Err(ProgramError::Overflow { bits: 18, limit: 16, .. })));
}

#[test]
fn a_first_layer_passes_nothing_back() {
    let bounds = Bounds::of(&with(|p| p.dims = vec![1, 1000])).unwrap();
    assert_eq!((bounds.weights, bounds.product), (vec![1 << 40], (128 + 8) << 40));
}

#[test]
fn limits_of_weights_and_distances() {
    let weight = |bound_bits| Bounds::of(&with(|p| (p.bound_bits, p.limb_bits) = (bound_bits, 20)));
    assert_eq!(weight(61).unwrap().weights, [1 << 61]);
    let Err(ProgramError::Overflow { quantity: "a weight", bits: 63, limit: 62, .. }) = weight(62) else { panic!("2^62") };
    // (2^31 + ..) 2^48 / 2^12: four limbs of 20 bits would hold it
    let far = Bounds::of(&with(|p| (p.dims, p.bits, p.weight_bits, p.bound_bits) = (vec![65536, 1], 16, 12, 48)));
    let Err(ProgramError::Overflow { quantity: "the distance to saturation", limit: 62, .. }) = far else { panic!("{far:?}") };
}

#[test]
fn products_have_a_limit() {
    let wide = |bound_bits| {
        Bounds::of(&with(|p| {
            (p.loss, p.dims, p.activations) = (Loss::Squared, vec![1, 1, 65536], vec![Activation::Relu]);
            (p.bits, p.activation_bits, p.delta_bits, p.weight_bits, p.bound_bits) = (16, 1, 16, 48, bound_bits);
        }))
    };
    // 2^16 (2^30 + 2^15) 2^54
    let Err(ProgramError::Overflow { quantity: "a product", bits: 101, limit: 100, .. }) = wide(54) else { panic!("2^100") };
    assert!(!matches!(wide(53), Err(ProgramError::Overflow { quantity: "a product", .. })));
}

#[test]
fn two_more_than_the_quotient() {
    // (6 2^7 + 2^6) 2^40 / 2^46 = 13
    let small = |inputs| with(|p| (p.dims, p.weight_bits, p.activation_bits) = (vec![inputs, 1], 46, 6));
    assert_eq!((distance_bits(&small(6)), distance_bits(&small(7))), (4, 5));
    // 65530 2^7 / 2^8 = 32765
    let weighted = |weight| with(|p| (p.dims, p.one_hot, p.loss_weights) = (vec![1, 2], true, vec![weight, 1]));
    assert_eq!((distance_bits(&weighted(65530)), distance_bits(&weighted(65532))), (15, 16));
}

#[test]
fn as_many_vectors_as_are_allowed() {
    let many = |blocks| Program { blocks, ..sample() }.validated().map(|p| Layout::of(&p).data_vectors);
    assert_eq!(many(16384), Ok(1024));
    assert!(many(32768).is_err());
}

#[test]
fn helpers_follow_the_other_columns() {
    let columns = Layout::of(&sample()).columns;
    assert!(columns.helpers > 1);
    let places: Vec<usize> = (0..columns.helpers).map(|g| columns.helper(g)).collect();
    assert_eq!(places, (columns.committed_first()..columns.count()).collect::<Vec<_>>());
}
