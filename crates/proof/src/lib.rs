//! Training, registration and round-close proofs (docs/protocol.md, sections 3, 4 and 4a).
//!
//! [`prove_training`] and [`verify_training`], and so the others, share only the [`Key`], the statement, the proof and the code that writes down the linear
//! relations. Read `verifier.rs` first.

mod close;
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

pub use close::{prove_close, verify_close, CloseKey, CloseWitness};
pub use error::ProofError;
pub use file::{decode_file, encode_file};
pub use key::Key;
#[cfg(feature = "test-mutants")]
pub use part::{Lies, Link, Part};
pub use progress::{Cancelled, Progress, Silent};
pub use registration::{prove_registration, verify_registration, RegistrationWitness};
pub use statement::{CloseStatement, RegistrationStatement, TrainingStatement};
pub use training::{prove_training, verify_training, TrainingWitness, UpdateSecret};

/// Entry points over any transcript and commitment scheme: for tests that program challenges or record exponents.
pub mod generic {
    pub use crate::close::{prove_close_with, verify_close_with};
    pub use crate::registration::{prove_registration_with, verify_registration_with};
    pub use crate::training::{prove_training_with, verify_training_with};
}
