//! Cheating provers: honest code over a false witness or statement. Each knows which parts of the protocol stand in its way.
#![allow(dead_code)]

pub mod registration;
mod rounds;
mod rows;
mod steps;

use crate::common::record::Shared;
use crate::common::scene::{partial, small};
use crate::common::Instance;
use fedproof_program::{Activation, Loss, Program};

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
/// A tuple outside the tables.
pub const LOOKUP: &[&str] = &["SUM", "R-S2"];

/// Programs of the cheats: padding in every dimension; squared error; three layers, a partial limb, identity and a padded step; no
/// hidden layer; several vectors.
pub fn programs() -> Vec<(&'static str, Program)> {
    let deep =
        Program { steps: 3, activations: vec![Activation::Identity, Activation::Relu], ..partial(Loss::Sigmoid, &[3, 3, 2, 2]) };
    vec![
        ("5-3-3", small(Loss::Sigmoid, &[5, 3, 3])),
        ("squared 4-3-2", small(Loss::Squared, &[4, 3, 2])),
        ("deep 3-3-2-2", deep.validated().expect("legal program")),
        ("logistic 5-1", small(Loss::Sigmoid, &[5, 1])),
        ("wide 16-16-2", Program { blocks: 32, ..small(Loss::Sigmoid, &[16, 16, 2]) }.validated().expect("legal program")),
    ]
}

/// All cheats of a program's training proofs that need no lie but the witness.
pub fn training(program: Program) -> Vec<Cheat> {
    let (base, loud) = (Instance::quick(program.clone(), 3), Instance::loud(program, 3));
    let mut cheats = steps(&base);
    cheats.extend(rows(&base, &loud));
    cheats.extend(rounds(&base));
    cheats
}
