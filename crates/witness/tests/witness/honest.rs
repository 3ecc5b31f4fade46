//! Honest executions satisfy every relation and agree with the scalar implementation.

use crate::case::{momentum, program, Case};
use crate::checker::violations;
use crate::scalar::train;
use crate::strategy::any_case;
use fedproof_program::{Activation, Kernel, Loss, Program, Unit};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn check(case: &Case) {
    let trace = case.execute();
    assert_eq!(violations(case, &trace), BTreeSet::new());
    let (update, saturations) = train(case);
    assert_eq!(trace.update, update);
    assert_eq!(trace.saturations, saturations);
    let lookups = case.layout.helpers.iter().flatten().filter(|u| !matches!(u, Unit::Lane(_))).count();
    let lanes = (0..case.layout.columns.lanes).map(|p| case.layout.columns.multiplicity(p));
    let total: i64 = lanes.flat_map(|c| &trace.columns[c]).sum();
    assert_eq!(total as usize, lookups * case.layout.trace_rows);
}

proptest! {
    #[test]
    fn every_relation_holds(case in any_case()) {
        check(&case);
    }
}

/// Every loss with every optimiser, hidden function and kind of weights, and one step more than is real.
#[test]
fn every_feature() {
    let losses =
        [(Loss::Squared, false), (Loss::Sigmoid, false), (Loss::Sigmoid, true), (Loss::Softmax, true), (Loss::Huber, false)];
    let kernels = [Kernel::Plain(1 << 8), momentum()];
    for (seed, (((loss, one_hot), kernel), kind)) in losses
        .into_iter()
        .flat_map(|loss| kernels.iter().map(move |kernel| (loss, kernel)))
        .flat_map(|pair| Activation::all().map(move |kind| (pair, kind)))
        .enumerate()
    {
        let weights: &[u16] = match (loss.classifies(), one_hot) {
            (false, _) => &[],
            (true, true) => &[700, 0, 256],
            (true, false) => &[256, 100, 0, 80, 65535, 256],
        };
        for loss_weights in if weights.is_empty() { vec![vec![]] } else { vec![vec![], weights.to_vec()] } {
            let mut kernel = kernel.clone();
            if let Kernel::Explicit { taps, decay, .. } = &mut kernel {
                taps.truncate(3);
                decay.truncate(3);
            }
            let base = program(loss, &[4, 3, 5, 3], kind);
            let p = Program { one_hot, kernel, steps: 3, loss_weights, ..base }.with_shortest_vectors().unwrap();
            check(&Case::new(p, 20, seed as u64));
        }
    }
}

/// A trace of several vectors; plain SGD is a kernel of equal taps.
#[test]
fn short_vectors() {
    let base = program(Loss::Softmax, &[6, 9, 9, 5], Activation::Gelu);
    let p = Program { steps: 16, kernel: Kernel::Explicit { fraction_bits: 0, taps: vec![99; 16], decay: vec![1; 16] }, ..base };
    let case = Case::new(p.with_shortest_vectors().unwrap(), 20, 4);
    assert!(case.layout.columns.vectors > 2);
    check(&case);
    let explicit = case.execute();
    let program = Program { kernel: Kernel::Plain(99), ..case.program.clone() };
    assert_eq!(Case { program, ..case }.execute(), explicit);
}

#[test]
fn no_fault_changes_nothing() {
    let case = Case::new(program(Loss::Sigmoid, &[5, 3, 2], Activation::Relu), 20, 1);
    assert_eq!(case.execute_with(&|_, _, _, _| ()), case.execute());
}

#[test]
fn saturation_is_common_at_the_weight_bound() {
    for (loss, seed) in [(Loss::Sigmoid, 1), (Loss::Squared, 2)] {
        let case = Case::new(program(loss, &[5, 3, 3, 2], Activation::Relu), 22, seed);
        assert!(case.execute().saturations > 50);
        check(&case);
    }
}

/// The bias row of layer i + 1 stands at padded unit d_i of layer i's backward rows: it is in the trace, never in delta as used.
#[test]
fn bias_row_at_a_padded_unit() {
    let case = Case::new(program(Loss::Squared, &[2, 3, 2], Activation::Identity), 21, 3);
    let trace = case.execute();
    let region = *case.layout.region(1, fedproof_program::Direction::Backward).unwrap();
    let padded = (region.offset..region.offset + (1 << region.bits)).filter(|row| row % 4 == 3);
    assert!(padded.clone().any(|row| trace.columns[case.layout.columns.a()][row] != 0));
    check(&case);
}
