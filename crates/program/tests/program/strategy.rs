//! Random legal programs.

use fedproof_program::{Activation, Kernel, Loss, Program};
use proptest::prelude::*;

/// A small legal program to change fields of.
pub fn sample() -> Program {
    Program {
        loss: Loss::Sigmoid,
        one_hot: true,
        dims: vec![30, 16, 2],
        activations: vec![Activation::Relu],
        steps: 10,
        batch: 8,
        blocks: 8,
        bits: 12,
        limb_bits: 12,
        weight_bits: 40,
        activation_bits: 6,
        delta_bits: 10,
        bound_bits: 44,
        openings: 2,
        group: 4,
        vector_bits: 13,
        huber: 0,
        loss_weights: vec![],
        kernel: Kernel::Plain(1 << 10),
    }
}

/// The sample with softmax, class weights, a smooth layer and an explicit kernel.
pub fn rich() -> Program {
    Program {
        loss: Loss::Softmax,
        activations: vec![Activation::Tanh],
        steps: 2,
        loss_weights: vec![256, 0x0102],
        kernel: Kernel::Explicit { fraction_bits: 3, taps: vec![700, -1], decay: vec![8, -2] },
        ..sample()
    }
}

fn any_kernel(steps: usize) -> impl Strategy<Value = Kernel> {
    let numbers = move |largest: i64| prop::collection::vec(-largest..=largest, steps);
    let explicit = (0u32..=12, numbers(1 << 20), numbers(1 << 12)).prop_map(|(fraction_bits, taps, decay)| Kernel::Explicit {
        fraction_bits,
        taps,
        decay,
    });
    prop_oneof![(0u32..=24).prop_map(|k| Kernel::Plain(1 << k)), explicit]
}

/// Loss, whether one-hot where that is free, Huber threshold, loss weights (or none) to be cut to the number needed.
fn any_loss() -> impl Strategy<Value = (Loss, bool, u32, Vec<u16>)> {
    let loss = prop_oneof![Just(Loss::Squared), Just(Loss::Sigmoid), Just(Loss::Softmax), Just(Loss::Huber)];
    let weights = prop_oneof![Just(vec![]), prop::collection::vec(any::<u16>(), 1800)];
    (loss, any::<bool>(), 1u32..=300, weights)
}

pub fn any_program() -> impl Strategy<Value = Program> {
    let dim = prop_oneof![4 => 1usize..=9, 1 => 1usize..=900];
    let shape = (1usize..=5).prop_flat_map(move |layers| {
        let kind = prop::sample::select(Activation::all().collect::<Vec<_>>());
        (prop::collection::vec(dim.clone(), layers + 1), prop::collection::vec(kind, layers - 1))
    });
    let sizes = (1usize..=40, 0u32..=6, 0u32..=9).prop_flat_map(|(steps, b, n)| (Just((steps, b, n)), any_kernel(steps)));
    let bits = (4u32..=16, 4u32..=20, 4u32..=48, 1u32..=15, 0u32..=15, 0u32..=12);
    let rest = (any_loss(), 1usize..=16, 2usize..=12, 0usize..=3);
    (shape, sizes, bits, rest).prop_filter_map("illegal", |((dims, activations), ((steps, batch, blocks), kernel), b, rest)| {
        let (bits, limb_bits, weight_bits, activation_bits, finer, wider) = b;
        let ((loss, one_hot, huber, mut loss_weights), openings, group, longer) = rest;
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
            weight_bits: weight_bits.max(bits),
            activation_bits: activation_bits.min(bits - 1),
            delta_bits: (activation_bits.min(bits - 1) + finer).min(bits),
            bound_bits: weight_bits.max(bits) + wider,
            openings,
            group,
            vector_bits: 0,
            huber: if loss == Loss::Huber { huber } else { 0 },
            loss_weights,
            kernel,
        };
        let shortest = program.with_shortest_vectors().ok()?;
        let vector_bits = shortest.vector_bits + longer;
        Program { vector_bits, ..shortest }.validated().ok()
    })
}
