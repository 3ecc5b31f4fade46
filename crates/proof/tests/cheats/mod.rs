//! Cheating provers: honest code over a false witness or statement. Each knows which parts of the protocol stand in its way.
#![allow(dead_code)]

pub mod close;
mod losses;
pub mod registration;
mod rounds;
mod rows;
mod steps;

use crate::common::record::Shared;
use crate::common::scene::{partial, small, small_with};
use crate::common::{momentum, tiny_with, Instance};
use fedproof_program::{Activation, Kernel, Layout, Loss, Program};

use losses::losses;
use rounds::rounds;
use rows::rows;
use steps::steps;

/// A false statement with the witness that comes nearest to it.
pub struct Cheat {
    pub name: String,
    /// Parts each of which alone stops it: without any one of them it passes. Empty when it violates two things at once.
    pub stopped_by: Vec<String>,
    pub instance: Instance,
    /// Log of the prover's transcript, for lies that depend on challenges.
    pub log: Shared,
}

impl Cheat {
    pub fn new(name: impl Into<String>, stopped_by: &[&str], instance: Instance) -> Self {
        Self {
            name: name.into(),
            stopped_by: stopped_by.iter().map(|s| s.to_string()).collect(),
            instance,
            log: Shared::default(),
        }
    }
}

/// A row constraint: it and the closing of S2.
pub const C2: &[&str] = &["C2", "R-S2"];
pub const C3: &[&str] = &["C3", "R-S2"];
pub const C4: &[&str] = &["C4", "R-S2"];
pub const C5: &[&str] = &["C5", "R-S2"];
pub const C6: &[&str] = &["C6", "R-S2"];
pub const C7: &[&str] = &["C7", "R-S2"];
pub const C8: &[&str] = &["C8", "R-S2"];
pub const C9: &[&str] = &["C9", "R-S2"];
pub const C10: &[&str] = &["C10", "R-S2"];
/// A tuple outside the tables.
pub const LOOKUP: &[&str] = &["SUM", "R-S2"];

/// Programs of the cheats: padding in every dimension; squared error; three layers, a partial limb, identity and a padded step; no
/// hidden layer; several vectors; every loss with smooth activations, weights, kernels, other limbs and columns of several vectors.
pub fn programs() -> Vec<(&'static str, Program)> {
    let deep =
        Program { steps: 3, activations: vec![Activation::Identity, Activation::Relu], ..partial(Loss::Sigmoid, &[3, 3, 2, 2]) };
    let softmax = small_with(Loss::Softmax, &[4, 3, 3], |p| {
        (p.steps, p.kernel, p.activations) = (3, momentum(3, 4), vec![Activation::Tanh]);
        p.loss_weights = vec![300, 256, 100];
    });
    let quotients = folded(Loss::Softmax, &[5, 3], |p| (p.kernel, p.limb_bits) = (momentum(4, 4), 6));
    let huber = folded(Loss::Huber, &[4, 3, 2], |p| (p.kernel, p.activations) = (momentum(4, 0), vec![Activation::Gelu]));
    let labels = small_with(Loss::Sigmoid, &[5, 3, 3], |p| {
        (p.one_hot, p.limb_bits, p.weight_bits, p.bound_bits) = (false, 4, 11, 12);
        p.loss_weights = vec![256, 400, 100, 300, 200, 90];
    });
    vec![
        ("5-3-3", small(Loss::Sigmoid, &[5, 3, 3])),
        ("squared 4-3-2", small(Loss::Squared, &[4, 3, 2])),
        ("deep 3-3-2-2", deep.validated().expect("legal program")),
        ("logistic 5-1", small(Loss::Sigmoid, &[5, 1])),
        ("wide 16-16-2", Program { blocks: 32, ..small(Loss::Sigmoid, &[16, 16, 2]) }.validated().expect("legal program")),
        ("softmax 4-3-3", softmax),
        ("softmax 5-3", quotients),
        ("huber 4-3-2", huber),
        ("labels 5-3-3", labels),
    ]
}

/// Softmax, a smooth activation, class weights, an explicit kernel, and columns of several vectors.
pub fn featured() -> Program {
    folded(Loss::Softmax, &[4, 3, 3], |p| {
        (p.kernel, p.activations) = (momentum(4, 3), vec![Activation::Tanh]);
        p.loss_weights = vec![300, 256, 100];
    })
}

/// As [`small_with`], with columns of several vectors.
pub fn folded(loss: Loss, dims: &[usize], change: impl FnOnce(&mut Program)) -> Program {
    let program = tiny_with(loss, dims, 4, 16, 4, |p| {
        (p.bits, p.limb_bits, p.weight_bits, p.activation_bits, p.delta_bits) = (5, 5, 10, 2, 3);
        (p.bound_bits, p.group, p.kernel) = (12, 4, Kernel::Plain(3));
        p.huber = p.huber.min(6);
        change(p);
    });
    assert!(Layout::of(&program).columns.vectors(0) > 1, "several vectors per column");
    program
}

/// All cheats of a program's training proofs that need no lie but the witness.
pub fn training(program: Program) -> Vec<Cheat> {
    let (base, loud) = (Instance::quick(program.clone(), 3), Instance::loud(program, 3));
    let mut cheats = steps(&base);
    cheats.extend(losses(&base));
    cheats.extend(rows(&base, &loud));
    cheats.extend(rounds(&base));
    cheats
}
