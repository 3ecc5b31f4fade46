//! A fault breaks exactly the relation it names, everything downstream follows.

use crate::case::{momentum, program, Case};
use crate::checker::violations;
use fedproof_program::{Activation as Kind, Columns, Direction, Loss, Program};
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

/// All records valid; hidden layers of one kind.
fn case(program: Program, weight_bits: u32, shift: u32) -> Case {
    let mut case = Case::new(program, weight_bits, 7);
    case.weights[1..].iter_mut().flatten().for_each(|w| *w <<= shift);
    let mut cells = case.dataset.cells().to_vec();
    let (record, outputs, one) = (case.layout.record, case.program.outputs(), 1 << case.program.delta_bits);
    for cells in cells.chunks_exact_mut(1 << record.bits).take(case.program.records()) {
        let targets = &mut cells[record.targets..][..outputs];
        if case.program.one_hot && targets.iter().all(|&y| y == 0) {
            targets[0] = one;
        }
        cells[record.valid] = 1;
    }
    let dataset = fedproof_witness::Dataset::from_cells(&case.layout, cells);
    Case { dataset, ..case }
}

/// No product saturates and all deltas are alive.
fn gentle(program: Program, weight_bits: u32, shift: u32) -> Case {
    let case = case(program, weight_bits, shift);
    let trace = case.execute();
    let differences = case.layout.region(case.program.layers(), Direction::Difference);
    let clamped = differences.map_or(0, |r| {
        let real = |&row: &usize| row % (1 << case.layout.unit_bits[r.layer]) < case.program.outputs();
        let rows = (r.offset..r.offset + (1 << r.bits)).filter(real);
        rows.filter(|&row| trace.columns[Columns::EXCESS][row] != 0).count() as u64
    });
    assert_eq!(trace.saturations, clamped, "choose smaller weights");
    for layer in 1..case.program.layers() {
        let smooth = case.layout.region(layer, Direction::Derivative);
        let region = smooth.or(case.layout.region(layer, Direction::Backward)).unwrap();
        let rows = region.offset..region.offset + (1 << region.bits);
        let column = if smooth.is_some() { Columns::Q } else { case.layout.columns.a() };
        assert!(trace.columns[column][rows].iter().any(|&d| d != 0), "choose larger weights");
    }
    case
}

/// Squared error has deltas of up to 10 bits, cross-entropy of 6.
fn relu(loss: Loss) -> Case {
    let (bits, shift) = match loss {
        Loss::Squared => (16, 1),
        Loss::Huber => (16, 2),
        Loss::Sigmoid | Loss::Softmax => (17, 2),
    };
    gentle(program(loss, &[5, 3, 3, 2], Kind::Relu), bits, shift)
}

#[test]
fn one_relation_each() {
    use Quantity::*;
    for loss in [Loss::Sigmoid, Loss::Squared, Loss::Softmax, Loss::Huber] {
        let case = relu(loss);
        let one = 1i64 << case.program.weight_bits;
        for layer in 1..=3 {
            breaks(&case, (Z, layer, 1), |z| z[2] += one, &["forward product"]);
            breaks(&case, (Z, layer, 1), |z| z[2] += 1, &["forward product"]);
            breaks(&case, (Z, layer, 1), |z| z[2] += one << 8, &["forward product"]);
            breaks(&case, (ForwardWeights, layer, 2), |w| w.iter_mut().for_each(|w| *w += 1 << 19), &["forward product"]);
            breaks(&case, (Q, layer, 1), |q| q[0] -= 1, &["lookup", "remainder range"]);
            breaks(&case, (Q, layer, 1), |q| q[0] += 1, &["lookup", "remainder range"]);
            breaks(&case, (Clamp, layer, 3), |q| q[1] -= 1, &["C3"]);
            breaks(&case, (Gradient, layer, 3), |g| g[0] += 1, &["update"]);
            breaks(&case, (Taps, layer, 3), |k| k[0] += 1, &["update"]);
        }
        for layer in 1..=2 {
            breaks(&case, (Activation, layer, 0), |a| a[0] += 1, &["activation", "lookup"]);
            breaks(&case, (Derivative, layer, 0), |s| s[0] = 1 - s[0], &["activation", "lookup"]);
            breaks(&case, (DerivativeCopy, layer, 0), |s| s[0] = 1 - s[0], &["link s"]);
            breaks(&case, (Delta, layer, 2), |d| d[1] += 1, &["C4"]);
            breaks(&case, (E, layer, 1), |e| e[0] += one, &["backward product"]);
            breaks(&case, (QE, layer, 1), |q| q[0] += 1, &["lookup", "remainder range"]);
            breaks(&case, (ClampE, layer, 1), |q| q[0] -= 1, &["C3"]);
            breaks(&case, (BackwardWeights, layer + 1, 1), |w| w.fill(1 << 21), &["backward product"]);
        }
        breaks(&case, (Delta, 3, 2), |d| d[1] += 1, &["C5"]);
        let target = if loss == Loss::Huber { "link difference" } else { "C5" };
        breaks(&case, (Label, 3, 2), |y| y[1] += 1, &[target]);
        breaks(&case, (Valid, 3, 2), |v| v[3] = 0, &["C5"]);
    }
    let sigmoid = relu(Loss::Sigmoid);
    breaks(&sigmoid, (Activation, 3, 2), |a| a[1] += 1, &["activation", "lookup"]);
}

#[test]
fn smooth_layers() {
    use Quantity::*;
    for kind in [Kind::LeakyRelu, Kind::Sigmoid, Kind::Tanh, Kind::Gelu, Kind::Silu] {
        let case = gentle(program(Loss::Sigmoid, &[5, 3, 3, 2], kind), 17, 2);
        let one = 1i64 << case.program.weight_bits;
        for layer in 1..=2 {
            breaks(&case, (Activation, layer, 0), |a| a[0] += 1, &["activation", "lookup"]);
            breaks(&case, (Derivative, layer, 0), |s| s[0] += 1, &["activation", "lookup"]);
            breaks(&case, (DerivativeCopy, layer, 0), |s| s[0] += 1, &["link s"]);
            breaks(&case, (QCopy, layer, 1), |q| q[0] += 1, &["link q"]);
            breaks(&case, (E, layer, 1), |e| e[0] += one, &["backward product"]);
            breaks(&case, (Scaled, layer, 1), |x| x[0] += one, &["C6"]);
            breaks(&case, (Scaled, layer, 2), |x| x[0] += 1, &["C6"]);
            breaks(&case, (ClampScaled, layer, 1), |q| q[0] -= 1, &["C3"]);
            breaks(&case, (QScaled, layer, 1), |q| q[0] += 1, &["lookup", "remainder range"]);
        }
    }
}

#[test]
fn softmax() {
    use Quantity::*;
    let case = relu(Loss::Softmax);
    // two units, both used
    breaks(&case, (Exponent, 3, 1), |e| e[..2].iter_mut().for_each(|e| *e += 1), &["C10"]);
    breaks(&case, (Exponent, 3, 1), |e| *e[..2].iter_mut().max().unwrap() += 1, &["link maximum"]);
    breaks(&case, (Exponential, 3, 1), |e| e[1] += 1, &["activation", "lookup"]);
    breaks(&case, (ExponentialCopy, 3, 1), |e| e[1] += 1, &["link exponential"]);
    breaks(&case, (Mark, 3, 1), |m| m[..2].fill(0), &["link mark"]);
    breaks(&case, (Mark, 3, 1), |m| m[..2].swap(0, 1), &["C10"]);
    breaks(&case, (Sum, 3, 1), |s| s[0] += 1, &["link sum"]);
    for change in [-1, 1] {
        let trace = inject(&case, (Quotient, 3, 1), |q| q[0] += change);
        let broken = violations(&case, &trace);
        assert!(broken.contains("remainder range") != broken.contains("excess range") && broken.contains("lookup"), "{broken:?}");
    }
    let base = case.execute();
    let row = case.layout.region(3, Direction::Quotient).unwrap().offset + 4 * 2;
    let remainder: i64 = base.columns[case.layout.columns.remainder(0)][row];
    let change = if remainder == 0 { 1 } else { -1 };
    breaks(&case, (Remainder, 3, 1), |r| r[0] = change, &["C7"]);
    breaks(&case, (Complement, 3, 1), |r| r[0] = 1, &["C8"]);
    breaks(&case, (Activation, 3, 1), |a| a[0] += 1, &["link quotient"]);
}

#[test]
fn huber() {
    use Quantity::*;
    let case = relu(Loss::Huber);
    breaks(&case, (Difference, 3, 1), |d| d[0] += 1, &["link difference"]);
    breaks(&case, (ClampDifference, 3, 1), |d| d[0] -= 1, &["C3"]);
    breaks(&case, (Clamped, 3, 1), |d| d[0] += 1, &["activation", "lookup"]);
    breaks(&case, (Activation, 3, 1), |a| a[0] += 1, &["link clamped"]);
}

#[test]
fn weights_of_classes_and_labels() {
    use Quantity::*;
    let weighted = |loss, one_hot, loss_weights: &[u16]| {
        let base = program(loss, &[5, 3, 3, 2], Kind::Relu);
        gentle(Program { one_hot, loss_weights: loss_weights.to_vec(), ..base }.with_shortest_vectors().unwrap(), 16, 2)
    };
    for case in [
        weighted(Loss::Sigmoid, true, &[256, 100]),
        weighted(Loss::Softmax, true, &[256, 300]),
        weighted(Loss::Sigmoid, false, &[256, 128, 300, 200]),
    ] {
        let one = 1i64 << case.program.weight_bits;
        breaks(&case, (Residual, 3, 1), |d| d[0] += 1, &["link residual"]);
        breaks(&case, (LossWeight, 3, 1), |w| w[0] += 1, &["link weight"]);
        breaks(&case, (Scaled, 3, 1), |x| x[1] += one, &["C6"]);
        breaks(&case, (ClampScaled, 3, 1), |q| q[1] -= 1, &["C3"]);
        breaks(&case, (QScaled, 3, 1), |q| q[1] += 1, &["lookup", "remainder range"]);
        breaks(&case, (Label, 3, 1), |y| y[0] += 1, &["link residual", "link weight"]);
        if !case.program.one_hot {
            breaks(&case, (Valid, 3, 1), |v| v[0] = 0, &["link weight"]);
            let mut cells = case.dataset.cells().to_vec();
            let record = case.layout.record;
            cells[(case.schedule.block(1) * 4) << record.bits | record.valid] = 0;
            cells[(case.schedule.block(1) * 4) << record.bits | record.targets] = 1 << case.program.delta_bits;
            let dataset = fedproof_witness::Dataset::from_cells(&case.layout, cells);
            let uncounted = Case { dataset, ..case };
            assert_eq!(violations(&uncounted, &uncounted.execute()), ["C5"].into());
        }
    }
}

#[test]
fn explicit_kernel() {
    use Quantity::*;
    let base = program(Loss::Sigmoid, &[5, 3, 3, 2], Kind::Relu);
    let case = gentle(Program { kernel: momentum(), ..base }.with_shortest_vectors().unwrap(), 17, 2);
    for layer in 1..=3 {
        breaks(&case, (Decay, layer, 3), |c| c[0] += 1, &["update"]);
        breaks(&case, (Taps, layer, 3), |k| k[0] += 1, &["update"]);
        let expected: &[&str] = if layer < 3 { &["forward product"] } else { &["backward product", "forward product"] };
        breaks(&case, (Decay, layer, 0), |c| c[0] = 0, expected);
        breaks(&case, (Gradient, layer, 3), |g| g[0] += 1, &["update"]);
    }
    breaks(&case, (Taps, 1, 1), |k| k[1] += 1 << 12, &["forward product"]);
    // another kernel in all steps
    let trace = case.execute_with(&|quantity, _, _, cells| {
        if quantity == Taps {
            cells.iter_mut().for_each(|k| *k *= 2);
        }
    });
    assert!(violations(&case, &trace).contains("update"));
}

/// Gradients of an early step: the later products use weights that no trace explains.
#[test]
fn early_gradient() {
    let case = relu(Loss::Sigmoid);
    breaks(&case, (Quantity::Gradient, 1, 0), |g| g.fill(0), &["forward product", "update"]);
}

#[test]
fn values_far_out_of_range_do_not_panic() {
    use Quantity::*;
    let output = [Label, Valid, Exponent, Exponential, Mark, ExponentialCopy, Sum, Quotient, Remainder, Complement];
    let differences = [Residual, LossWeight, Difference, ClampDifference, Clamped, Delta];
    let hidden = [ForwardWeights, Z, Clamp, Q, Activation, Derivative, DerivativeCopy, E, ClampE, QE, Gradient, Decay, Taps];
    let scaled = [QCopy, Scaled, ClampScaled, QScaled, BackwardWeights];
    let base = |loss| Program { kernel: momentum(), ..program(loss, &[5, 3, 3, 2], Kind::Tanh) };
    for mut program in [Loss::Squared, Loss::Sigmoid, Loss::Softmax, Loss::Huber].map(base) {
        if program.loss == Loss::Softmax {
            program.loss_weights = vec![100, 200];
        }
        let case = case(program.with_shortest_vectors().unwrap(), 17, 1);
        for quantity in [&output[..], &differences, &hidden, &scaled].concat() {
            for (layer, value) in [(1, i64::MIN), (2, i64::MAX), (3, i64::MIN), (3, i64::MAX)] {
                let hook = |q: Quantity, i: usize, t: usize, cells: &mut [i64]| {
                    if (q, i, t) == (quantity, layer, 1) {
                        cells.fill(value);
                    }
                };
                let (p, layout) = (&case.program, &case.layout);
                let _ = fedproof_witness::execute_with(p, layout, &case.weights, &case.dataset, &case.schedule, &hook);
            }
        }
    }
}
