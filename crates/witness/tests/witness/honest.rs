//! Honest executions satisfy every relation and agree with the scalar implementation.

use crate::case::{program, Case};
use crate::checker::violations;
use crate::scalar::train;
use crate::strategy::any_case;
use fedproof_program::{Activation, Loss, Unit};
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
