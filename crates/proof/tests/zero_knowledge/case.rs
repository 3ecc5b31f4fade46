//! A statement with a witness, and the proof of it as a map: (masks, blinds) -> (revealed scalars, exponents of commitments).

use crate::common::scene::one_vector;
use crate::common::{momentum, random_records, tiny_with, Instance};
use crate::oracle::{exponent, Body, Exponents, Message, Programmed, Recorder, Replay, Scripted};
use ark_bn254::{Fr, G1Affine};
use ark_ff::UniformRand;
use fedproof_kzg::{Commit, Setup};
use fedproof_program::{Activation, Columns, Kernel, Layout, Loss, MaskLayout, Program, Stage};
use fedproof_proof::generic::{prove_registration_with, prove_training_with, verify_registration_with, verify_training_with};
use fedproof_proof::{Key, ProofError, RegistrationStatement, RegistrationWitness, Silent, TrainingStatement, TrainingWitness};
use fedproof_transcript::{label, ProverTranscript, VerifierTranscript};
use fedproof_witness::{execute, Dataset};
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// Random cells below and above the masks (docs/protocol.md, section 2).
const RANDOM_CELLS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Training,
    Registration,
}

/// Where a field element that the prover draws goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Random cell of m below the masks.
    Low(usize),
    /// Random cell of m above the masks.
    High(usize),
    /// Coefficient of the mask polynomial of a sumcheck.
    Coefficient(Stage, usize),
    /// Mask of a revealed value.
    Value(Stage, usize),
    /// Blind of a vector of W_out: (vector, blind).
    Update(usize, usize),
    /// Blind of a committed column: (column, blind), vector by vector. Registration: of mu, then the helpers.
    Column(usize, usize),
    /// Blind of a dataset vector. Not fresh: the same in all proofs about the dataset.
    Data(usize),
}

/// A revealed scalar, or the exponent of a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    pub label: u8,
    pub index: u16,
    pub position: usize,
    pub point: bool,
}

impl Slot {
    /// [h] and [w] follow from the rest (`simulator::the_opening_follows_from_the_rest`), vtab is public.
    pub fn free(&self) -> bool {
        ![label::TABLE_VALUE, label::QUOTIENT, label::OPENING].contains(&self.label)
    }

    /// Values of masked tables.
    pub fn value(&self) -> bool {
        [label::S1A_VALUES, label::S1B_VALUES, label::S2_VALUES].contains(&self.label)
    }
}

pub struct Case {
    pub kind: Kind,
    pub instance: Instance,
    pub scheme: Exponents,
}

/// What everybody knows.
pub struct Public<'a> {
    pub kind: Kind,
    pub key: &'a Key,
    pub training: TrainingStatement,
    pub registration: RegistrationStatement,
}

/// Words of 4 bits, one vector for each column.
pub fn program(loss: Loss, dims: &[usize], steps: usize, batch: usize, blocks: usize) -> Program {
    program_with(loss, dims, steps, batch, blocks, |_| {})
}

/// As [`program`], with changes.
pub fn program_with(
    loss: Loss,
    dims: &[usize],
    steps: usize,
    batch: usize,
    blocks: usize,
    change: impl FnOnce(&mut Program),
) -> Program {
    one_vector(words(loss, dims, steps, batch, blocks, change))
}

/// As [`program_with`], but with the shortest vectors there are.
pub fn words(
    loss: Loss,
    dims: &[usize],
    steps: usize,
    batch: usize,
    blocks: usize,
    change: impl FnOnce(&mut Program),
) -> Program {
    tiny_with(loss, dims, steps, batch, blocks, |p| {
        (p.bits, p.limb_bits, p.weight_bits, p.activation_bits, p.delta_bits) = (4, 4, 8, 2, 2);
        (p.bound_bits, p.kernel, p.huber) = (9, Kernel::Plain(3), p.huber.min(5));
        change(p);
    })
}

/// Softmax with class weights, a smooth activation and an explicit kernel.
pub fn softmax() -> Program {
    program_with(Loss::Softmax, &[2, 2, 2], 2, 2, 2, |p| {
        (p.weight_bits, p.bound_bits, p.loss_weights) = (10, 12, vec![300, 100]);
        (p.activations, p.kernel) = (vec![Activation::Tanh], momentum(2, 2));
    })
}

/// Softmax with columns of several vectors.
pub fn folded() -> Program {
    let program = words(Loss::Softmax, &[2, 2], 2, 32, 2, |p| p.group = 4);
    assert!(Layout::of(&program).columns.vectors(0) > 1, "several vectors per column");
    program
}

/// Label weights of a multi-label model with a smooth activation.
pub fn labels() -> Program {
    program_with(Loss::Sigmoid, &[2, 2, 2], 1, 2, 2, |p| {
        (p.weight_bits, p.bound_bits, p.loss_weights) = (10, 12, vec![256, 100, 0, 300]);
        (p.activations, p.one_hot) = (vec![Activation::Gelu], false);
    })
}

/// The Huber loss with momentum.
pub fn huber() -> Program {
    program_with(Loss::Huber, &[2, 2, 1], 3, 2, 2, |p| p.kernel = momentum(3, 0))
}

fn random_dataset(key: &Key, seed: u64) -> Dataset {
    let (features, targets) = random_records(key.program(), &mut ChaCha20Rng::seed_from_u64(seed));
    Dataset::new(key.program(), key.layout(), &features, &targets).expect("dataset")
}

impl Case {
    /// Over the scheme that records exponents; tau is random.
    pub fn new(kind: Kind, program: Program, seed: u64) -> Self {
        let tau = Fr::rand(&mut ChaCha20Rng::seed_from_u64(0x7a75));
        let scheme = Exponents::new(tau, 1 << 12);
        let instance = Instance::over(program.validated().expect("legal program"), seed, &scheme, [6; 32]);
        Self { kind, instance, scheme }
    }

    /// Over the development setup, whose tau is known.
    pub fn real(kind: Kind, program: Program, seed: u64, setup: &Setup) -> Self {
        let instance = Instance::over(program.validated().expect("legal program"), seed, setup, setup.digest());
        Self { kind, instance, scheme: Exponents::new(Setup::development_tau(), 1 << 12) }
    }

    /// The same statement but for [D], with other data.
    pub fn with_dataset(mut self, dataset: Dataset) -> Self {
        let i = &mut self.instance;
        i.trace = execute(i.key.program(), i.key.layout(), &i.weights, &dataset, &i.schedule).expect("execution");
        i.dataset = dataset;
        self
    }

    /// The same statement but for [D], with random data.
    pub fn with_random_data(self, seed: u64) -> Self {
        let dataset = random_dataset(&self.instance.key, seed);
        self.with_dataset(dataset)
    }

    fn masks(&self) -> &MaskLayout {
        match self.kind {
            Kind::Training => &self.instance.key.layout().masks,
            Kind::Registration => &self.instance.key.registration().masks,
        }
    }

    /// Everything the prover draws, in order.
    pub fn fresh(&self) -> Vec<Source> {
        let masks = self.masks();
        let mut out: Vec<Source> = (0..RANDOM_CELLS).map(Source::Low).collect();
        for stage in [Stage::S1a, Stage::S1b, Stage::S2, Stage::S3] {
            assert_eq!(masks.coefficients(stage), out.len());
            out.extend((0..masks.degrees(stage).iter().sum()).map(|k| Source::Coefficient(stage, k)));
        }
        for stage in [Stage::S1a, Stage::S1b, Stage::S2] {
            assert_eq!(masks.value(stage, 0), out.len());
            out.extend((0..masks.value_count(stage)).map(|k| Source::Value(stage, k)));
        }
        for (v, &(first, count)) in masks.update_blinds().iter().enumerate() {
            assert_eq!(first, out.len());
            out.extend((0..count).map(|j| Source::Update(v, j)));
        }
        out.extend((0..RANDOM_CELLS).map(Source::High));
        assert_eq!(masks.len(), out.len());
        let columns = &self.instance.key.layout().columns;
        let (vectors, three): (Vec<usize>, usize) = match self.kind {
            Kind::Training => ((0..columns.count()).map(|k| columns.vectors(k)).collect(), Columns::Q),
            Kind::Registration => (vec![1; 1 + self.instance.key.registration().helpers.len()], 0),
        };
        for (k, &vectors) in vectors.iter().enumerate() {
            out.extend((0..vectors + if k == three { 2 } else { 0 }).map(|j| Source::Column(k, j)));
        }
        out
    }

    /// Everything fresh, then the blinds of the dataset.
    pub fn sources(&self) -> Vec<Source> {
        let mut out = self.fresh();
        out.extend((0..self.instance.dataset.vectors()).map(Source::Data));
        out
    }

    /// Proves over anything.
    pub fn prove<S: Commit, T: ProverTranscript, R: RngCore + CryptoRng>(
        &self,
        scheme: &S,
        blinds: &[Fr],
        rng: &mut R,
        transcript: &mut T,
    ) {
        let (i, progress) = (&self.instance, &mut Silent);
        match self.kind {
            Kind::Training => {
                let witness = TrainingWitness { dataset_blinds: blinds, ..i.witness() };
                prove_training_with(&i.key, scheme, &i.statement, witness, rng, transcript, progress).expect("not cancelled");
            }
            Kind::Registration => {
                let witness = RegistrationWitness { dataset: &i.dataset, blinds };
                prove_registration_with(&i.key, scheme, &i.registration(), witness, rng, transcript, progress)
                    .expect("not cancelled");
            }
        }
    }

    /// Messages of a proof with programmed challenges, over `scheme`.
    pub fn messages<S: Commit>(&self, scheme: &S, seed: u64, rng: &mut ChaCha20Rng) -> Vec<Message> {
        let mut transcript = Recorder::new(Programmed(seed));
        self.prove(scheme, &self.instance.dataset_blinds, rng, &mut transcript);
        transcript.messages
    }

    /// The map. `variables` as in [`Case::sources`]; the exponents of [D] come last.
    pub fn run(&self, seed: u64, variables: &[Fr]) -> Vec<(Slot, Fr)> {
        let (fresh, blinds) = variables.split_at(variables.len() - self.instance.dataset.vectors());
        let mut transcript = Recorder::new(Programmed(seed));
        let mut rng = Scripted::new(fresh);
        self.prove(&self.scheme, blinds, &mut rng, &mut transcript);
        assert!(rng.exhausted(), "the test knows of more randomness than the prover draws");
        let n = self.instance.key.layout().n();
        let data =
            (0..blinds.len()).map(|v| self.scheme.commit_small(self.instance.dataset.vector(v), n, &blinds[v..=v])).collect();
        transcript.messages.push(Message { label: label::STATEMENT, index: 0, body: Body::Points(data) });
        flatten(&transcript.messages, exponent)
    }

    /// As [`Case::run`], values only.
    pub fn values(&self, seed: u64, variables: &[Fr]) -> Vec<Fr> {
        self.run(seed, variables).into_iter().map(|(_, v)| v).collect()
    }

    /// Random values of everything fresh, and the dataset's blinds.
    pub fn random_variables(&self, rng: &mut ChaCha20Rng) -> Vec<Fr> {
        let mut out: Vec<Fr> = self.fresh().iter().map(|_| Fr::rand(rng)).collect();
        out.extend(&self.instance.dataset_blinds);
        out
    }

    pub fn public(&self) -> Public<'_> {
        Public {
            kind: self.kind,
            key: &self.instance.key,
            training: self.instance.statement.clone(),
            registration: self.instance.registration(),
        }
    }
}

impl Public<'_> {
    /// The real verifier, up to its pairing check `e(left, H) = e(right, tau H)`.
    pub fn verify<T: VerifierTranscript>(&self, transcript: T) -> Result<(G1Affine, G1Affine), ProofError> {
        match self.kind {
            Kind::Training => verify_training_with(self.key, &self.training, transcript).map(|(_, left, right)| (left, right)),
            Kind::Registration => verify_registration_with(self.key, &self.registration, transcript),
        }
    }

    /// The whole verdict on messages under programmed challenges.
    pub fn accepts(&self, setup: &Setup, seed: u64, messages: &[Message]) -> bool {
        let (left, right) = self.verify(Replay { seed, messages, x: None }).expect("well-formed");
        setup.pairing_check(left, right)
    }
}

/// Scalars as they are, points by `number`.
pub fn flatten(messages: &[Message], number: impl Fn(&G1Affine) -> Fr) -> Vec<(Slot, Fr)> {
    let mut out = Vec::new();
    for m in messages {
        let (values, point) = match &m.body {
            Body::Scalars(values) => (values.clone(), false),
            Body::Points(points) => (points.iter().map(&number).collect(), true),
        };
        let slot = |position| Slot { label: m.label, index: m.index, position, point };
        out.extend(values.into_iter().enumerate().map(|(i, v)| (slot(i), v)));
    }
    out
}
