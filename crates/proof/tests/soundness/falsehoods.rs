//! Cheating provers are rejected.

use crate::cheats::registration::{registration_programs, registrations};
use crate::cheats::{programs, training, Cheat};
use crate::common::record::{honest, Shared};
use crate::common::Instance;
use fedproof_proof::ProofError;
use rayon::prelude::*;

fn decide(cheat: &Cheat) -> Result<(), ProofError> {
    let mut instance = cheat.instance.clone();
    let file = instance.prove_recorded(&cheat.log, honest);
    instance.verify_recorded(&file, &Shared::default(), honest)
}

#[test]
fn cheating_provers_are_rejected() {
    let mut tried = 0;
    for (name, program) in programs() {
        let cheats = training(program);
        tried += cheats.len();
        let accepted: Vec<&str> =
            cheats.par_iter().filter(|c| decide(c) != Err(ProofError::OpeningFailed)).map(|c| c.name.as_str()).collect();
        assert_eq!(accepted, Vec::<&str>::new(), "{name}");
    }
    assert!(tried > 150, "{tried}");
}

#[test]
fn false_registrations_are_rejected() {
    for program in registration_programs() {
        let cheats = registrations(&Instance::quick(program, 5));
        cheats.into_par_iter().for_each(|mut cheat| {
            let file = cheat.instance.register_recorded(&cheat.statement, &cheat.log, honest);
            assert_eq!(
                cheat.instance.verify_registered(&cheat.statement, &file),
                Err(ProofError::OpeningFailed),
                "{}",
                cheat.name
            );
        });
    }
}
