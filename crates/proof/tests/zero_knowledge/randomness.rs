//! Nothing random is used twice.

use crate::case::{program, Case, Kind};
use crate::common::setup;
use crate::oracle::{Body, Message, Programmed, Recorder};
use fedproof_program::Loss;
use fedproof_transcript::{point_to_bytes, scalar_to_bytes, KeccakProver, ProofKind, ProverTranscript};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::collections::HashSet;

/// Every scalar and point of a proof as bytes, but those that follow from public things.
fn pieces(kind: Kind, messages: &[Message]) -> Vec<Vec<u8>> {
    let bytes = |m: &Message| -> Vec<Vec<u8>> {
        match &m.body {
            Body::Scalars(values) => values.iter().map(|v| scalar_to_bytes(v).to_vec()).collect(),
            Body::Points(points) => points.iter().map(|p| point_to_bytes(p).to_vec()).collect(),
        }
    };
    messages.iter().filter(|m| !kind.follows(m.label)).flat_map(bytes).collect()
}

fn prove<T: ProverTranscript>(case: &Case, oracle: T, seed: u64) -> Vec<Vec<u8>> {
    let mut transcript = Recorder::new(oracle);
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    case.prove(setup(), &case.old_blinds(), &mut rng, &mut transcript);
    pieces(case.kind, &transcript.messages)
}

fn cases() -> Vec<(Case, ProofKind)> {
    let program = program(Loss::Sigmoid, &[2, 2, 2], 2, 2, 2);
    [(Kind::Training, ProofKind::Training), (Kind::Registration, ProofKind::Registration), (Kind::Close, ProofKind::Close)]
        .map(|(kind, proof)| (Case::real(kind, program.clone(), 1, setup()), proof))
        .into()
}

#[test]
fn proofs_of_one_statement_share_nothing() {
    for (case, kind) in cases() {
        let real = |seed| prove(&case, KeccakProver::new(kind), seed);
        // With the same challenges nothing but the randomness can make the difference.
        let programmed = |seed| prove(&case, Programmed(9), seed);
        let runs = [real(1), real(2), programmed(1), programmed(2)];
        for (a, b) in [(0, 1), (2, 3)] {
            let all: HashSet<&Vec<u8>> = runs[a].iter().chain(&runs[b]).collect();
            assert_eq!(all.len(), runs[a].len() + runs[b].len(), "{kind:?}: some piece appears twice");
        }
        assert_eq!(real(1), runs[0], "{kind:?}: a proof is a function of statement, witness and randomness");
    }
}

#[test]
fn registration_and_training_share_nothing() {
    let [training, registration] = [0, 1].map(|i| {
        let (case, kind) = cases().remove(i);
        prove(&case, KeccakProver::new(kind), 1)
    });
    let all: HashSet<&Vec<u8>> = training.iter().chain(&registration).collect();
    assert_eq!(all.len(), training.len() + registration.len());
}
