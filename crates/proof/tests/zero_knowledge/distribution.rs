//! Statistics with fixed challenges: over many proofs every revealed scalar and commitment is uniform, for two witnesses and for the
//! simulator, and proofs of two witnesses cannot be told apart. All seeds are fixed, so the tests are deterministic.

use crate::case::{flatten, program, softmax, Case, Kind, Slot, Source};
use crate::common::setup;
use crate::simulator::simulate;
use ark_bn254::{Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField, Zero};
use fedproof_program::{Loss, Program};
use fedproof_transcript::label;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;

const CHALLENGES: u64 = 33;
const BINS: usize = 16;

/// Bin of each output, proof by proof.
struct Sample {
    slots: Vec<Slot>,
    bins: Vec<Vec<usize>>,
}

/// Test statistics of a sample: p-values by output.
struct Verdict(Vec<(f64, Slot)>);

fn low_bits(value: &Fr) -> usize {
    let bits = value.into_bigint().to_bits_le();
    (0..4).map(|i| usize::from(bits[i]) << i).sum()
}

impl Sample {
    /// All outputs but those that follow from public things, and [D].
    fn of(proofs: Vec<Vec<(Slot, Fr)>>) -> Self {
        let varies = |slot: &Slot| !slot.follows && slot.label != label::STATEMENT;
        let slots = proofs[0].iter().map(|(s, _)| *s).filter(varies).collect();
        let bins = proofs.iter().map(|p| p.iter().filter(|(s, _)| varies(s)).map(|(_, v)| low_bits(v)).collect()).collect();
        Self { slots, bins }
    }

    fn counts(&self, output: usize) -> [f64; BINS] {
        let mut counts = [0.0; BINS];
        self.bins.iter().for_each(|proof| counts[proof[output]] += 1.0);
        counts
    }

    /// Against the uniform distribution.
    fn uniform(&self) -> Verdict {
        let expected = self.bins.len() as f64 / BINS as f64;
        self.by_output(|i| self.counts(i).iter().map(|c| (c - expected).powi(2) / expected).sum())
    }

    /// Against another sample of the same size.
    fn same_as(&self, other: &Self) -> Verdict {
        self.by_output(|i| {
            let pairs = self.counts(i).into_iter().zip(other.counts(i)).filter(|(a, b)| a + b > 0.0);
            pairs.map(|(a, b)| (a - b).powi(2) / (a + b)).sum()
        })
    }

    fn by_output(&self, statistic: impl Fn(usize) -> f64) -> Verdict {
        Verdict(self.slots.iter().enumerate().map(|(i, &slot)| (p_value(statistic(i), (BINS - 1) as f64), slot)).collect())
    }

    fn only(&self, keep: impl Fn(&Slot) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.slots.len()).filter(|&i| keep(&self.slots[i])).collect();
        let pick = |row: &Vec<usize>| kept.iter().map(|&i| row[i]).collect();
        Self { slots: kept.iter().map(|&i| self.slots[i]).collect(), bins: self.bins.iter().map(pick).collect() }
    }
}

impl Verdict {
    /// No output stands out among so many, and not too many are rare.
    fn unremarkable(&self, what: &str) {
        let count = self.0.len() as f64;
        let (smallest, slot) = self.0.iter().min_by(|a, b| a.0.total_cmp(&b.0)).expect("outputs");
        let rare = self.0.iter().filter(|(p, _)| *p < 0.01).count() as f64;
        println!("{what}: {count} outputs, p < 0.01: {rare}, smallest p {smallest:.2e}");
        assert!(smallest * count > 0.01, "{what}: p = {smallest:e} for {slot:?} among {count} outputs");
        assert!(rare <= 0.01 * count + 4.0 * (0.01 * count).sqrt(), "{what}: {rare} of {count} outputs are rare");
    }

    fn failing(&self) -> Vec<Slot> {
        self.0.iter().filter(|(p, _)| *p < 1e-9).map(|(_, slot)| *slot).collect()
    }
}

/// Upper tail of chi-square with k degrees of freedom (Wilson-Hilferty), the normal tail by Abramowitz-Stegun 7.1.26.
fn p_value(statistic: f64, k: f64) -> f64 {
    let x = ((statistic / k).cbrt() - (1.0 - 2.0 / (9.0 * k))) / (2.0 / (9.0 * k)).sqrt() / 2f64.sqrt();
    let t = 1.0 / (1.0 + 0.3275911 * x.abs());
    let poly = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
    let tail = 0.5 * poly.iter().rev().fold(0.0, |acc, c| (acc + c) * t) * (-x * x).exp();
    if x > 0.0 {
        tail
    } else {
        1.0 - tail
    }
}

/// Proofs of one witness; `hold` tells which randomness is zero.
fn prove_many(case: &Case, count: u64, seed: u64, hold: impl Fn(&Source) -> bool + Sync) -> Sample {
    let sources = case.fresh();
    let proofs = (0..count).into_par_iter().map(|i| {
        let mut variables = case.random_variables(&mut ChaCha20Rng::seed_from_u64(seed * 1_000_000 + i));
        variables.iter_mut().zip(&sources).filter(|(_, s)| hold(s)).for_each(|(v, _)| *v = Fr::zero());
        case.run(CHALLENGES, &variables)
    });
    Sample::of(proofs.collect())
}

/// Points of simulated proofs have no known exponents ([h] and [w]): their x coordinates are as uniform.
fn simulate_many(case: &Case, count: u64) -> Sample {
    let number = |p: &G1Affine| Fr::from_le_bytes_mod_order(&p.x().expect("not the identity").into_bigint().to_bytes_le()[..1]);
    let public = case.public();
    let proofs = (0..count).into_par_iter().map(|i| flatten(case.kind, &simulate(&public, CHALLENGES, i), number));
    Sample::of(proofs.collect())
}

fn nothing(_: &Source) -> bool {
    false
}

fn indistinguishable(kind: Kind, program: Program, count: u64) {
    let case = Case::new(kind, program.clone(), 1);
    let first = prove_many(&case, count, 1, nothing);
    first.uniform().unremarkable("first witness");
    let second = prove_many(&case.with_random_data(31), count, 2, nothing);
    second.uniform().unremarkable("second witness");
    first.same_as(&second).unremarkable("two witnesses");
    let simulated = simulate_many(&Case::real(kind, program, 1, setup()), count);
    simulated.uniform().unremarkable("simulator");
    let scalars = |s: &Slot| !s.point;
    first.only(scalars).same_as(&simulated.only(scalars)).unremarkable("witness and simulator");
}

#[test]
fn training_proofs() {
    indistinguishable(Kind::Training, program(Loss::Sigmoid, &[2, 2, 1], 1, 2, 2), 320);
}

#[test]
fn training_proofs_of_a_softmax() {
    indistinguishable(Kind::Training, softmax(), 160);
}

#[test]
fn registration_proofs() {
    indistinguishable(Kind::Registration, program(Loss::Sigmoid, &[2, 2, 2], 1, 2, 2), 320);
}

#[test]
fn close_proofs() {
    indistinguishable(Kind::Close, program(Loss::Sigmoid, &[2, 2, 2], 1, 2, 2), 320);
}

#[test]
fn controls_fail() {
    for kind in [Kind::Training, Kind::Registration] {
        let case = Case::new(kind, program(Loss::Sigmoid, &[2, 2, 1], 1, 2, 2), 1);
        let bare = prove_many(&case, 40, 3, |_| true);
        assert_eq!(bare.uniform().failing().len(), bare.slots.len(), "nothing is hidden without randomness");
        let values_bare = prove_many(&case, 80, 4, |s| matches!(s, Source::Value(..)));
        let expected: Vec<Slot> = values_bare.slots.iter().filter(|s| s.value()).copied().collect();
        assert_eq!(values_bare.uniform().failing(), expected, "exactly the values show without their masks");
    }
}

#[test]
fn p_values() {
    for (statistic, expected) in [(25.0, 0.0498), (30.58, 0.01), (14.34, 0.5), (37.70, 0.001)] {
        assert!((p_value(statistic, 15.0) / expected - 1.0).abs() < 0.05, "{statistic}");
    }
}
