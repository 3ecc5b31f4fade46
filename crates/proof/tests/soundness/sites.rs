//! Every absorb and every challenge of both proofs, in order, as reviewed in tests/data/transcript_sites.txt
//! (`FEDPROOF_UPDATE_VECTORS=1` writes the file anew).

use crate::cheats::featured;
use crate::common::record::{honest, Event, Kind, Shared};
use crate::common::scene::{one_vector, partial, small};
use crate::common::Instance;
use fedproof_program::{Loss, Program};
use fedproof_transcript::label::{self, *};
use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;

/// What must be in the hash before a challenge is drawn: messages by label (all of them, whatever their index). Every challenge that is
/// drawn in a proof stands here; fold challenges come after their own fold.
const AFTER: &[(u8, &[u8])] = &[
    (ALPHA, &[TRACE, UPDATE, MASK]),
    (GAMMA, &[TRACE, UPDATE, MASK]),
    (ZETA, &[UPDATE, MASK]),
    (OMEGA, &[UPDATE, MASK]),
    (RHO_T, &[TRACE, UPDATE, MASK, HELPERS, DEGREE]),
    (RHO_B, &[TRACE, UPDATE, MASK, HELPERS, DEGREE]),
    (RHO_J, &[TRACE, UPDATE, MASK, HELPERS, DEGREE]),
    (RHO_REC, &[TRACE, MASK, HELPERS]),
    (U, &[TRACE, UPDATE, MASK, HELPERS, DEGREE]),
    (ETA, &[TRACE, UPDATE, MASK, HELPERS, DEGREE]),
    (TAU, &[TRACE, UPDATE, MASK, HELPERS, DEGREE]),
    (CHI, &[TRACE, UPDATE, MASK, HELPERS, DEGREE]),
    (KAPPA, &[S1A_FOLD, S1A_VALUES]),
    (XI, &[DEGREE, S1A_VALUES, S1B_FOLD, S1B_VALUES, S2_FOLD, S2_VALUES, TABLE_VALUE]),
    (Z, &[S3_FOLD, S_PRIME]),
    (NU, &[S_PRIME, E1]),
    (X, &[E1, QUOTIENT]),
];
const FOLDS: &[(u8, u8)] =
    &[(S1A_CHALLENGE, S1A_FOLD), (S1B_CHALLENGE, S1B_FOLD), (S2_CHALLENGE, S2_FOLD), (S3_CHALLENGE, S3_FOLD)];

struct Inventory {
    title: &'static str,
    events: Vec<Event>,
    statement: usize,
    body: usize,
}

fn programs() -> [(&'static str, &'static str, Program); 3] {
    let deep = one_vector(Program { blocks: 64, ..partial(Loss::Sigmoid, &[5, 3, 3, 2]) });
    [
        ("training of 4-1, squared error", "registration of 4-1, squared error", small(Loss::Squared, &[4, 1])),
        ("training of 5-3-3-2", "registration of 5-3-3-2", deep),
        ("training of 4-3-3, softmax, columns of several vectors", "registration of 4-3-3, softmax", featured()),
    ]
}

fn inventories() -> Vec<Inventory> {
    let mut out = Vec::new();
    for (training, registration, program) in programs() {
        let mut instance = Instance::quick(program, 3);
        let (prover, verifier) = (Shared::default(), Shared::default());
        let file = instance.prove_recorded(&prover, honest);
        assert_eq!(instance.verify_recorded(&file, &verifier, honest), Ok(()));
        assert_eq!(prover.get().events, verifier.get().events, "{training}");
        let statement = instance.statement.encode(&instance.key).len();
        let events = prover.get().events.clone();
        out.push(Inventory { title: training, events, statement, body: instance.key.training_bytes() });

        let (prover, verifier) = (Shared::default(), Shared::default());
        let statement = instance.registration();
        let file = instance.register_recorded(&statement, &prover, honest);
        assert_eq!(instance.verify_registered_recorded(&statement, &file, &verifier, honest), Ok(()));
        assert_eq!(prover.get().events, verifier.get().events, "{registration}");
        let events = prover.get().events.clone();
        let statement = statement.encode(&instance.key).len();
        out.push(Inventory { title: registration, events, statement, body: instance.key.registration_bytes() });
    }
    out
}

fn written(inventories: &[Inventory]) -> String {
    let mut out = String::from("# kind, label, index, bytes (absorb) or number of values (scalars, points)\n");
    for inventory in inventories {
        writeln!(out, "\n# {}", inventory.title).expect("string");
        let mut events = inventory.events.iter().peekable();
        while let Some(first) = events.next() {
            let kind = format!("{:?}", first.kind).to_lowercase();
            let mut last = first.index;
            // Challenges of consecutive indices on one line.
            while let Some(next) = events.next_if(|e| e.kind == Kind::Draw && e.label == first.label && e.index == last + 1) {
                last = next.index;
            }
            let index = if last > first.index { format!("{}..{last}", first.index) } else { first.index.to_string() };
            let count = if first.kind == Kind::Draw { String::new() } else { format!("  {}", first.count) };
            writeln!(out, "{kind:<7}  {:02x} {:<13}  {index}{count}", first.label, first.name()).expect("string");
        }
    }
    out
}

#[test]
fn the_inventory_is_as_reviewed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/transcript_sites.txt");
    let now = written(&inventories());
    if std::env::var_os("FEDPROOF_UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &now).expect("writable");
    }
    let reviewed = std::fs::read_to_string(&path).expect("tests/data/transcript_sites.txt");
    assert_eq!(now, reviewed);
}

#[test]
fn the_statement_comes_first_and_is_complete() {
    for inventory in inventories() {
        let first = Event { kind: Kind::Absorb, label: STATEMENT, index: 0, count: inventory.statement };
        assert_eq!(inventory.events[0], first, "{}", inventory.title);
        let absorbed = inventory.events.iter().filter(|e| e.kind == Kind::Absorb).count();
        assert_eq!(absorbed, 1, "{}: the statement is all that is not in the proof", inventory.title);
    }
    // Words: chain id, hub, submitter, task, round, key, setup, dataset id, beta, count.
    let [_, (_, _, program), _] = programs();
    let instance = Instance::quick(program, 3);
    let layout = instance.key.layout();
    let points = layout.weight_vectors + layout.data_vectors;
    assert_eq!(instance.statement.encode(&instance.key).len(), 10 * 32 + 64 * points + layout.nb);
    let registration = instance.registration();
    assert_eq!(registration.encode(&instance.key).len(), 8 * 32 + 64 * layout.data_vectors);
}

#[test]
fn every_byte_is_hashed_once_and_no_challenge_is_drawn_twice() {
    for inventory in inventories() {
        let bytes: usize = inventory.events.iter().map(Event::bytes).sum();
        assert_eq!(bytes, inventory.body, "{}", inventory.title);
        let mut seen = HashSet::new();
        for event in &inventory.events {
            let draw = event.kind == Kind::Draw;
            assert!(seen.insert((draw, event.label, event.index)), "{}: {event:?} twice", inventory.title);
        }
    }
}

#[test]
fn challenges_come_after_what_they_batch() {
    for Inventory { title, events, .. } in inventories() {
        for (at, event) in events.iter().enumerate().filter(|(_, e)| e.kind == Kind::Draw) {
            if let Some((_, fold)) = FOLDS.iter().find(|(challenge, _)| *challenge == event.label) {
                let own = events.iter().position(|e| e.kind != Kind::Draw && e.label == *fold && e.index == event.index);
                assert!(own.is_some_and(|own| own < at), "{title}: {event:?} before its fold");
                let next = events.iter().position(|e| e.kind != Kind::Draw && e.label == *fold && e.index == event.index + 1);
                assert!(next.is_none_or(|next| next > at), "{title}: {event:?} after the next fold");
                continue;
            }
            let (_, needed) = AFTER.iter().find(|(name, _)| *name == event.label).unwrap_or_else(|| panic!("{event:?} is new"));
            let late = events[at..].iter().find(|e| e.kind != Kind::Draw && needed.contains(&e.label));
            assert_eq!(late, None, "{title}: {} is drawn before what it batches", event.name());
        }
    }
}

/// Nothing of the protocol is left out of the inventory.
#[test]
fn every_label_occurs() {
    let events: Vec<Event> = inventories().into_iter().flat_map(|i| i.events).collect();
    let used = |draw: bool, value: u8| events.iter().any(|e| (e.kind == Kind::Draw) == draw && e.label == value);
    for (draw, list) in [(false, label::ABSORBED), (true, label::DRAWN)] {
        for (name, value) in list {
            assert!(used(draw, *value), "{name} never occurs");
        }
    }
}
