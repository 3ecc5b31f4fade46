//! One small key, and an honest proof of each kind under it.

use ark_bn254::Fr;
use ark_ff::UniformRand;
use fedproof_kzg::{Commit, Setup};
use fedproof_program::{init_weights, Activation, Kernel, Loss, Program, Schedule};
use fedproof_proof::{
    prove_close, prove_registration, prove_training, CloseStatement, CloseWitness, Key, RegistrationStatement,
    RegistrationWitness, Silent, TrainingStatement, TrainingWitness,
};
use fedproof_witness::{execute, weight_table, CloseTrace, Dataset};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::sync::OnceLock;

pub(crate) struct Scene {
    pub(crate) setup: Setup,
    pub(crate) key: Key,
    pub(crate) training: TrainingStatement,
    pub(crate) training_file: Vec<u8>,
    pub(crate) registration: RegistrationStatement,
    pub(crate) registration_file: Vec<u8>,
    pub(crate) close: CloseStatement,
    pub(crate) close_file: Vec<u8>,
}

/// Five bits, four steps of two records; vectors as short as they can be.
pub(crate) fn program(loss: Loss, dims: &[usize], change: impl FnOnce(&mut Program)) -> Program {
    let mut program = Program {
        loss,
        one_hot: loss.classifies() && dims.last() > Some(&1),
        dims: dims.to_vec(),
        activations: vec![Activation::Relu; dims.len().saturating_sub(2)],
        steps: 4,
        batch: 2,
        blocks: 4,
        bits: 5,
        limb_bits: 5,
        weight_bits: 10,
        activation_bits: 2,
        delta_bits: 3,
        bound_bits: 12,
        openings: 1,
        group: 4,
        vector_bits: 0,
        huber: if loss == Loss::Huber { 6 } else { 0 },
        loss_weights: Vec::new(),
        kernel: Kernel::Plain(3),
    };
    change(&mut program);
    legal(program.with_shortest_vectors())
}

/// The scene all proof targets play in.
pub(crate) fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| build(program(Loss::Sigmoid, &[3, 2, 2], |_| {})))
}

#[allow(clippy::panic)] // without a scene there is nothing to fuzz
pub(crate) fn legal<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("the scene is not legal: {error:?}"))
}

fn build(program: Program) -> Scene {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let layout = fedproof_program::Layout::of(&program);
    let (setup, n) = (Setup::development(layout.setup_powers()), layout.n());
    let key = Key::new(program.clone(), &setup);
    let half = 1i64 << (program.bits - 1);
    let features: Vec<i64> = (0..program.records() * program.dims[0]).map(|_| rng.gen_range(-half..half)).collect();
    let one = 1i64 << program.delta_bits;
    let targets: Vec<i64> = (0..program.records()).flat_map(|i| if i % 3 == 0 { [one, 0] } else { [0, one] }).collect();
    let weights = init_weights(&program, &[7; 32]);
    let dataset = legal(Dataset::new(&program, &layout, &features, &targets));
    let blinds: Vec<Fr> = (0..dataset.vectors()).map(|_| Fr::rand(&mut rng)).collect();
    let schedule = Schedule::from_seed(&program, &[9; 32]);
    let trace = legal(execute(&program, &layout, &weights, &dataset, &schedule));
    let points: Vec<_> = (0..dataset.vectors()).map(|v| setup.commit_small(dataset.vector(v), n, &blinds[v..=v])).collect();
    let start = weight_table(&program, &layout, &weights).chunks_exact(n).map(|v| setup.commit_small(v, n, &[])).collect();
    let (chain_id, hub, submitter, task) = ([0; 32], [1; 32], [2; 32], [3; 32]);
    let registration = RegistrationStatement {
        chain_id,
        hub,
        submitter,
        task,
        nonce_commitment: [9; 32],
        dataset: points.clone(),
        count: program.records() as u64,
    };
    let training = TrainingStatement {
        chain_id,
        hub,
        submitter,
        task,
        round: [4; 32],
        weights: start,
        dataset_id: registration.dataset_id(&key),
        dataset: points,
        schedule,
        count: (program.steps * program.batch) as u64,
    };
    let witness = RegistrationWitness { dataset: &dataset, blinds: &blinds };
    let registration_file = legal(prove_registration(&key, &setup, &registration, witness, &mut rng, &mut Silent));
    let witness = TrainingWitness { weights: &weights, dataset: &dataset, dataset_blinds: &blinds, trace: &trace };
    let (training_file, secret) = legal(prove_training(&key, &setup, &training, witness, &mut rng, &mut Silent));
    // A round with one update.
    let shape = legal(key.close()).shape();
    let round = CloseTrace::new(&program, &layout, shape, &trace.update, 1);
    let next = round.columns[fedproof_program::CloseLayout::NEXT].chunks_exact(n);
    let close = CloseStatement {
        chain_id,
        hub,
        submitter,
        task,
        round: [4; 32],
        summed: secret.commitment,
        weights: next.map(|v| setup.commit_small(v, n, &[])).collect(),
        count: 1,
    };
    let witness = CloseWitness { trace: &round, sum_blinds: &secret.blinds };
    let close_file = legal(prove_close(legal(key.close()), &setup, &close, witness, &mut rng, &mut Silent));
    Scene { setup, key, training, training_file, registration, registration_file, close, close_file }
}
