//! Executions at the limits of their bounds are accepted; no single fault of rich programs changes an update that is accepted.

#[path = "common/mod.rs"]
mod common;

use common::record::{honest, Shared};
use common::{tiny_with, Instance};
use fedproof_program::{Activation, Kernel, Loss, Program};
use fedproof_proof::ProofError;
use fedproof_witness::Quantity;
use rayon::prelude::*;

fn verdict(instance: &Instance) -> Result<(), ProofError> {
    let mut instance = instance.clone();
    let file = instance.prove_recorded(&Shared::default(), honest);
    instance.verify(&file)
}

/// Weights and features as large as they may be, all of one sign or alternating.
fn extreme(program: Program, seed: u64, signs: (i64, i64), alternate: bool) -> Instance {
    let mut instance = Instance::quick(program.clone(), seed);
    let limit = (1i64 << program.bound_bits) - 1;
    let sign = |k: usize| if alternate && k % 2 == 1 { -1 } else { 1 };
    for layer in &mut instance.weights {
        layer.iter_mut().enumerate().for_each(|(k, w)| *w = signs.0 * sign(k) * limit);
    }
    let half = 1i64 << (program.bits - 1);
    let record = instance.key.layout().record;
    let slots = 1usize << record.bits;
    let real = program.records() * slots;
    let (dims, outputs) = (program.dims[0], program.outputs());
    instance.with_cells(|cells| {
        for (at, cell) in cells.iter_mut().take(real).enumerate() {
            let slot = at % slots;
            let extreme = if signs.1 * sign(at / slots) > 0 { half - 1 } else { -half };
            if slot < dims || (!program.loss.classifies() && (record.targets..record.targets + outputs).contains(&slot)) {
                *cell = extreme;
            }
        }
    })
}

fn legal(loss: Loss, dims: &[usize], change: impl FnOnce(&mut Program)) -> Program {
    tiny_with(loss, dims, 3, 2, 4, change)
}

fn extreme_programs() -> Vec<(&'static str, Program)> {
    let explicit = |fraction_bits, taps: [i64; 3], decay: [i64; 3]| Kernel::Explicit {
        fraction_bits,
        taps: taps.to_vec(),
        decay: decay.to_vec(),
    };
    vec![
        ("relu", legal(Loss::Sigmoid, &[5, 4, 3], |p| p.bound_bits = 20)),
        (
            "squared, fd = l, fa = 1",
            legal(Loss::Squared, &[5, 4, 1], |p| {
                (p.activation_bits, p.delta_bits, p.bound_bits, p.kernel) = (1, 6, 18, Kernel::Plain(1 << 9));
                p.limb_bits = 8;
            }),
        ),
        (
            "huber, fd = l, fa = 1, threshold largest",
            legal(Loss::Huber, &[5, 4, 3], |p| {
                (p.activation_bits, p.delta_bits, p.huber, p.activations) = (1, 6, 31, vec![Activation::Tanh]);
                p.bound_bits = 18;
            }),
        ),
        (
            "gelu, negative taps, decay changes sign, excess of 4 limbs",
            legal(Loss::Softmax, &[5, 4, 3], |p| {
                (p.activations, p.limb_bits, p.bound_bits) = (vec![Activation::Gelu], 8, 22);
                p.kernel = explicit(3, [-900, 1700, -2500], [-8, 0, 11]);
            }),
        ),
        (
            "silu, labels",
            legal(Loss::Sigmoid, &[5, 4, 3], |p| {
                (p.activations, p.one_hot) = (vec![Activation::Silu], false);
                p.loss_weights = vec![65535, 65535, 65535, 0, 0, 65535];
                p.bound_bits = 17;
            }),
        ),
        (
            "class weights, large fc",
            legal(Loss::Softmax, &[4, 3, 3, 5], |p| {
                (p.activations, p.loss_weights) =
                    (vec![Activation::LeakyRelu, Activation::Sigmoid], vec![65535, 0, 1, 300, 65535]);
                p.kernel = explicit(20, [1 << 22, -(1 << 21), 5], [1 << 20, -(1 << 20), 0]);
            }),
        ),
        ("c_T = 0, no taps", legal(Loss::Sigmoid, &[5, 4, 1], |p| p.kernel = explicit(0, [0, 0, 0], [0, 0, 0]))),
        (
            "largest rate",
            legal(Loss::Sigmoid, &[3, 2], |p| {
                (p.kernel, p.limb_bits, p.weight_bits, p.bound_bits) = (Kernel::Plain(1 << 40), 12, 40, 44);
            }),
        ),
        (
            "weights of 48 bits",
            legal(Loss::Softmax, &[3, 3, 2], |p| {
                (p.limb_bits, p.weight_bits, p.bound_bits, p.activations) = (10, 48, 56, vec![Activation::Identity]);
            }),
        ),
    ]
}

#[test]
fn extremes_are_accepted() {
    for (name, program) in extreme_programs() {
        for (k, (signs, alternate)) in
            [((1, 1), false), ((1, -1), false), ((-1, 1), false), ((-1, -1), true), ((1, 1), true)].into_iter().enumerate()
        {
            let mut instance = extreme(program.clone(), 7 + k as u64, signs, alternate);
            assert_eq!(verdict(&instance), Ok(()), "{name}: {signs:?}, saturations {}", instance.trace.saturations);
            let statement = instance.registration();
            let file = instance.register_recorded(&statement, &Shared::default(), honest);
            assert_eq!(instance.verify_registered(&statement, &file), Ok(()), "{name}: registration");
        }
    }
}

fn rich_programs() -> Vec<(&'static str, Program)> {
    vec![
        (
            "softmax, gelu, class weights, momentum",
            legal(Loss::Softmax, &[3, 3, 3], |p| {
                (p.activations, p.loss_weights) = (vec![Activation::Gelu], vec![256, 100, 700]);
                p.kernel = common::momentum(3, 4);
            }),
        ),
        ("softmax, relu", legal(Loss::Softmax, &[3, 3, 3], |_| {})),
        (
            "labels, tanh, identity",
            legal(Loss::Sigmoid, &[3, 3, 2, 3], |p| {
                (p.activations, p.one_hot) = (vec![Activation::Tanh, Activation::Identity], false);
                p.loss_weights = vec![512, 100, 0, 300, 65535, 1];
            }),
        ),
        (
            "huber, silu, decay",
            legal(Loss::Huber, &[3, 3, 3], |p| {
                (p.activations, p.kernel) = (vec![Activation::Silu], common::momentum(3, 2));
            }),
        ),
    ]
}

const QUANTITIES: [Quantity; 34] = [
    Quantity::ForwardWeights,
    Quantity::Z,
    Quantity::Clamp,
    Quantity::Q,
    Quantity::Activation,
    Quantity::Derivative,
    Quantity::DerivativeCopy,
    Quantity::Label,
    Quantity::Valid,
    Quantity::Delta,
    Quantity::BackwardWeights,
    Quantity::E,
    Quantity::ClampE,
    Quantity::QE,
    Quantity::QCopy,
    Quantity::Scaled,
    Quantity::ClampScaled,
    Quantity::QScaled,
    Quantity::Residual,
    Quantity::LossWeight,
    Quantity::Exponent,
    Quantity::Exponential,
    Quantity::Mark,
    Quantity::ExponentialCopy,
    Quantity::Sum,
    Quantity::Quotient,
    Quantity::Remainder,
    Quantity::Complement,
    Quantity::Difference,
    Quantity::ClampDifference,
    Quantity::Clamped,
    Quantity::Gradient,
    Quantity::Decay,
    Quantity::Taps,
];

#[test]
fn no_single_fault_changes_an_update() {
    for (name, program) in rich_programs() {
        let base = Instance::quick(program.clone(), 3);
        assert_eq!(verdict(&base), Ok(()), "{name}");
        let mut places = Vec::new();
        for quantity in QUANTITIES {
            for layer in 1..=program.layers() {
                for step in [0, program.steps - 1, program.steps] {
                    for (end, delta) in [(0usize, 1i64), (0, -1), (1, 1)] {
                        places.push((quantity, layer, step, end, delta));
                    }
                }
            }
        }
        let passed: Vec<String> = places
            .par_iter()
            .filter(|&&(quantity, layer, step, end, delta)| {
                let mut instance = base.clone();
                instance.execute(&|q, l, t, cells| {
                    if (q, l, t) == (quantity, layer, step) && !cells.is_empty() {
                        let at = if end == 0 { 0 } else { cells.len() - 1 };
                        cells[at] += delta;
                    }
                });
                instance.trace.update != base.trace.update && verdict(&instance).is_ok()
            })
            .map(|place| format!("{place:?}"))
            .collect();
        assert!(passed.is_empty(), "{name}: {passed:#?}");
    }
}

/// A maximum that is too large by one, its mark where it was, on any unit (the last is padding), or nowhere.
#[test]
fn false_maxima_are_rejected() {
    let base = Instance::quick(legal(Loss::Softmax, &[3, 3], |_| {}), 3);
    for marks in [None, Some([1, 0, 0, 0]), Some([0, 1, 0, 0]), Some([0, 0, 1, 0]), Some([0, 0, 0, 1]), Some([0; 4])] {
        let mut instance = base.clone();
        instance.execute(&|quantity, _, step, cells| match (step, quantity, marks) {
            (1, Quantity::Exponent, _) => cells[..3].iter_mut().for_each(|e| *e += 1),
            (1, Quantity::Mark, Some(marks)) => cells[..4].copy_from_slice(&marks),
            _ => {}
        });
        assert_ne!(instance.trace, base.trace);
        assert_eq!(verdict(&instance), Err(ProofError::OpeningFailed), "{marks:?}");
    }
}

/// Records that do not count and have targets.
#[test]
fn records_that_do_not_count() {
    for (weights, target, expected) in [
        (vec![512, 100], 1, Err(ProofError::OpeningFailed)),
        (vec![100, 512], 1, Err(ProofError::OpeningFailed)),
        (vec![512, 100], 0, Ok(())),
        (vec![], 1, Ok(())),
    ] {
        let base = Instance::quick(legal(Loss::Sigmoid, &[3, 1], |p| p.loss_weights = weights), 3);
        let (record, one) = (base.key.layout().record, 1i64 << base.key.program().delta_bits);
        let cells: Vec<usize> = (0..4).map(|block| base.cell(block, 1, 0)).collect();
        let mut instance = base.clone().with_cells(|table| {
            for at in &cells {
                table[at + record.valid] = 0;
                table[at + record.targets] = target * one;
            }
        });
        instance.statement.count = 3;
        assert_eq!(verdict(&instance), expected, "{target}");
    }
}
