//! Small random instances shared by the tests of this crate.
#![allow(dead_code)]

pub mod close;
pub mod golden;
pub mod raw;
pub mod record;
pub mod scene;
pub mod trapdoor;

use ark_bn254::Fr;
use ark_ff::UniformRand;
use fedproof_kzg::{Commit, Setup};
use fedproof_program::{init_weights, Activation, Kernel, Loss, Program, Schedule, Weights};
use fedproof_proof::{
    prove_training, Key, ProofError, RegistrationStatement, Silent, TrainingStatement, TrainingWitness, UpdateSecret,
};
use fedproof_witness::{execute, weight_table, Dataset, Trace};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::sync::OnceLock;

/// Powers of the shared development setup.
const POWERS: usize = 1 << 13;

pub fn setup() -> &'static Setup {
    static SETUP: OnceLock<Setup> = OnceLock::new();
    SETUP.get_or_init(|| Setup::development(POWERS))
}

/// 6 bits everywhere: tables of 64 rows; vectors as short as they can be.
pub fn tiny(loss: Loss, dims: &[usize], steps: usize, batch: usize, blocks: usize) -> Program {
    tiny_with(loss, dims, steps, batch, blocks, |_| {})
}

/// As [`tiny`], with changes.
pub fn tiny_with(
    loss: Loss,
    dims: &[usize],
    steps: usize,
    batch: usize,
    blocks: usize,
    change: impl FnOnce(&mut Program),
) -> Program {
    let outputs = dims.last().copied().unwrap_or(0);
    let mut program = Program {
        loss,
        one_hot: loss.classifies() && outputs >= 2,
        dims: dims.to_vec(),
        activations: vec![Activation::Relu; dims.len() - 2],
        steps,
        batch,
        blocks,
        bits: 6,
        limb_bits: 6,
        weight_bits: 12,
        activation_bits: 3,
        delta_bits: 4,
        bound_bits: 14,
        openings: 1,
        group: 3,
        vector_bits: 0,
        huber: if loss == Loss::Huber { 9 } else { 0 },
        loss_weights: Vec::new(),
        kernel: Kernel::Plain(5),
    };
    change(&mut program);
    if program.vector_bits == 0 { program.with_shortest_vectors() } else { program.validated() }.expect("legal program")
}

/// Momentum with decay over `steps` steps, as integers.
pub fn momentum(steps: usize, fraction_bits: u32) -> Kernel {
    let one = 1i64 << fraction_bits;
    Kernel::Explicit {
        fraction_bits,
        taps: (1..=steps as i64).map(|d| (5 * d + d * d % 7) << fraction_bits.min(2)).collect(),
        decay: (1..=steps as i64).map(|t| if fraction_bits == 0 { 1 } else { one - t * one / 16 }).collect(),
    }
}

#[derive(Clone)]
pub struct Instance {
    pub key: Key,
    pub weights: Weights,
    pub dataset: Dataset,
    pub dataset_blinds: Vec<Fr>,
    pub schedule: Schedule,
    pub trace: Trace,
    pub statement: TrainingStatement,
    pub rng: ChaCha20Rng,
}

/// Random features and targets in the program's ranges.
pub fn random_records(program: &Program, rng: &mut ChaCha20Rng) -> (Vec<i64>, Vec<i64>) {
    let half = 1i64 << (program.bits - 1);
    let n = program.records();
    let features = (0..n * program.dims[0]).map(|_| rng.gen_range(-half..half)).collect();
    let one = 1i64 << program.delta_bits;
    let d = program.outputs();
    let targets = (0..n)
        .flat_map(|_| {
            let class = rng.gen_range(0..d.max(2));
            let value: i64 = rng.gen_range(-half..half);
            (0..d)
                .map(move |j| match program.loss {
                    Loss::Squared | Loss::Huber => value,
                    _ if program.one_hot => one * i64::from(j == class),
                    _ => one * ((class >> (j % 3)) & 1) as i64,
                })
                .collect::<Vec<_>>()
        })
        .collect();
    (features, targets)
}

impl Instance {
    pub fn new(program: Program, seed: u64) -> Self {
        Self::over(program, seed, setup(), setup().digest())
    }

    pub fn over<S: Commit>(program: Program, seed: u64, commit: &S, digest: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let key = Key::with(program.clone(), commit, digest);
        let layout = key.layout();
        let n = layout.n();
        let weights = init_weights(&program, &[seed as u8; 32]);
        let (features, targets) = random_records(&program, &mut rng);
        let dataset = Dataset::new(&program, layout, &features, &targets).expect("dataset");
        let dataset_blinds: Vec<Fr> = (0..dataset.vectors()).map(|_| Fr::rand(&mut rng)).collect();
        let schedule = Schedule::from_seed(&program, &[seed as u8 ^ 7; 32]);
        let trace = execute(&program, layout, &weights, &dataset, &schedule).expect("execution");
        let commitments =
            (0..dataset.vectors()).map(|v| commit.commit_small(dataset.vector(v), n, &dataset_blinds[v..=v])).collect();
        let start = weight_table(&program, layout, &weights).chunks_exact(n).map(|v| commit.commit_small(v, n, &[])).collect();
        let statement = TrainingStatement {
            chain_id: [0; 32],
            hub: [1; 32],
            submitter: [2; 32],
            task: [3; 32],
            round: [4; 32],
            weights: start,
            dataset_id: [5; 32],
            dataset: commitments,
            schedule: schedule.clone(),
            count: (program.steps * program.batch) as u64,
        };
        Self { key, weights, dataset, dataset_blinds, schedule, trace, statement, rng }
    }

    pub fn witness(&self) -> TrainingWitness<'_> {
        TrainingWitness {
            weights: &self.weights,
            dataset: &self.dataset,
            dataset_blinds: &self.dataset_blinds,
            trace: &self.trace,
        }
    }

    pub fn prove(&mut self) -> (Vec<u8>, UpdateSecret) {
        let mut rng = ChaCha20Rng::from_rng(&mut self.rng).expect("rng");
        prove_training(&self.key, setup(), &self.statement, self.witness(), &mut rng, &mut Silent).expect("not cancelled")
    }

    pub fn verify(&self, file: &[u8]) -> Result<(), ProofError> {
        fedproof_proof::verify_training(&self.key, setup(), &self.statement, file).map(|_| ())
    }

    pub fn registration(&self) -> RegistrationStatement {
        RegistrationStatement {
            chain_id: [0; 32],
            hub: [1; 32],
            submitter: [2; 32],
            task: [3; 32],
            nonce_commitment: [9; 32],
            dataset: self.statement.dataset.clone(),
            count: self.key.program().records() as u64,
        }
    }
}
