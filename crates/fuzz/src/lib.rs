//! What must hold for any bytes: no panic, a typed error for what is malformed, one encoding per value, no proof but the honest one.
//!
//! A target is a function of bytes that panics when its property is broken.

mod edit;
mod mutate;
mod programs;
mod proofs;
mod scene;
mod setups;
mod values;
mod verdict;

pub use mutate::Mutator;
pub use verdict::{forge, verdict, Case, Refusal};

/// A property of any bytes.
pub struct Target {
    /// Its name, that of the binary in `fuzz/` too.
    pub name: &'static str,
    /// Panics if the property does not hold for these bytes.
    pub run: fn(&[u8]),
    /// Inputs to start from: mostly valid files.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Inputs that `tests/mutations.rs` tries.
    pub tries: usize,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "program", run: programs::decode, seeds: programs::seeds, tries: 20_000 },
    Target { name: "values", run: values::read, seeds: values::seeds, tries: 5_000 },
    Target { name: "ptau", run: setups::ptau, seeds: setups::ptau_seeds, tries: 300 },
    Target { name: "cache", run: setups::cache, seeds: setups::cache_seeds, tries: 1_000 },
    Target { name: "cache_sealed", run: setups::cache_sealed, seeds: setups::cache_seeds, tries: 500 },
    Target { name: "training_file", run: proofs::training_file, seeds: proofs::training_seeds, tries: 1_000 },
    Target { name: "training_edits", run: proofs::training_edits, seeds: edit::seeds, tries: 1_000 },
    Target { name: "registration_file", run: proofs::registration_file, seeds: proofs::registration_seeds, tries: 1_000 },
    Target { name: "registration_edits", run: proofs::registration_edits, seeds: edit::seeds, tries: 1_000 },
    Target { name: "close_file", run: proofs::close_file, seeds: proofs::close_seeds, tries: 1_000 },
    Target { name: "close_edits", run: proofs::close_edits, seeds: edit::seeds, tries: 1_000 },
];

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
