//! Guessing the dataset and confirming the guess from one proof: the best attack there is against blinds that are too few.
//!
//! The attacker (who may even know tau) has a candidate. Masks of values follow from the revealed values; what then remains is affine in
//! the other randomness, with public factors, so a functional that cancels all of it must agree between proof and candidate.

use crate::case::{program, softmax, Case, Kind, Source};
use crate::jacobian::Jacobian;
use crate::linear::{dot, left_null_space, solve};
use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use fedproof_program::{Loss, Program};
use fedproof_witness::Dataset;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

const CHALLENGES: u64 = 44;

fn is_value(source: &Source) -> bool {
    matches!(source, Source::Value(..))
}

fn subtract(a: &[Fr], b: &[Fr]) -> Vec<Fr> {
    a.iter().zip(b).map(|(x, y)| *x - y).collect()
}

/// What an attacker knows: the factors of all randomness, the exponents of everything sent and of [D].
struct Attacker<'a> {
    jacobian: &'a Jacobian,
    observed: &'a [Fr],
}

impl Attacker<'_> {
    /// Randomness of the candidate that reproduces the observed values, all else zero.
    fn value_masks(&self, candidate: &Case) -> Vec<Fr> {
        let j = self.jacobian;
        let mut variables = vec![Fr::zero(); j.sources.len()];
        let bare = candidate.values(CHALLENGES, &variables);
        for ((variable, column), _) in variables.iter_mut().zip(&j.columns).zip(&j.sources).filter(|(_, s)| is_value(s)) {
            let value = |i: &usize| j.slots[*i].value() && !column[*i].is_zero();
            let i = (0..j.slots.len()).find(value).expect("a masked value");
            *variable = (self.observed[i] - bare[i]) * column[i].inverse().expect("not zero");
        }
        variables
    }

    /// Observed outputs less what the candidate gives, for all that [`crate::case::Slot::free`] and not a value.
    fn residue(&self, candidate: &Case, variables: &[Fr]) -> Vec<Fr> {
        let difference = subtract(self.observed, &candidate.values(CHALLENGES, variables));
        let keep = self.jacobian.slots.iter().zip(difference);
        keep.filter(|(s, _)| s.free() && !s.value()).map(|(_, d)| d).collect()
    }

    /// Functionals that cancel all randomness but what is held constant.
    fn functionals(&self, held: impl Fn(&Source) -> bool) -> Vec<Vec<Fr>> {
        left_null_space(&self.jacobian.matrix(|s| s.free() && !s.value(), |s| !is_value(s) && !held(s)))
    }

    fn confirms(&self, candidate: &Case, functionals: &[Vec<Fr>]) -> bool {
        let residue = self.residue(candidate, &self.value_masks(candidate));
        functionals.iter().all(|f| dot(f, &residue).is_zero())
    }

    /// Randomness with which the candidate's proof is exactly the observed one.
    fn explain(&self, candidate: &Case) -> Option<Vec<Fr>> {
        let mut variables = self.value_masks(candidate);
        let residue = self.residue(candidate, &variables);
        let rest = solve(&self.jacobian.matrix(|s| s.free() && !s.value(), |s| !is_value(s)), &residue)?;
        let others = variables.iter_mut().zip(&self.jacobian.sources).filter(|(_, s)| !is_value(s));
        others.zip(rest).for_each(|((variable, _), value)| *variable = value);
        Some(variables)
    }
}

/// A logistic model, and a softmax with everything.
fn models() -> [(Kind, Program); 4] {
    let logistic = program(Loss::Sigmoid, &[2, 1], 1, 2, 1);
    [
        (Kind::Training, logistic.clone()),
        (Kind::Registration, logistic),
        (Kind::Training, softmax()),
        (Kind::Registration, softmax()),
    ]
}

/// The true dataset; a label flipped; one feature changed by one; another dataset altogether.
fn candidates(kind: Kind, program: &Program) -> Vec<Case> {
    let case = || Case::new(kind, program.clone(), 3);
    let truth = case();
    let (program, layout) = (truth.instance.key.program(), truth.instance.key.layout());
    let cells = truth.instance.dataset.cells().to_vec();
    let (mut flipped, mut nudged) = (cells.clone(), cells);
    // One-hot targets stay so: anything else is no witness of a registration.
    let targets = if program.one_hot { 2 } else { 1 };
    flipped[layout.record.targets..][..targets].iter_mut().for_each(|label| *label = (1 << program.delta_bits) - *label);
    nudged[0] += if nudged[0] < 0 { 1 } else { -1 };
    let [flipped, nudged] = [flipped, nudged].map(|cells| case().with_dataset(Dataset::from_cells(layout, cells)));
    let other = case().with_random_data(77);
    vec![truth, flipped, nudged, other]
}

/// A proof of the first candidate with `held` randomness zero, and the attacker's Jacobian, which needs no witness.
fn observe(candidates: &[Case], held: impl Fn(&Source) -> bool) -> (Jacobian, Vec<Fr>) {
    let truth = &candidates[0];
    let mut variables = truth.random_variables(&mut ChaCha20Rng::seed_from_u64(4));
    variables.iter_mut().zip(truth.sources()).filter(|(_, s)| held(s)).for_each(|(v, _)| *v = Fr::zero());
    let unrelated = candidates[3].random_variables(&mut ChaCha20Rng::seed_from_u64(5));
    (Jacobian::at(&candidates[3], CHALLENGES, &unrelated), truth.values(CHALLENGES, &variables))
}

#[test]
fn every_dataset_explains_a_proof() {
    for (kind, program) in models() {
        let candidates = candidates(kind, &program);
        let (jacobian, observed) = observe(&candidates, |_| false);
        let attacker = Attacker { jacobian: &jacobian, observed: &observed };
        assert!(attacker.functionals(|_| false).is_empty(), "nothing to confirm a guess with");
        for (i, candidate) in candidates.iter().enumerate() {
            let randomness = attacker.explain(candidate).expect("some randomness");
            assert!(candidate.values(CHALLENGES, &randomness) == observed, "{kind:?}: candidate {i} gives the same messages");
        }
    }
}

#[test]
fn guesses_are_confirmed_without_low_cells() {
    let held = |s: &Source| matches!(s, Source::Low(_));
    for (kind, program) in models() {
        let candidates = candidates(kind, &program);
        let (jacobian, observed) = observe(&candidates, held);
        let attacker = Attacker { jacobian: &jacobian, observed: &observed };
        let functionals = attacker.functionals(held);
        let confirmed: Vec<bool> = candidates.iter().map(|c| attacker.confirms(c, &functionals)).collect();
        assert_eq!(confirmed, [true, false, false, false], "{kind:?}");
        if kind == Kind::Registration {
            // One functional needs no exponent: scalars of the proof suffice, whoever knows tau.
            let slots = || jacobian.slots.iter().filter(|s| s.free() && !s.value());
            let points = |f: &Vec<Fr>| -> Vec<Fr> { slots().zip(f).filter(|(s, _)| s.point).map(|(_, v)| *v).collect() };
            let exponents: Vec<Vec<Fr>> = functionals.iter().map(points).collect();
            let scalar_only = left_null_space(&exponents);
            assert_eq!(scalar_only.len(), 1);
            let combined: Vec<Fr> =
                (0..functionals[0].len()).map(|i| functionals.iter().zip(&scalar_only[0]).map(|(f, c)| f[i] * c).sum()).collect();
            let confirmed: Vec<bool> = candidates.iter().map(|c| attacker.confirms(c, std::slice::from_ref(&combined))).collect();
            assert_eq!(confirmed, [true, false, false, false]);
        }
    }
}
