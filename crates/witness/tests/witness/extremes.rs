//! Wide integers and realistic sizes.

use crate::case::{program, Case};
use crate::checker::violations;
use crate::scalar::train;
use fedproof_program::{Activation, Kernel, Layout, Loss, Program, Schedule};
use fedproof_witness::{execute, Dataset, ExecuteError};
use std::collections::BTreeSet;

fn wide(loss: Loss) -> Program {
    let narrow = program(loss, &[6, 5, 3], Activation::Relu);
    Program {
        bits: 16,
        weight_bits: 45,
        activation_bits: 10,
        delta_bits: 14,
        kernel: Kernel::Plain(1 << 20),
        bound_bits: 56,
        ..narrow
    }
    .with_shortest_vectors()
    .unwrap()
}

#[test]
fn sixteen_bits_beyond_64_bit_products() {
    for (loss, weight_bits) in [(Loss::Sigmoid, 46), (Loss::Squared, 56)] {
        let case = Case::new(wide(loss), weight_bits, 11);
        let trace = case.execute();
        assert_eq!(violations(&case, &trace), BTreeSet::new());
        assert_eq!((trace.update, trace.saturations), train(&case));
    }
}

#[test]
fn distance_beyond_64_bits_is_an_error() {
    let narrow = program(Loss::Squared, &[300, 3, 3], Activation::Relu);
    let legal = Program { dims: vec![300, 1], activations: vec![], bits: 16, weight_bits: 16, bound_bits: 40, ..narrow };
    let legal = Program { limb_bits: 16, ..legal };
    let legal = Program { steps: 1, batch: 2, blocks: 1, activation_bits: 8, delta_bits: 8, kernel: Kernel::Plain(1), ..legal }
        .with_shortest_vectors()
        .unwrap();
    let layout = Layout::of(&legal);
    // Not a legal program; the executor does not rely on that.
    let p = Program { bound_bits: 56, ..legal };
    assert!(p.clone().validated().is_err());
    let data = Dataset::new(&p, &layout, &[-32768; 600], &[0; 2]).unwrap();
    let run = |w: i64| execute(&p, &layout, &vec![vec![w; 301]], &data, &Schedule::from_seed(&p, &[0; 32]));
    assert_eq!(run(1 - (1 << 56)).unwrap_err(), ExecuteError::Excess { layer: 1, step: 0 });
    assert_eq!(run(1 << 54).unwrap().saturations, 2);
}

#[test]
fn image_classifier() {
    let p = Program {
        dims: vec![784, 128, 10],
        steps: 16,
        batch: 64,
        blocks: 16,
        bits: 16,
        limb_bits: 16,
        weight_bits: 40,
        activation_bits: 10,
        delta_bits: 14,
        bound_bits: 44,
        kernel: Kernel::Plain(100),
        ..program(Loss::Sigmoid, &[3, 2, 2], Activation::Relu)
    };
    let case = Case::new(p.with_shortest_vectors().unwrap(), 36, 13);
    let start = std::time::Instant::now();
    let trace = case.execute();
    println!("784-128-10, 16 steps of 64 records: {:?}", start.elapsed());
    assert_eq!((trace.update, trace.saturations), train(&case));
}
