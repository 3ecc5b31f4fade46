//! Training and registration proofs (docs/protocol.md, sections 3 and 4).
//!
//! [`prove_training`] and [`verify_training`] share only the [`Key`], the statement, the proof and the code that writes down the linear
//! relations. Read `verifier.rs` first.

mod error;
mod file;
mod key;
mod opening;
mod part;
mod progress;
mod registration;
mod relation;
mod statement;
mod training;
mod weight;

pub use error::ProofError;
pub use file::{decode_file, encode_file};
pub use key::Key;
#[cfg(feature = "test-mutants")]
pub use part::{Lies, Link, Part};
pub use progress::{Cancelled, Progress, Silent};
pub use registration::{prove_registration, verify_registration, RegistrationWitness};
pub use statement::{RegistrationStatement, TrainingStatement};
pub use training::{prove_training, verify_training, TrainingWitness, UpdateSecret};

/// Entry points over any transcript and commitment scheme: for tests that program challenges or record exponents.
pub mod generic {
    pub use crate::registration::{prove_registration_with, verify_registration_with};
    pub use crate::training::{prove_training_with, verify_training_with};
}
