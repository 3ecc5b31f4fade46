//! Random small programs: honest proofs are accepted, a changed byte is not.

use crate::common::record::{honest, Shared};
use crate::common::trapdoor::{integer, pairing_check, Trapdoor};
use crate::common::{setup, Instance};
use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use fedproof_kzg::Commit;
use fedproof_program::{Activation, Layout, Loss, Program};
use fedproof_transcript::G1Affine;
use proptest::prelude::*;

fn activation() -> impl Strategy<Value = Activation> {
    prop_oneof![Just(Activation::Relu), Just(Activation::Identity)]
}

fn any_program() -> impl Strategy<Value = Program> {
    let shape = (1usize..=3)
        .prop_flat_map(|layers| (prop::collection::vec(1usize..=6, layers + 1), prop::collection::vec(activation(), layers - 1)));
    let sizes = (1usize..=5, 0u32..=2, 0u32..=5);
    let bits = (4u32..=6, 0u32..=9, 1u32..=5, 0u32..=3, 0u32..=3);
    let rest = (any::<bool>(), 1u64..=64, 1usize..=3, 2usize..=6);
    (shape, sizes, bits, rest).prop_filter_map("illegal or large", |((dims, activations), (steps, b, n), widths, rest)| {
        let (bits, more, activation_bits, finer, wider) = widths;
        let (sigmoid, rate, openings, group) = rest;
        let program = Program {
            loss: if sigmoid { Loss::Sigmoid } else { Loss::Squared },
            dims,
            activations,
            steps,
            batch: 1 << b,
            blocks: 1 << n,
            bits,
            weight_bits: bits + more,
            activation_bits,
            delta_bits: activation_bits + finer,
            rate,
            bound_bits: bits + more + wider,
            openings,
            group,
        };
        program.validated().ok().filter(|p| Layout::of(p).c <= 10)
    })
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
            if program.loss == Loss::Sigmoid {
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
