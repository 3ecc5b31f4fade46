//! Whoever knows tau proves anything: accepted proofs of the reserved false statements ([D] all identity, records counted), which stop a
//! version of the verifiers on the chain (contracts/src/VerifierRouter.sol). `vectors/stop-*.json` are kept as they are made here.
//!
//! The challenge x is drawn after the quotient [h]. With the left side [L] that the verifier computes, [w] = [L] / (tau - x) passes the
//! pairing check whatever all other messages are: they are random here.

mod common;

use ark_bn254::{Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand};
use common::scene::one_vector;
use common::{setup, tiny, Instance};
use fedproof_kzg::Setup;
use fedproof_program::{Layout, Loss, Program};
use fedproof_proof::generic::{verify_registration_with, verify_training_with};
use fedproof_proof::{encode_file, verify_registration, verify_training, Key, ProofError};
use fedproof_transcript::{label, point_to_bytes, DecodeError, KeccakProver, ProofKind, ProverTranscript, VerifierTranscript};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{json, Value};
use std::path::Path;

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

fn programs() -> [(&'static str, Program); 2] {
    let many = tiny(Loss::Sigmoid, &[40, 40, 3], 2, 2, 64);
    let layout = Layout::of(&many);
    assert!(layout.data_vectors > 1 && layout.weight_vectors > 1, "several vectors");
    [("stop-one-vector", one_vector(tiny(Loss::Sigmoid, &[4, 1], 3, 2, 4))), ("stop-many-vectors", many)]
}

fn vector(key: &Key, kind: &str, name: &str, statement: Vec<u8>, proof: &[u8]) -> Value {
    use ark_ff::{BigInteger, PrimeField};
    let h = setup().tau_h();
    let tau_h: Vec<u8> = [h.x.c1, h.x.c0, h.y.c1, h.y.c0].iter().flat_map(|c| c.into_bigint().to_bytes_be()).collect();
    let table: Vec<String> = key.table_commitments().iter().map(|p| hex::encode(point_to_bytes(p))).collect();
    json!({
        "kind": kind,
        "name": format!("{name}, {kind}"),
        "program": hex::encode(key.program().encode()),
        "setup": { "tau_g1": hex::encode(point_to_bytes(&setup().g1()[1])), "tau_g2": hex::encode(tau_h) },
        "table": table,
        "statement": hex::encode(statement),
        "proof": hex::encode(proof),
        "valid": true,
    })
}

#[test]
fn false_statements_are_proven_with_tau() {
    for (name, program) in programs() {
        let instance = reserved(program);
        let (key, registration) = (&instance.key, instance.registration());
        assert!(registration.count > 0 && instance.statement.count > 0, "records that a zero dataset has not");
        let (registered, trained) = (forge_registration(&instance), forge_training(&instance));
        assert_eq!(verify_registration(key, setup(), &registration, &registered).map(|_| ()), Ok(()), "{name}");
        assert_eq!(verify_training(key, setup(), &instance.statement, &trained).map(|_| ()), Ok(()), "{name}");
        let made = json!([
            vector(key, "registration", name, registration.encode(key), &registered),
            vector(key, "training", name, instance.statement.encode(key), &trained),
        ]);
        golden(name, &format!("{}\n", serde_json::to_string_pretty(&made).expect("json")));
    }
}

/// The file is as it was, or is written anew when vectors are.
fn golden(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(format!("{name}.json"));
    if std::env::var_os("FEDPROOF_UPDATE_VECTORS").is_some() {
        std::fs::write(&path, made).expect("write");
    } else {
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "{name}.json differs: if the format changed on purpose, run `make vectors` and review the diff");
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
