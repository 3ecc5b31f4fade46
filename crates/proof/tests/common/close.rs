//! Rounds that are closed: sums that clip on both sides, at and around every edge.

use super::record::{honest, Recorder, Rule, Shared};
use super::trapdoor::Trapdoor;
use super::{scene::confirm, setup};
use ark_bn254::Fr;
use ark_ff::UniformRand;
use fedproof_kzg::{Commit, Setup};
use fedproof_program::{CloseLayout, Program, Weights};
use fedproof_proof::generic::{prove_close_with, verify_close_with};
use fedproof_proof::{
    decode_file, encode_file, prove_close, verify_close, CloseStatement, CloseWitness, Key, ProofError, Silent,
};
use fedproof_transcript::{KeccakProver, KeccakVerifier, ProofKind};
use fedproof_witness::CloseTrace;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// A round's opened sum and everything that follows from it.
#[derive(Clone)]
pub struct Round {
    pub key: Key,
    pub sum: Weights,
    pub trace: CloseTrace,
    pub sum_blinds: Vec<Vec<Fr>>,
    pub statement: CloseStatement,
    pub rng: ChaCha20Rng,
}

/// m = count 2^fc, and most = 2^wb - 1.
pub fn scale(program: &Program, count: u64) -> (i64, i64) {
    ((count as i64) << program.kernel.fraction_bits(), (1 << program.bound_bits) - 1)
}

/// A sum whose quotient lies anywhere: around 0, inside, at the bound, just beyond it, far beyond.
fn some_sum(rng: &mut ChaCha20Rng, m: i64, most: i64) -> i64 {
    let sign = if rng.gen() { 1 } else { -1 };
    let near = rng.gen_range(-2 * m..=2 * m);
    match rng.gen_range(0..6) {
        0 => near,
        1 => sign * most.saturating_mul(m).min(1 << 61) + near,
        2 => sign * rng.gen_range(0..1i64 << 62),
        3 => (sign * rng.gen_range(0..=most)).saturating_mul(m).clamp(-(1 << 61), 1 << 61) + near,
        4 => 0,
        _ => sign * (m - m / 2 - i64::from(rng.gen::<bool>())),
    }
}

impl Round {
    pub fn new(program: Program, seed: u64, count: u64) -> Self {
        Self::over(program, seed, count, setup(), setup().digest())
    }

    /// As [`Round::new`], but faster.
    pub fn quick(program: Program, seed: u64, count: u64) -> Self {
        Self::over(program, seed, count, &Trapdoor, setup().digest())
    }

    pub fn over<S: Commit>(program: Program, seed: u64, count: u64, commit: &S, digest: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let (m, most) = scale(&program, count);
        let key = Key::with(program.clone(), commit, digest);
        let layers = program.dims.windows(2).map(|d| (d[0] + 1) * d[1]);
        let sum: Weights = layers.map(|cells| (0..cells).map(|_| some_sum(&mut rng, m, most)).collect()).collect();
        let counts = key.layout().masks.update_blinds().to_vec();
        let sum_blinds = counts.iter().map(|&(_, n)| (0..n).map(|_| Fr::rand(&mut rng)).collect()).collect();
        let trace = CloseTrace::new(&program, key.layout(), key.close().expect("closable").shape(), &sum, count);
        let statement = CloseStatement {
            chain_id: [0; 32],
            hub: [1; 32],
            submitter: [2; 32],
            task: [3; 32],
            round: [4; 32],
            summed: Vec::new(),
            weights: Vec::new(),
            count,
        };
        let mut round = Self { key, sum, trace, sum_blinds, statement, rng };
        round.recommit_over(commit);
        round
    }

    /// Another sum with the same next model: all remainders are drawn again.
    pub fn with_other_sum(mut self, seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let (m, _) = scale(self.key.program(), self.statement.count);
        for sum in self.sum.iter_mut().flatten() {
            *sum += rng.gen_range(0..m) - (*sum + m / 2).rem_euclid(m);
        }
        let before = self.trace;
        self.trace = CloseTrace::new(
            self.key.program(),
            self.key.layout(),
            self.key.close().expect("closable").shape(),
            &self.sum,
            self.statement.count,
        );
        assert_eq!(before.columns[CloseLayout::NEXT], self.trace.columns[CloseLayout::NEXT]);
        assert_ne!(before.columns[CloseLayout::SUM], self.trace.columns[CloseLayout::SUM]);
        self
    }

    pub fn shape(&self) -> CloseLayout {
        self.key.close().expect("closable").shape().clone()
    }

    /// Public commitments of whatever sum and next model are there now.
    pub fn recommit(&mut self) {
        self.recommit_over(&Trapdoor);
    }

    /// As [`Round::recommit`], under any scheme.
    pub fn recommit_over<S: Commit>(&mut self, commit: &S) {
        let n = self.key.layout().n();
        let summed = self.trace.columns[CloseLayout::SUM].chunks_exact(n).zip(&self.sum_blinds);
        self.statement.summed = summed.map(|(v, b)| commit.commit_small(v, n, b)).collect();
        let weights = self.trace.columns[CloseLayout::NEXT].chunks_exact(n);
        self.statement.weights = weights.map(|v| commit.commit_small(v, n, &[])).collect();
    }

    pub fn witness(&self) -> CloseWitness<'_> {
        CloseWitness { trace: &self.trace, sum_blinds: &self.sum_blinds }
    }

    pub fn prove(&mut self) -> Vec<u8> {
        self.prove_under(setup())
    }

    /// As [`Round::prove`], with another number of powers.
    pub fn prove_under(&mut self, setup: &Setup) -> Vec<u8> {
        let mut rng = ChaCha20Rng::from_rng(&mut self.rng).expect("rng");
        let key = self.key.close().expect("closable");
        prove_close(key, setup, &self.statement, self.witness(), &mut rng, &mut Silent).expect("not cancelled")
    }

    pub fn verify(&self, file: &[u8]) -> Result<(), ProofError> {
        verify_close(self.key.close().expect("closable"), setup(), &self.statement, file)
    }

    /// As [`Round::prove`], but faster.
    pub fn prove_quick(&mut self) -> Vec<u8> {
        self.prove_recorded(&Shared::default(), honest)
    }

    /// As [`Round::prove_quick`], over a recorded transcript.
    pub fn prove_recorded(&mut self, log: &Shared, rule: Rule) -> Vec<u8> {
        let mut rng = ChaCha20Rng::from_rng(&mut self.rng).expect("rng");
        let mut transcript = Recorder::new(KeccakProver::new(ProofKind::Close), log, rule);
        let key = self.key.close().expect("closable");
        prove_close_with(key, &Trapdoor, &self.statement, self.witness(), &mut rng, &mut transcript, &mut Silent)
            .expect("not cancelled");
        encode_file(ProofKind::Close, &transcript.inner.into_proof())
    }

    /// As [`Round::verify`], but faster.
    pub fn verify_quick(&self, file: &[u8]) -> Result<(), ProofError> {
        self.verify_recorded(file, honest)
    }

    /// As [`Round::verify_quick`], with challenges by a rule.
    pub fn verify_recorded(&self, file: &[u8], rule: Rule) -> Result<(), ProofError> {
        let key = self.key.close().expect("closable");
        let body = decode_file(ProofKind::Close, key.close_bytes(), file)?;
        let transcript = Recorder::new(KeccakVerifier::new(ProofKind::Close, body), &Shared::default(), rule);
        confirm(verify_close_with(key, &self.statement, transcript)?)
    }
}
