//! Proofs without a witness: the simulator programs the random oracle, knows tau, and sees the statement only.

use crate::case::{folded, huber, labels, program, softmax, Case, Kind, Public};
use crate::common::{setup, trapdoor::integer};
use crate::oracle::{challenge, Body, Message, Replay};
use ark_bn254::{Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand};
use fedproof_kzg::Setup;
use fedproof_program::Loss;
use fedproof_sumcheck::eq_table;
use fedproof_transcript::{label, DecodeError, VerifierTranscript};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// Answers the verifier with uniform scalars and points, except for vtab and v_zeta of a close, which are public, and [h], [w], left open as the identity.
struct Uniform<'a> {
    public: &'a Public<'a>,
    seed: u64,
    x: Fr,
    rng: ChaCha20Rng,
    messages: &'a mut Vec<Message>,
}

fn random_point(rng: &mut ChaCha20Rng) -> G1Affine {
    (G1Affine::generator() * Fr::rand(rng)).into_affine()
}

impl VerifierTranscript for Uniform<'_> {
    fn absorb(&mut self, _: u8, _: u16, _: &[u8]) {}

    fn read_scalars(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<Fr>, DecodeError> {
        let values = match label {
            label::TABLE_VALUE => table_values(self.public, self.seed),
            label::DEGREE if self.public.kind == Kind::Close => vec![next_value(self.public, self.seed)],
            _ => (0..n).map(|_| Fr::rand(&mut self.rng)).collect(),
        };
        self.messages.push(Message { label, index, body: Body::Scalars(values.clone()) });
        Ok(values)
    }

    fn read_points(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<G1Affine>, DecodeError> {
        let points = match label {
            label::QUOTIENT | label::OPENING => vec![G1Affine::identity(); n],
            _ => (0..n).map(|_| random_point(&mut self.rng)).collect(),
        };
        self.messages.push(Message { label, index, body: Body::Points(points.clone()) });
        Ok(points)
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        match label {
            label::X => self.x,
            _ => challenge(self.seed, label, index),
        }
    }

    fn finish(self) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// The key's tables at the point of S2, by lane.
fn table_values(public: &Public<'_>, seed: u64) -> Vec<Fr> {
    let layout = public.key.layout();
    let point: Vec<Fr> = (0..layout.c as u16).map(|i| challenge(seed, label::S2_CHALLENGE, i)).collect();
    let weights = eq_table(&point[layout.c - layout.vector_bits..], Fr::from(1u64));
    let gamma = challenge(seed, label::GAMMA, 0);
    let value = |lane: usize| -> Fr {
        let tables = layout.key_tables.iter().zip(public.key.tables()).filter(|(t, _)| t.lane == lane);
        let at = |cells: &[i64]| -> Fr { cells.iter().zip(&weights).map(|(&v, e)| integer(v) * e).sum() };
        tables.map(|(t, cells)| gamma.pow([if t.derivatives { 3 } else { 2 }]) * at(cells)).sum()
    };
    layout.table_lanes().into_iter().map(value).collect()
}

/// v_zeta of a close: the next model at zeta, its vectors by powers of omega.
fn next_value(public: &Public<'_>, seed: u64) -> Fr {
    let [zeta, omega] = [label::ZETA, label::OMEGA].map(|drawn| challenge(seed, drawn, 0));
    let vectors = public.next.chunks_exact(public.key.layout().n());
    let at_zeta = |cells: &[i64]| cells.iter().rev().fold(Fr::from(0u64), |value, &cell| value * zeta + integer(cell));
    vectors.rev().fold(Fr::from(0u64), |sum, cells| sum * omega + at_zeta(cells))
}

fn set_point(messages: &mut [Message], label: u8, point: G1Affine) {
    let message = messages.iter_mut().find(|m| m.label == label).expect("message");
    message.body = Body::Points(vec![point]);
}

/// The only [h] and [w] that fit the rest. At x = tau the verifier's left side without them is [h] itself; at the real x, with [h], it
/// is [L], and w = L / (X - x).
fn complete(public: &Public<'_>, seed: u64, messages: &mut [Message]) {
    let tau = Setup::development_tau();
    set_point(messages, label::QUOTIENT, G1Affine::identity());
    set_point(messages, label::OPENING, G1Affine::identity());
    let (quotient, _) = public.verify(Replay { seed, messages, x: Some(tau) }).expect("well-formed");
    set_point(messages, label::QUOTIENT, quotient);
    let (left, _) = public.verify(Replay { seed, messages, x: None }).expect("well-formed");
    let x = challenge(seed, label::X, 0);
    let opening = left * (tau - x).inverse().expect("x is not tau");
    set_point(messages, label::OPENING, opening.into_affine());
}

/// A proof of the statement. `seed` fixes the challenges, `randomness` everything else.
pub fn simulate(public: &Public<'_>, seed: u64, randomness: u64) -> Vec<Message> {
    let mut messages = Vec::new();
    let rng = ChaCha20Rng::seed_from_u64(randomness);
    let transcript = Uniform { public, seed, x: challenge(seed, label::X, 0), rng, messages: &mut messages };
    let _ = public.verify(transcript).expect("well-formed");
    complete(public, seed, &mut messages);
    messages
}

fn cases() -> Vec<Case> {
    let programs = [
        program(Loss::Sigmoid, &[2, 1], 1, 2, 2),
        program(Loss::Sigmoid, &[2, 3, 2], 3, 2, 2),
        program(Loss::Squared, &[3, 2], 1, 2, 1),
        program(Loss::Sigmoid, &[16, 8, 2], 2, 2, 8),
        softmax(),
        folded(),
        labels(),
        huber(),
    ];
    let kinds = [Kind::Training, Kind::Registration, Kind::Close];
    let all = programs.iter().zip(1..).flat_map(|(p, seed)| kinds.map(|kind| Case::real(kind, p.clone(), seed, setup())));
    all.collect()
}

#[test]
fn simulated_proofs_are_accepted() {
    for case in cases() {
        let public = case.public();
        for seed in 1..4 {
            assert!(public.accepts(setup(), seed, &simulate(&public, seed, seed + 7)), "{:?}", case.kind);
        }
    }
}

#[test]
fn statements_without_any_witness_are_simulated() {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    for case in cases() {
        let mut public = case.public();
        public.training.dataset.iter_mut().for_each(|p| *p = random_point(&mut rng));
        public.training.weights.iter_mut().for_each(|p| *p = random_point(&mut rng));
        if let Some(close) = &mut public.close {
            close.summed.iter_mut().for_each(|p| *p = random_point(&mut rng));
        }
        public.registration.dataset = public.training.dataset.clone();
        assert!(public.accepts(setup(), 5, &simulate(&public, 5, 6)), "{:?}", case.kind);
    }
}

#[test]
fn the_opening_follows_from_the_rest() {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    for case in cases() {
        let (public, honest) = (case.public(), case.messages(setup(), 9, &mut rng));
        assert!(public.accepts(setup(), 9, &honest), "{:?}", case.kind);
        let mut again = honest.clone();
        complete(&public, 9, &mut again);
        assert!(again == honest, "{:?}: [h] and [w] are functions of the other messages", case.kind);
        let known = |messages: &[Message]| -> Vec<Body> {
            messages.iter().filter(|m| case.kind.follows(m.label)).map(|m| m.body.clone()).collect()
        };
        assert_eq!(known(&simulate(&public, 9, 1)), known(&honest), "{:?}: vtab, v_zeta of a close", case.kind);
    }
}

#[test]
fn the_check_is_a_check() {
    let case = Case::real(Kind::Training, program(Loss::Sigmoid, &[2, 1], 1, 2, 2), 1, setup());
    let public = case.public();
    let honest = case.messages(setup(), 9, &mut ChaCha20Rng::seed_from_u64(8));
    for i in 0..honest.len() {
        let mut changed = honest.clone();
        match &mut changed[i].body {
            Body::Scalars(values) => values[0] += Fr::from(1u64),
            Body::Points(points) => points[0] = (points[0] + G1Affine::generator()).into_affine(),
        }
        assert!(!public.accepts(setup(), 9, &changed), "message {i} changed");
    }
}
