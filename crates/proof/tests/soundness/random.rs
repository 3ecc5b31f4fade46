//! Random small programs: honest proofs are accepted, a changed byte is not.

use crate::common::record::{honest, Shared};
use crate::common::trapdoor::{integer, pairing_check, Trapdoor};
use crate::common::{setup, Instance};
use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use fedproof_kzg::Commit;
use fedproof_program::{Activation, Kernel, Layout, Loss, Program};
use fedproof_transcript::G1Affine;
use proptest::prelude::*;

/// Loss, whether multi-label, and loss weights: none, or enough of them to choose from.
fn any_loss() -> impl Strategy<Value = (Loss, bool, Vec<u16>)> {
    let loss = prop_oneof![Just(Loss::Squared), Just(Loss::Sigmoid), Just(Loss::Softmax), Just(Loss::Huber)];
    let weights = prop_oneof![Just(Vec::new()), prop::collection::vec(any::<u16>(), 12)];
    (loss, any::<bool>(), weights)
}

/// None is plain; fraction bits and raw taps and factors of an explicit kernel.
fn any_kernel() -> impl Strategy<Value = Option<(u32, Vec<i64>, Vec<i64>)>> {
    let numbers = || prop::collection::vec(-40i64..40, 5);
    prop_oneof![Just(None), (0u32..=4, numbers(), numbers()).prop_map(Some)]
}

fn any_program() -> impl Strategy<Value = Program> {
    let hidden = prop::sample::select(Activation::all().collect::<Vec<_>>());
    let shape = (1usize..=3).prop_flat_map(move |layers| {
        (prop::collection::vec(1usize..=6, layers + 1), prop::collection::vec(hidden.clone(), layers - 1))
    });
    let sizes = (1usize..=5, 0u32..=2, 0u32..=5);
    let bits = (4u32..=6, 4u32..=7, 0u32..=9, 1u32..=5, 0u32..=3, 0u32..=3);
    let rest = (1u64..=64, 1usize..=3, 2usize..=6, 0usize..=3, 1u32..=7);
    (shape, sizes, bits, rest, any_loss(), any_kernel()).prop_filter_map(
        "illegal or large",
        |(shape, sizes, bits, rest, loss, kernel)| {
            let ((dims, activations), (steps, b, n), (bits, limb_bits, more, activation_bits, finer, wider)) =
                (shape, sizes, bits);
            let ((rate, openings, group, longer, huber), (loss, labels, weights)) = (rest, loss);
            let outputs = dims[dims.len() - 1];
            let one_hot = loss == Loss::Softmax || (loss == Loss::Sigmoid && outputs >= 2 && !labels);
            let kernel = match kernel {
                None => Kernel::Plain(rate),
                Some((fraction_bits, taps, decay)) => {
                    let cut = |v: Vec<i64>| v.into_iter().take(steps).collect();
                    Kernel::Explicit { fraction_bits, taps: cut(taps), decay: cut(decay) }
                }
            };
            let weighted = loss.classifies() && !weights.is_empty();
            // As wide as this loss and its weights need.
            let least = (if weighted { activation_bits + finer + 8 } else { 0 }).max(if one_hot { bits + 5 } else { 0 });
            let weight_bits = (bits + more).max(least.saturating_sub(kernel.fraction_bits()));
            let program = Program {
                loss,
                one_hot,
                loss_weights: if weighted { weights[..if one_hot { outputs } else { 2 * outputs }].to_vec() } else { Vec::new() },
                huber: if loss == Loss::Huber { huber } else { 0 },
                dims,
                activations,
                steps,
                batch: 1 << b,
                blocks: 1 << n,
                bits,
                limb_bits,
                weight_bits,
                activation_bits,
                delta_bits: activation_bits + finer,
                bound_bits: weight_bits + wider,
                openings,
                group,
                vector_bits: 0,
                kernel,
            };
            let shortest = program.with_shortest_vectors().ok()?;
            let longer = Program { vector_bits: shortest.vector_bits + longer, ..shortest }.validated().ok()?;
            Some(longer).filter(|p| Layout::of(p).c <= 11)
        },
    )
}

/// An instance with some invalid records.
fn instance(program: Program, seed: u64, invalid: u64) -> Instance {
    let instance = Instance::quick(program.clone(), seed);
    let record = instance.key.layout().record;
    let batch = program.batch;
    let at = |n: usize, slot: usize| instance.cell(n / batch, n % batch, slot);
    let mut out = instance.clone().with_cells(|cells| {
        for n in (0..program.records()).filter(|n| invalid >> (n % 64) & 1 == 1) {
            cells[at(n, record.valid)] = 0;
            if program.loss.classifies() {
                cells[at(n, record.targets)..at(n, record.targets) + program.outputs()].fill(0);
            }
        }
    });
    out.statement.count = out.dataset.scheduled_count(&program, &out.schedule);
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn honest_proofs_are_accepted(
        program in any_program(),
        seed in any::<u64>(),
        sparse in any::<(u64, u64)>(),
        (at, bit) in (any::<prop::sample::Index>(), 0u8..8),
    ) {
        let mut instance = instance(program, seed, sparse.0 & sparse.1);
        let file = instance.prove_recorded(&Shared::default(), honest);
        prop_assert_eq!(file.len(), 11 + instance.key.training_bytes());
        prop_assert_eq!(instance.verify(&file), Ok(()));
        let mut changed = file.clone();
        changed[at.index(file.len())] ^= 1 << bit;
        prop_assert!(instance.verify(&changed).is_err());

        let mut statement = instance.registration();
        statement.count = instance.dataset.count();
        let file = instance.register_recorded(&statement, &Shared::default(), honest);
        prop_assert_eq!(file.len(), 11 + instance.key.registration_bytes());
        prop_assert_eq!(instance.verify_registered(&statement, &file), Ok(()));
        let mut changed = file.clone();
        changed[at.index(file.len())] ^= 1 << bit;
        prop_assert!(instance.verify_registered(&statement, &changed).is_err());
    }
}

/// What this suite proves with: the same points and the same decisions as the setup's.
#[test]
fn the_trapdoor_agrees_with_the_setup() {
    let values: Vec<i64> = (0..40).map(|i| (i * i - 300) * (i % 3)).collect();
    let tail = [Fr::from(7u64), -Fr::from(1u64)];
    assert_eq!(Trapdoor.commit_small(&values, 50, &tail), setup().commit_small(&values, 50, &tail));
    let fields: Vec<Fr> = values.iter().map(|&v| integer(v) * tail[1] - tail[0]).collect();
    let point = Trapdoor.commit(&fields);
    assert_eq!(point, setup().commit(&fields));
    let shifted = (point * fedproof_kzg::Setup::development_tau()).into_affine();
    for (left, right) in [(point, point), (shifted, point), (G1Affine::zero(), G1Affine::zero()), (point, G1Affine::zero())] {
        assert_eq!(pairing_check(left, right), setup().pairing_check(left, right));
    }
}
