//! Cheats against parts: a cheat passes exactly without one of the parts that it names, and every part is named.

use crate::cheats::registration::{registration_programs, registrations, Registration};
use crate::cheats::{programs, training, Cheat};
use crate::common::record::{honest, Shared};
use crate::common::Instance;
use crate::lies::{lies, registration_lies, Liar};
use crate::parts;
use fedproof_proof::{Part, ProofError};
use rayon::prelude::*;
use std::collections::BTreeSet;

fn passes(cheat: &Cheat, removed: Option<Part>) -> bool {
    let mut instance = cheat.instance.clone();
    if let Some(part) = removed {
        instance.key = instance.key.without(part);
    }
    let file = instance.prove_recorded(&cheat.log, honest);
    match instance.verify_recorded(&file, &Shared::default(), honest) {
        Ok(()) => true,
        Err(ProofError::OpeningFailed) => false,
        Err(error) => panic!("{}: {error}", cheat.name),
    }
}

fn registers(cheat: &Registration, removed: Option<Part>) -> bool {
    let mut instance = cheat.instance.clone();
    if let Some(part) = removed {
        instance.key = instance.key.without(part);
    }
    let file = instance.register_recorded(&cheat.statement, &cheat.log, honest);
    match instance.verify_registered_recorded(&cheat.statement, &file, &Shared::default(), honest) {
        Ok(()) => true,
        Err(ProofError::OpeningFailed) => false,
        Err(error) => panic!("{}: {error}", cheat.name),
    }
}

/// What is wrong with a cheat: passing with the whole protocol, or without other parts than it names.
pub fn surprises(
    name: &str,
    stopped_by: &[String],
    parts: &[(String, Part)],
    passes: impl Fn(Option<Part>) -> bool,
) -> Vec<String> {
    let mut out = Vec::new();
    if passes(None) {
        out.push(format!("{name}: passes"));
    }
    let open: BTreeSet<&str> = parts.iter().filter(|(_, part)| passes(Some(*part))).map(|(id, _)| id.as_str()).collect();
    let expected: BTreeSet<&str> = stopped_by.iter().map(String::as_str).collect();
    if open != expected {
        out.push(format!("{name}: stopped by {open:?}, not by {expected:?}"));
    }
    out
}

/// Programs but the first and that with most parts (softmax, smooth activation, weights, explicit kernel) are tried without the parts that a cheat names only.
#[test]
fn every_cheat_is_stopped_by_the_parts_it_names() {
    let mut found = Vec::new();
    for (n, (name, program)) in programs().into_iter().enumerate() {
        let base = Instance::quick(program.clone(), 3);
        let mut cheats = training(program);
        cheats.extend(lies(&base));
        let parts = parts::training(&base.key);
        let surprises = cheats
            .par_iter()
            .flat_map_iter(|cheat| {
                let tried =
                    parts.iter().filter(|(id, _)| n == 0 || n == 5 || cheat.stopped_by.contains(id)).cloned().collect::<Vec<_>>();
                surprises(&format!("{name}: {}", cheat.name), &cheat.stopped_by, &tried, |removed| passes(cheat, removed))
            })
            .collect::<Vec<String>>();
        found.extend(surprises);
        let needed = |part: &String| cheats.iter().any(|c| c.stopped_by.contains(part));
        found.extend(parts.iter().filter(|(part, _)| !needed(part)).map(|(part, _)| format!("{name}: no cheat needs {part}")));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_false_registration_is_stopped_by_the_parts_it_names() {
    for program in registration_programs() {
        let base = Instance::quick(program, 5);
        let parts = parts::registration(&base.key);
        let mut cheats = registration_lies(&base);
        cheats.extend(registrations(&base));
        let surprises: Vec<String> = cheats
            .par_iter()
            .flat_map_iter(|cheat| surprises(&cheat.name, &cheat.stopped_by, &parts, |removed| registers(cheat, removed)))
            .collect();
        assert!(surprises.is_empty(), "{surprises:#?}");
        for (part, _) in &parts {
            assert!(cheats.iter().any(|c| c.stopped_by.contains(part)), "no false registration needs {part}");
        }
    }
}

/// Multiplicities that no selector reaches are free.
#[test]
fn harmless_lies_pass() {
    let base = Instance::quick(registration_programs().swap_remove(0), 5);
    let first = 1usize << base.key.program().bits;
    let garbage = Liar { counts: Some(Box::new(move |counts| counts[first..].fill(7))), ..Liar::default() };
    let mut cheat = Registration::of("honest", &[], &base, |_| ());
    cheat.instance.key = cheat.instance.key.lying(std::sync::Arc::new(garbage));
    assert!(registers(&cheat, None));
}

/// Weakened protocols still accept the truth: what passes above passes for the right reason.
#[test]
fn honest_proofs_pass_without_any_part() {
    for (name, program) in programs() {
        let honest = Cheat::new("honest", &[], Instance::quick(program, 3));
        for (part, removed) in parts::training(&honest.instance.key) {
            assert!(passes(&honest, Some(removed)), "{name} without {part}");
        }
    }
}
