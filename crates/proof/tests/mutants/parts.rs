//! Names of the parts of the protocol.

use fedproof_program::{Loss, Program};
use fedproof_proof::{Key, Link, Part};

const FIXED: &[(&str, Part)] = &[
    ("SUM", Part::HelperSum),
    ("R-X", Part::Inputs),
    ("R-S1A", Part::Contractions),
    ("R-AD", Part::Factors),
    ("R-S1B", Part::VirtualWeights),
    ("R-S2", Part::Rows),
    ("R-COL", Part::Columns),
    ("R-TAB", Part::KeyTable),
    ("R-COUNT", Part::Count),
    ("R-DEG", Part::Degree),
    ("A3", Part::DegreeOpening),
];

fn named(prefix: char, parts: impl Iterator<Item = (usize, Part)>) -> Vec<(String, Part)> {
    parts.map(|(i, part)| (format!("{prefix}{i}"), part)).collect()
}

/// The constraints of a program by number; those that say nothing are left out.
fn constraints(program: &Program) -> Vec<(String, Part)> {
    let hidden = |smooth: bool| program.activations.iter().any(|a| a.is_smooth() == smooth);
    let mut numbers = vec![1, 2, 3, 4, 5];
    if hidden(true) || program.is_weighted() {
        numbers.push(6);
    }
    if program.loss == Loss::Softmax {
        numbers.extend([7, 8, 9, 10]);
    }
    let idle = |number: usize| match number {
        4 => !hidden(false),
        5 => program.is_weighted() && program.one_hot,
        _ => false,
    };
    let all = numbers.into_iter().zip(1..).filter(|&(number, _)| !idle(number));
    all.map(|(number, place)| (format!("C{number}"), Part::Constraint(place))).collect()
}

/// The links that a program has.
fn links(program: &Program) -> Vec<(String, Part)> {
    let mut links = Vec::new();
    if program.activations.iter().any(|a| !a.is_smooth()) {
        links.push(Link::Step);
    }
    if program.activations.iter().any(|a| a.is_smooth()) {
        links.extend([Link::Slope, Link::Backward]);
    }
    if program.is_weighted() {
        links.extend([Link::Residual, Link::LossWeight]);
    }
    match program.loss {
        Loss::Softmax => links.extend([Link::Maximum, Link::Exponential, Link::Sum, Link::Quotient, Link::Mark]),
        Loss::Huber => links.extend([Link::Difference, Link::Clamped]),
        Loss::Squared | Loss::Sigmoid => {}
    }
    links.into_iter().map(|link| (format!("R-LINK {link:?}"), Part::Links(link))).collect()
}

/// All parts of a training proof.
pub fn training(key: &Key) -> Vec<(String, Part)> {
    let mut out = named('H', (0..key.layout().helpers.len()).map(|g| (g, Part::Helper(g))));
    out.extend(constraints(key.program()));
    out.extend(links(key.program()));
    let fixed = FIXED.iter().filter(|(name, _)| *name != "R-TAB" || !key.tables().is_empty());
    out.extend(fixed.map(|&(name, part)| (name.to_string(), part)));
    out
}

/// All parts of a registration proof.
pub fn registration(key: &Key) -> Vec<(String, Part)> {
    let layout = key.registration();
    let constraints = if layout.targets_in_range { layout.data } else { 2 * layout.data };
    let mut out = named('H', (0..layout.helpers.len()).map(|g| (g, Part::Helper(g))));
    out.extend(named('C', (1..=constraints).map(|i| (i, Part::Constraint(i)))));
    let common = ["SUM", "R-S2", "R-COL", "R-COUNT"];
    out.extend(FIXED.iter().filter(|(name, _)| common.contains(name)).map(|&(name, part)| (name.to_string(), part)));
    if layout.one_hot {
        out.push(("R-HOT".into(), Part::OneHot));
    }
    out
}

/// All parts of a round-close proof.
pub fn close(key: &Key) -> Vec<(String, Part)> {
    let helpers = key.close().expect("closable").shape().helpers.len();
    let mut out = named('H', (0..helpers).map(|g| (g, Part::Helper(g))));
    out.extend(named('K', (1..=7).map(|i| (i, Part::Constraint(i)))));
    let common = ["SUM", "R-S2", "R-COL", "R-DEG", "A3"];
    out.extend(FIXED.iter().filter(|(name, _)| common.contains(name)).map(|&(name, part)| (name.to_string(), part)));
    out
}
