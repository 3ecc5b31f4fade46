//! Random small programs with every feature.

use crate::case::Case;
use fedproof_program::{Activation, Kernel, Loss, Program};
use proptest::prelude::*;

fn any_kernel(steps: usize) -> impl Strategy<Value = Kernel> {
    let numbers = |largest: i64| prop::collection::vec(-largest..=largest, steps);
    let explicit = (0u32..=6, numbers(1 << 12), numbers(1 << 6)).prop_map(|(fraction_bits, taps, decay)| Kernel::Explicit {
        fraction_bits,
        taps,
        decay,
    });
    prop_oneof![(1u64..=1 << 12).prop_map(Kernel::Plain), explicit]
}

/// Huber threshold and loss weights; cut to what the program takes.
fn any_loss() -> impl Strategy<Value = (Loss, bool, u32, Vec<u16>)> {
    let loss = prop_oneof![Just(Loss::Squared), Just(Loss::Sigmoid), Just(Loss::Softmax), Just(Loss::Huber)];
    let weights = prop_oneof![Just(vec![]), prop::collection::vec(any::<u16>(), 10), prop::collection::vec(0u16..=600, 10)];
    (loss, any::<bool>(), 1u32..=300, weights)
}

fn any_program() -> impl Strategy<Value = (Program, u32)> {
    let shape = (1usize..=3).prop_flat_map(|layers| {
        let kind = prop::sample::select(Activation::all().collect::<Vec<_>>());
        (prop::collection::vec(1usize..=5, layers + 1), prop::collection::vec(kind, layers - 1))
    });
    let sizes = (1usize..=6, 0u32..=2, 0u32..=2).prop_flat_map(|(steps, b, n)| (Just((steps, b, n)), any_kernel(steps)));
    let bits = (4u32..=9, 4u32..=10, 0u32..=20, 1u32..=8, 0u32..=8, 0u32..=8);
    let rest = (any_loss(), 0u32..=6, 2usize..=6, 0usize..=2);
    (shape, sizes, bits, rest).prop_filter_map("illegal", |((dims, activations), ((steps, batch, blocks), kernel), b, rest)| {
        let (bits, limb_bits, more, activation_bits, finer, wider) = b;
        let ((loss, one_hot, huber, mut loss_weights), below, group, longer) = rest;
        let outputs = dims[dims.len() - 1];
        let one_hot = outputs > 1 && (loss == Loss::Softmax || loss == Loss::Sigmoid && one_hot);
        loss_weights.truncate(match loss.classifies() {
            false => 0,
            true => outputs << u32::from(!one_hot),
        });
        let program = Program {
            loss,
            one_hot,
            dims,
            activations,
            steps,
            batch: 1 << batch,
            blocks: 1 << blocks,
            bits,
            limb_bits,
            weight_bits: bits + more,
            activation_bits,
            delta_bits: activation_bits + finer,
            bound_bits: bits + more + wider,
            openings: 1,
            group,
            vector_bits: 0,
            huber: if loss == Loss::Huber { huber } else { 0 },
            loss_weights,
            kernel,
        };
        let shortest = program.with_shortest_vectors().ok()?;
        let vector_bits = shortest.vector_bits + longer;
        // from weights of fractions of one up to the bound, at which nearly everything saturates
        let weight_bits = shortest.bound_bits - below;
        Some((Program { vector_bits, ..shortest }.validated().ok()?, weight_bits))
    })
}

pub fn any_case() -> impl Strategy<Value = Case> {
    (any_program(), any::<u64>()).prop_map(|((program, bits), seed)| Case::new(program, bits, seed))
}
