//! Random legal programs.

use fedproof_program::{Activation, Loss, Program};
use proptest::prelude::*;

/// A small legal program to change fields of.
pub fn sample() -> Program {
    Program {
        loss: Loss::Sigmoid,
        dims: vec![30, 16, 2],
        activations: vec![Activation::Relu],
        steps: 10,
        batch: 8,
        blocks: 8,
        bits: 12,
        weight_bits: 40,
        activation_bits: 6,
        delta_bits: 10,
        rate: 1 << 10,
        bound_bits: 44,
        openings: 2,
        group: 4,
    }
}

pub fn any_program() -> impl Strategy<Value = Program> {
    let dim = prop_oneof![4 => 1usize..=9, 1 => 1usize..=900];
    let shape = (1usize..=5).prop_flat_map(move |layers| {
        let kind = prop_oneof![Just(Activation::Relu), Just(Activation::Identity)];
        (prop::collection::vec(dim.clone(), layers + 1), prop::collection::vec(kind, layers - 1))
    });
    let sizes = (1usize..=40, 0u32..=6, 0u32..=9);
    let bits = (4u32..=16, 4u32..=48, 1u32..=15, 0u32..=15, 0u32..=12);
    let rest = (any::<bool>(), 0u32..=24, 1usize..=16, 2usize..=6);
    (shape, sizes, bits, rest).prop_filter_map("illegal", |((dims, activations), (steps, batch, blocks), b, rest)| {
        let (bits, weight_bits, activation_bits, finer, wider) = b;
        let (sigmoid, rate, openings, group) = rest;
        let program = Program {
            loss: if sigmoid { Loss::Sigmoid } else { Loss::Squared },
            dims,
            activations,
            steps,
            batch: 1 << batch,
            blocks: 1 << blocks,
            bits,
            weight_bits: weight_bits.max(bits),
            activation_bits: activation_bits.min(bits - 1),
            delta_bits: (activation_bits.min(bits - 1) + finer).min(bits),
            rate: 1 << rate,
            bound_bits: weight_bits.max(bits) + wider,
            openings,
            group,
        };
        program.validated().ok()
    })
}
