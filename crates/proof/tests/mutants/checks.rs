//! V5 and V6: without them the verifier accepts what it should not read.

use crate::common::scene::small;
use crate::common::trapdoor::Trapdoor;
use crate::common::{setup, Instance};
use ark_bn254::Fr;
use fedproof_program::Loss;
use fedproof_proof::generic::prove_training_with;
use fedproof_proof::{encode_file, verify_training, Part, ProofError, Silent};
use fedproof_transcript::{G1Affine, KeccakProver, ProofKind, ProverTranscript};

/// Absorbs other statement bytes than it is given.
struct Misstated {
    inner: KeccakProver,
    statement: Vec<u8>,
}

impl ProverTranscript for Misstated {
    fn absorb(&mut self, label: u8, index: u16, _: &[u8]) {
        self.inner.absorb(label, index, &self.statement);
    }
    fn send_scalars(&mut self, label: u8, index: u16, values: &[Fr]) {
        self.inner.send_scalars(label, index, values);
    }
    fn send_points(&mut self, label: u8, index: u16, points: &[G1Affine]) {
        self.inner.send_points(label, index, points);
    }
    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        self.inner.challenge(label, index)
    }
}

/// beta and beta + nblocks are the same blocks: only V5 keeps one schedule from having two statements.
#[test]
fn a_second_name_of_the_schedule() {
    let base = Instance::quick(small(Loss::Sigmoid, &[5, 3, 3]), 3);
    let mut statement = base.statement.clone();
    statement.schedule.beta += base.key.program().blocks as u32;
    let mut transcript = Misstated { inner: KeccakProver::new(ProofKind::Training), statement: statement.encode(&base.key) };
    let mut rng = base.rng.clone();
    prove_training_with(&base.key, &Trapdoor, &base.statement, base.witness(), &mut rng, &mut transcript, &mut Silent)
        .expect("not cancelled");
    let file = encode_file(ProofKind::Training, &transcript.inner.into_proof());
    let weak = base.key.clone().without(Part::Statement);
    assert!(verify_training(&weak, setup(), &statement, &file).is_ok());
    assert_eq!(verify_training(&base.key, setup(), &statement, &file), Err(ProofError::WrongStatement { field: "schedule" }));
}

/// A proof that says it stands on another setup.
#[test]
fn another_setup() {
    let mut other = Instance::over(small(Loss::Sigmoid, &[5, 3, 3]), 3, &Trapdoor, [9; 32]);
    let (file, _) = other.prove();
    let weak = other.key.clone().without(Part::Setup);
    assert!(verify_training(&weak, setup(), &other.statement, &file).is_ok());
    assert_eq!(verify_training(&other.key, setup(), &other.statement, &file), Err(ProofError::WrongSetup));
}
