//! A statement with a witness, and the proof of it as a map: (masks, blinds) -> (revealed scalars, exponents of commitments).

use crate::common::close::Round;
use crate::common::scene::one_vector;
use crate::common::{momentum, random_records, tiny_with, Instance};
use crate::oracle::{exponent, Body, Exponents, Message, Programmed, Recorder, Replay, Scripted};
use ark_bn254::{Fr, G1Affine};
use ark_ff::UniformRand;
use fedproof_kzg::{Commit, Setup};
use fedproof_program::{Activation, CloseLayout, Columns, Kernel, Layout, Loss, MaskLayout, Program, Stage};
use fedproof_proof::generic::{
    prove_close_with, prove_registration_with, prove_training_with, verify_close_with, verify_registration_with,
    verify_training_with,
};
use fedproof_proof::{
    CloseStatement, CloseWitness, Key, ProofError, RegistrationStatement, RegistrationWitness, Silent, TrainingStatement,
    TrainingWitness,
};
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
    Close,
}

impl Kind {
    /// Scalars that follow from what is public: vtab from the key, v_zeta of a close from the next model.
    pub fn follows(self, label: u8) -> bool {
        label == label::TABLE_VALUE || (self == Self::Close && label == label::DEGREE)
    }
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
    /// Blind of a committed column: (column, blind), vector by vector. Registration: of mu, then the helpers. Close: from sg on.
    Column(usize, usize),
    /// Blind of a dataset vector, or of [S]. Not fresh: the same in all proofs about the dataset or the sum.
    Data(usize),
}

/// A revealed scalar, or the exponent of a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    pub label: u8,
    pub index: u16,
    pub position: usize,
    pub point: bool,
    /// As [`Kind::follows`].
    pub follows: bool,
}

impl Slot {
    /// [h] and [w] follow from the rest (`simulator::the_opening_follows_from_the_rest`).
    pub fn free(&self) -> bool {
        !self.follows && ![label::QUOTIENT, label::OPENING].contains(&self.label)
    }

    /// Values of masked tables.
    pub fn value(&self) -> bool {
        [label::S1A_VALUES, label::S1B_VALUES, label::S2_VALUES].contains(&self.label)
    }
}

pub struct Case {
    pub kind: Kind,
    pub instance: Instance,
    /// What a close is about.
    pub round: Option<Round>,
    pub scheme: Exponents,
}

/// Updates of a round that is closed.
const COUNT: u64 = 6;

/// What everybody knows.
pub struct Public<'a> {
    pub kind: Kind,
    pub key: &'a Key,
    pub training: TrainingStatement,
    pub registration: RegistrationStatement,
    pub close: Option<CloseStatement>,
    /// Cells of the next model.
    pub next: &'a [i64],
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
        let program = program.validated().expect("legal program");
        let round = (kind == Kind::Close).then(|| Round::over(program.clone(), seed, COUNT, &scheme, [6; 32]));
        Self { kind, instance: Instance::over(program, seed, &scheme, [6; 32]), round, scheme }
    }

    /// Over the development setup, whose tau is known.
    pub fn real(kind: Kind, program: Program, seed: u64, setup: &Setup) -> Self {
        let program = program.validated().expect("legal program");
        let round = (kind == Kind::Close).then(|| Round::over(program.clone(), seed, COUNT, setup, setup.digest()));
        let instance = Instance::over(program, seed, setup, setup.digest());
        Self { kind, instance, round, scheme: Exponents::new(Setup::development_tau(), 1 << 12) }
    }

    /// The same statement but for [D], with other data.
    pub fn with_dataset(mut self, dataset: Dataset) -> Self {
        let i = &mut self.instance;
        i.trace = execute(i.key.program(), i.key.layout(), &i.weights, &dataset, &i.schedule).expect("execution");
        i.dataset = dataset;
        self
    }

    /// The same statement but for [D] or [S], with random data.
    pub fn with_random_data(mut self, seed: u64) -> Self {
        if let Some(round) = self.round {
            self.round = Some(round.with_other_sum(seed));
            return self;
        }
        let dataset = random_dataset(&self.instance.key, seed);
        self.with_dataset(dataset)
    }

    fn round(&self) -> &Round {
        self.round.as_ref().expect("a close")
    }

    /// Layout of the close.
    pub fn shape(&self) -> &CloseLayout {
        self.instance.key.close().expect("closable").shape()
    }

    /// Blinds of [D] or [S], vector by vector.
    pub fn old_blinds(&self) -> Vec<Fr> {
        match self.kind {
            Kind::Close => self.round().sum_blinds.concat(),
            _ => self.instance.dataset_blinds.clone(),
        }
    }

    /// Flat blinds of [S], cut by vector.
    fn sum_blinds(&self, blinds: &[Fr]) -> Vec<Vec<Fr>> {
        let mut rest = blinds.iter().copied();
        self.round().sum_blinds.iter().map(|of| rest.by_ref().take(of.len()).collect()).collect()
    }

    fn masks(&self) -> &MaskLayout {
        match self.kind {
            Kind::Training => &self.instance.key.layout().masks,
            Kind::Registration => &self.instance.key.registration().masks,
            Kind::Close => &self.shape().masks,
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
            Kind::Close => {
                let shape = self.shape();
                let own = CloseLayout::SIGN..shape.count();
                (own.map(|k| shape.vectors_of(k)).collect(), shape.multiplicity() - CloseLayout::SIGN)
            }
        };
        for (k, &vectors) in vectors.iter().enumerate() {
            out.extend((0..vectors + if k == three { 2 } else { 0 }).map(|j| Source::Column(k, j)));
        }
        out
    }

    /// Everything fresh, then the blinds of [D] or [S].
    pub fn sources(&self) -> Vec<Source> {
        let mut out = self.fresh();
        out.extend((0..self.old_blinds().len()).map(Source::Data));
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
            Kind::Close => {
                let (round, key) = (self.round(), i.key.close().expect("closable"));
                let witness = CloseWitness { trace: &round.trace, sum_blinds: &self.sum_blinds(blinds) };
                prove_close_with(key, scheme, &round.statement, witness, rng, transcript, progress).expect("not cancelled");
            }
        }
    }

    /// Messages of a proof with programmed challenges, over `scheme`.
    pub fn messages<S: Commit>(&self, scheme: &S, seed: u64, rng: &mut ChaCha20Rng) -> Vec<Message> {
        let mut transcript = Recorder::new(Programmed(seed));
        self.prove(scheme, &self.old_blinds(), rng, &mut transcript);
        transcript.messages
    }

    /// The map. `variables` as in [`Case::sources`]; the exponents of [D] or [S] come last.
    pub fn run(&self, seed: u64, variables: &[Fr]) -> Vec<(Slot, Fr)> {
        let (fresh, blinds) = variables.split_at(variables.len() - self.old_blinds().len());
        let mut transcript = Recorder::new(Programmed(seed));
        let mut rng = Scripted::new(fresh);
        self.prove(&self.scheme, blinds, &mut rng, &mut transcript);
        assert!(rng.exhausted(), "the test knows of more randomness than the prover draws");
        let n = self.instance.key.layout().n();
        let commit = |cells: &[i64], blinds: &[Fr]| self.scheme.commit_small(cells, n, blinds);
        let data = match self.kind {
            Kind::Close => {
                let vectors = self.round().trace.columns[CloseLayout::SUM].chunks_exact(n);
                vectors.zip(self.sum_blinds(blinds)).map(|(v, b)| commit(v, &b)).collect()
            }
            _ => (0..blinds.len()).map(|v| commit(self.instance.dataset.vector(v), &blinds[v..=v])).collect(),
        };
        transcript.messages.push(Message { label: label::STATEMENT, index: 0, body: Body::Points(data) });
        flatten(self.kind, &transcript.messages, exponent)
    }

    /// As [`Case::run`], values only.
    pub fn values(&self, seed: u64, variables: &[Fr]) -> Vec<Fr> {
        self.run(seed, variables).into_iter().map(|(_, v)| v).collect()
    }

    /// Random values of everything fresh, and the blinds of [D] or [S].
    pub fn random_variables(&self, rng: &mut ChaCha20Rng) -> Vec<Fr> {
        let mut out: Vec<Fr> = self.fresh().iter().map(|_| Fr::rand(rng)).collect();
        out.extend(self.old_blinds());
        out
    }

    pub fn public(&self) -> Public<'_> {
        Public {
            kind: self.kind,
            key: &self.instance.key,
            training: self.instance.statement.clone(),
            registration: self.instance.registration(),
            close: self.round.as_ref().map(|round| round.statement.clone()),
            next: self.round.as_ref().map_or(&[], |round| &round.trace.columns[CloseLayout::NEXT]),
        }
    }
}

impl Public<'_> {
    /// The real verifier, up to its pairing check `e(left, H) = e(right, tau H)`.
    pub fn verify<T: VerifierTranscript>(&self, transcript: T) -> Result<(G1Affine, G1Affine), ProofError> {
        match self.kind {
            Kind::Training => verify_training_with(self.key, &self.training, transcript).map(|(_, left, right)| (left, right)),
            Kind::Registration => verify_registration_with(self.key, &self.registration, transcript),
            Kind::Close => {
                verify_close_with(self.key.close().expect("closable"), self.close.as_ref().expect("a close"), transcript)
            }
        }
    }

    /// The whole verdict on messages under programmed challenges.
    pub fn accepts(&self, setup: &Setup, seed: u64, messages: &[Message]) -> bool {
        let (left, right) = self.verify(Replay { seed, messages, x: None }).expect("well-formed");
        setup.pairing_check(left, right)
    }
}

/// Scalars as they are, points by `number`.
pub fn flatten(kind: Kind, messages: &[Message], number: impl Fn(&G1Affine) -> Fr) -> Vec<(Slot, Fr)> {
    let mut out = Vec::new();
    for m in messages {
        let (values, point) = match &m.body {
            Body::Scalars(values) => (values.clone(), false),
            Body::Points(points) => (points.iter().map(&number).collect(), true),
        };
        let slot = |position| Slot { label: m.label, index: m.index, position, point, follows: kind.follows(m.label) };
        out.extend(values.into_iter().enumerate().map(|(i, v)| (slot(i), v)));
    }
    out
}
