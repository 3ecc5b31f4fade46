//! A fault breaks exactly the relation it names, everything downstream follows.

use crate::case::{program, Case};
use crate::checker::violations;
use fedproof_program::{Activation, Direction, Layout, Loss};
use fedproof_witness::{Quantity, Trace};
use std::cell::Cell;

/// Changes a quantity of a layer in a step; the hook must have been called once there.
fn inject(case: &Case, at: (Quantity, usize, usize), change: impl Fn(&mut [i64])) -> Trace {
    let calls = Cell::new(0);
    let trace = case.execute_with(&|quantity, layer, step, cells| {
        if (quantity, layer, step) == at {
            calls.set(calls.get() + 1);
            change(cells);
        }
    });
    assert_eq!(calls.get(), 1, "{at:?}");
    trace
}

#[track_caller]
fn breaks(case: &Case, at: (Quantity, usize, usize), change: impl Fn(&mut [i64]), expected: &[&str]) {
    let trace = inject(case, at, change);
    let broken: Vec<&str> = violations(case, &trace).into_iter().collect();
    assert_eq!(broken, expected, "{at:?}");
}

/// Nothing saturates, all deltas are alive and all records valid.
fn case(loss: Loss) -> Case {
    let program = program(loss, &[5, 3, 3, 2], Activation::Relu);
    // squared error has deltas of up to 10 bits, cross-entropy of 6
    let (bits, shift) = match loss {
        Loss::Sigmoid => (17, 2),
        Loss::Squared => (16, 1),
    };
    let mut case = Case::new(program, bits, 7);
    case.weights[1..].iter_mut().flatten().for_each(|w| *w <<= shift);
    let mut cells = case.dataset.cells().to_vec();
    let record = case.layout.record;
    for cells in cells.chunks_exact_mut(1 << record.bits).take(case.program.records()) {
        cells[record.valid] = 1;
    }
    let dataset = fedproof_witness::Dataset::from_cells(&Layout::of(&case.program), cells);
    let case = Case { dataset, ..case };
    let trace = case.execute();
    assert_eq!(trace.saturations, 0, "choose smaller weights");
    for layer in 1..=2 {
        let region = case.layout.region(layer, Direction::Backward).unwrap();
        let rows = region.offset..region.offset + (1 << region.bits);
        let delta = &trace.columns[case.layout.columns.a()][rows];
        assert!(delta.iter().any(|&d| d != 0), "choose larger weights");
    }
    case
}

#[test]
fn one_relation_each() {
    use Quantity::*;
    for loss in [Loss::Sigmoid, Loss::Squared] {
        let case = case(loss);
        let one = 1i64 << case.program.weight_bits;
        for layer in 1..=3 {
            breaks(&case, (Z, layer, 1), |z| z[2] += one, &["forward product"]);
            breaks(&case, (Z, layer, 1), |z| z[2] += 1, &["forward product"]);
            breaks(&case, (Z, layer, 1), |z| z[2] += one << 8, &["forward product"]);
            breaks(&case, (ForwardWeights, layer, 2), |w| w[1] += 1 << 19, &["forward product"]);
            breaks(&case, (Q, layer, 1), |q| q[0] -= 1, &["lookup", "remainder range"]);
            breaks(&case, (Q, layer, 1), |q| q[0] += 1, &["lookup", "remainder range"]);
            breaks(&case, (Clamp, layer, 3), |q| q[1] -= 1, &["C3"]);
            breaks(&case, (Gradient, layer, 3), |g| g[0] += 1, &["update"]);
        }
        for layer in 1..=2 {
            breaks(&case, (Activation, layer, 0), |a| a[0] += 1, &["activation", "lookup"]);
            breaks(&case, (Derivative, layer, 0), |s| s[0] = 1 - s[0], &["activation", "lookup"]);
            breaks(&case, (DerivativeCopy, layer, 0), |s| s[0] = 1 - s[0], &["link"]);
            breaks(&case, (Delta, layer, 2), |d| d[1] += 1, &["C4"]);
            breaks(&case, (E, layer, 1), |e| e[0] += one, &["backward product"]);
            breaks(&case, (QE, layer, 1), |q| q[0] += 1, &["lookup", "remainder range"]);
            breaks(&case, (ClampE, layer, 1), |q| q[0] -= 1, &["C3"]);
            breaks(&case, (BackwardWeights, layer + 1, 1), |w| w.fill(1 << 21), &["backward product"]);
        }
        breaks(&case, (Delta, 3, 2), |d| d[1] += 1, &["C5"]);
        breaks(&case, (Label, 3, 2), |y| y[1] += 1, &["C5"]);
        breaks(&case, (Valid, 3, 2), |v| v[3] = 0, &["C5"]);
    }
    let sigmoid = case(Loss::Sigmoid);
    breaks(&sigmoid, (Activation, 3, 2), |a| a[1] += 1, &["activation", "lookup"]);
}

/// Gradients of an early step: the later products use weights that no trace explains.
#[test]
fn early_gradient() {
    let case = case(Loss::Sigmoid);
    breaks(&case, (Quantity::Gradient, 1, 0), |g| g.fill(0), &["forward product", "update"]);
}

#[test]
fn values_far_out_of_range_do_not_panic() {
    use Quantity::*;
    let case = case(Loss::Squared);
    let all = [ForwardWeights, Z, Clamp, Q, Activation, Derivative, DerivativeCopy, Label, Valid, Delta, E, ClampE, QE, Gradient];
    for quantity in all {
        for value in [i64::MIN, i64::MAX] {
            let layer = if matches!(quantity, Label | Valid) { 3 } else { 1 };
            let hook = |q: Quantity, i: usize, t: usize, cells: &mut [i64]| {
                if (q, i, t) == (quantity, layer, 1) {
                    cells.fill(value);
                }
            };
            let _ =
                fedproof_witness::execute_with(&case.program, &case.layout, &case.weights, &case.dataset, &case.schedule, &hook);
        }
    }
}
