//! Every target on its seeds, and on inputs mutated from them with a fixed seed.

use fedproof_fuzz::{Mutator, TARGETS};
use std::panic::catch_unwind;

/// Runs a target on many inputs; a broken property shows the input.
fn hammer(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty());
    let mut mutator = Mutator::new(2);
    let mutated = (0..target.tries).map(|_| mutator.input(&seeds));
    for bytes in seeds.iter().cloned().chain(mutated) {
        assert!(catch_unwind(|| (target.run)(&bytes)).is_ok(), "{name}: {}", hex::encode(&bytes));
    }
}

macro_rules! hammered {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            hammer(stringify!($name));
        })*

        #[test]
        fn every_target_is_here() {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

hammered!(
    program,
    values,
    ptau,
    cache,
    cache_sealed,
    training_file,
    training_edits,
    registration_file,
    registration_edits,
    close_file,
    close_edits,
);
