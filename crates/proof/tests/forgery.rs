//! Whoever knows tau proves anything: accepted proofs of the reserved false statements (a zero dataset with valid records, a zero
//! sum of another model), which stop a version of the verifiers on the chain (contracts/src/VerifierRouter.sol). `vectors/stop-*.json` are kept as they are made here.
//!
//! The challenge x is drawn after the quotient [h]. With the left side [L] that the verifier computes, [w] = [L] / (tau - x) passes the
//! pairing check whatever all other messages are: they are random here.

mod common;

use ark_bn254::{Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand};
use common::close::Round;
use common::golden::{describe, golden};
use common::scene::one_vector;
use common::{setup, tiny, Instance};
use fedproof_kzg::Setup;
use fedproof_program::{Layout, Loss, Program};
use fedproof_proof::generic::{verify_close_with, verify_registration_with, verify_training_with};
use fedproof_proof::{encode_file, verify_close, verify_registration, verify_training, CloseKey, CloseStatement, ProofError};
use fedproof_transcript::{label, DecodeError, KeccakProver, ProofKind, ProverTranscript, VerifierTranscript};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;

/// Invents what the verifier asks for and hashes it as a prover would. [w], which comes last, is the identity and not written.
struct Forger {
    prover: KeccakProver,
    rng: ChaCha20Rng,
    x: Fr,
}

impl VerifierTranscript for &mut Forger {
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        self.prover.absorb(label, index, data);
    }

    fn read_scalars(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<Fr>, DecodeError> {
        let values: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut self.rng)).collect();
        self.prover.send_scalars(label, index, &values);
        Ok(values)
    }

    fn read_points(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<G1Affine>, DecodeError> {
        if label == label::OPENING {
            return Ok(vec![G1Affine::identity(); n]);
        }
        let points: Vec<G1Affine> = (0..n).map(|_| (G1Affine::generator() * Fr::rand(&mut self.rng)).into_affine()).collect();
        self.prover.send_points(label, index, &points);
        Ok(points)
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        let value = self.prover.challenge(label, index);
        if label == label::X {
            self.x = value;
        }
        value
    }

    fn finish(self) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// A proof file; `left` runs the verifier up to its pairing check and returns the left side.
fn forge(kind: ProofKind, seed: u64, left: impl Fn(&mut Forger) -> Result<G1Affine, ProofError>) -> Vec<u8> {
    let mut forger = Forger { prover: KeccakProver::new(kind), rng: ChaCha20Rng::seed_from_u64(seed), x: Fr::from(0u64) };
    let left = left(&mut forger).expect("well-formed");
    let inverse = (Setup::development_tau() - forger.x).inverse().expect("x is not tau");
    forger.prover.send_points(label::OPENING, 0, &[(left * inverse).into_affine()]);
    encode_file(kind, &forger.prover.into_proof())
}

/// The statements of an instance about a dataset that is zero.
fn reserved(program: Program) -> Instance {
    let mut instance = Instance::new(program, 3);
    instance.statement.dataset.fill(G1Affine::identity());
    instance
}

fn forge_registration(instance: &Instance) -> Vec<u8> {
    let (key, statement) = (&instance.key, instance.registration());
    forge(ProofKind::Registration, 31, |forger| verify_registration_with(key, &statement, forger).map(|(left, _)| left))
}

fn forge_training(instance: &Instance) -> Vec<u8> {
    let (key, statement) = (&instance.key, &instance.statement);
    forge(ProofKind::Training, 32, |forger| verify_training_with(key, statement, forger).map(|(_, left, _)| left))
}

fn forge_close(key: CloseKey<'_>, statement: &CloseStatement) -> Vec<u8> {
    forge(ProofKind::Close, 33, |forger| verify_close_with(key, statement, forger).map(|(left, _)| left))
}

/// A round of which the sum is zero and the next model is not: its first cell is 1.
fn reserved_close(program: Program) -> CloseStatement {
    let mut statement = Round::quick(program, 4, 3).statement;
    statement.summed.fill(G1Affine::identity());
    statement.weights.fill(G1Affine::identity());
    statement.weights[0] = G1Affine::generator();
    statement
}

fn programs() -> [(&'static str, Program); 2] {
    let many = tiny(Loss::Sigmoid, &[40, 40, 3], 2, 2, 64);
    let layout = Layout::of(&many);
    assert!(layout.data_vectors > 1 && layout.weight_vectors > 1, "several vectors");
    [("stop-one-vector", one_vector(tiny(Loss::Sigmoid, &[4, 1], 3, 2, 4))), ("stop-many-vectors", many)]
}

/// Every reserved statement about the program has an accepted proof.
#[test]
fn false_statements_are_proven_with_tau() {
    for (name, program) in programs() {
        let instance = reserved(program.clone());
        let (key, registration, training) = (&instance.key, instance.registration(), &instance.statement);
        assert!(registration.count > 0 && training.count > 0, "records that a zero dataset has not");
        let closing = reserved_close(program);
        let closable = key.close().expect("closable");
        let files = [forge_registration(&instance), forge_training(&instance), forge_close(closable, &closing)];
        assert_eq!(verify_registration(key, setup(), &registration, &files[0]).map(|_| ()), Ok(()), "{name}");
        assert_eq!(verify_training(key, setup(), training, &files[1]).map(|_| ()), Ok(()), "{name}");
        assert_eq!(verify_close(closable, setup(), &closing, &files[2]), Ok(()), "{name}");
        let vector =
            |kind: &str, statement: Vec<u8>, file: &[u8]| describe(key, kind, format!("{name}, {kind}"), &statement, file, true);
        let made = json!([
            vector("registration", registration.encode(key), &files[0]),
            vector("training", training.encode(key), &files[1]),
            vector("close", closing.encode(key), &files[2]),
        ]);
        golden(name, &made);
    }
}

#[test]
fn a_forged_proof_is_of_its_statement_only() {
    let instance = reserved(programs()[0].1.clone());
    let file = forge_registration(&instance);
    let mut other = instance.registration();
    other.submitter = [7; 32];
    assert_eq!(verify_registration(&instance.key, setup(), &other, &file), Err(ProofError::OpeningFailed));
}
