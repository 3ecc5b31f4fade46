//! A proof holds for exactly one statement under one key.

use crate::common::record::{honest, Shared};
use crate::common::scene::{confirm, small, small_with};
use crate::common::trapdoor::Trapdoor;
use crate::common::{momentum, setup, Instance};
use ark_ec::{AffineRepr, CurveGroup};
use fedproof_program::{Activation, Kernel, Loss, Program};
use fedproof_proof::generic::verify_training_with;
use fedproof_proof::{verify_registration, verify_training, Key, ProofError, RegistrationStatement, TrainingStatement};
use fedproof_transcript::{G1Affine, KeccakVerifier, ProofKind};

fn training() -> (Instance, Vec<u8>) {
    training_of(small(Loss::Sigmoid, &[5, 3, 3]))
}

fn training_of(program: Program) -> (Instance, Vec<u8>) {
    let mut instance = Instance::quick(program, 3);
    let file = instance.prove_recorded(&Shared::default(), honest);
    assert_eq!(instance.verify(&file), Ok(()));
    (instance, file)
}

fn registered() -> (Instance, RegistrationStatement, Vec<u8>) {
    registered_of(small(Loss::Sigmoid, &[5, 3, 3]))
}

fn registered_of(program: Program) -> (Instance, RegistrationStatement, Vec<u8>) {
    let mut instance = Instance::quick(program, 3);
    let statement = instance.registration();
    let file = instance.register_recorded(&statement, &Shared::default(), honest);
    assert_eq!(instance.verify_registered(&statement, &file), Ok(()));
    (instance, statement, file)
}

/// First, last and one bit in the middle.
fn flips(word: [u8; 32]) -> Vec<[u8; 32]> {
    let flip = |at: usize, bit: u8| {
        let mut out = word;
        out[at] ^= bit;
        out
    };
    vec![flip(0, 0x80), flip(15, 4), flip(31, 1)]
}

fn other(point: G1Affine) -> G1Affine {
    (point + G1Affine::generator()).into_affine()
}

#[test]
fn every_public_input_of_a_training_proof() {
    let (instance, file) = training();
    let s = &instance.statement;
    let mut changed: Vec<(&str, TrainingStatement)> = Vec::new();
    for word in flips(s.chain_id) {
        changed.push(("chain id", TrainingStatement { chain_id: word, ..s.clone() }));
    }
    for word in flips(s.hub) {
        changed.push(("hub", TrainingStatement { hub: word, ..s.clone() }));
    }
    for word in flips(s.submitter) {
        changed.push(("submitter", TrainingStatement { submitter: word, ..s.clone() }));
    }
    for word in flips(s.task) {
        changed.push(("task", TrainingStatement { task: word, ..s.clone() }));
    }
    for word in flips(s.round) {
        changed.push(("round", TrainingStatement { round: word, ..s.clone() }));
    }
    for word in flips(s.dataset_id) {
        changed.push(("dataset id", TrainingStatement { dataset_id: word, ..s.clone() }));
    }
    changed.push(("hub and submitter swapped", TrainingStatement { hub: s.submitter, submitter: s.hub, ..s.clone() }));
    for (i, &point) in s.weights.iter().enumerate() {
        for new in [other(point), -point, G1Affine::identity(), s.dataset[0]] {
            let mut weights = s.weights.clone();
            weights[i] = new;
            changed.push(("[W_0]", TrainingStatement { weights, ..s.clone() }));
        }
    }
    for (i, &point) in s.dataset.iter().enumerate() {
        for new in [other(point), -point, G1Affine::identity(), s.weights[0]] {
            let mut dataset = s.dataset.clone();
            dataset[i] = new;
            changed.push(("[D]", TrainingStatement { dataset, ..s.clone() }));
        }
    }
    let mut turned = s.clone();
    turned.schedule.pi.reverse();
    changed.push(("pi", turned));
    for beta in (0..4).filter(|&b| b != s.schedule.beta) {
        let mut moved = s.clone();
        moved.schedule.beta = beta;
        changed.push(("beta", moved));
    }
    for count in (0..s.count).chain([s.count - 1]) {
        changed.push(("count", TrainingStatement { count, ..s.clone() }));
    }
    assert!(changed.len() > 35);
    for (what, statement) in changed {
        let verdict = verify_training(&instance.key, setup(), &statement, &file);
        assert_eq!(verdict, Err(ProofError::OpeningFailed), "{what}");
    }
}

#[test]
fn every_public_input_of_a_registration_proof() {
    let (instance, s, file) = registered();
    let mut changed: Vec<(&str, RegistrationStatement)> = Vec::new();
    for word in flips(s.chain_id) {
        changed.push(("chain id", RegistrationStatement { chain_id: word, ..s.clone() }));
    }
    for word in flips(s.hub) {
        changed.push(("hub", RegistrationStatement { hub: word, ..s.clone() }));
    }
    for word in flips(s.submitter) {
        changed.push(("submitter", RegistrationStatement { submitter: word, ..s.clone() }));
    }
    for word in flips(s.task) {
        changed.push(("task", RegistrationStatement { task: word, ..s.clone() }));
    }
    for word in flips(s.nonce_commitment) {
        changed.push(("nonce commitment", RegistrationStatement { nonce_commitment: word, ..s.clone() }));
    }
    for new in [other(s.dataset[0]), -s.dataset[0], G1Affine::identity()] {
        changed.push(("[D]", RegistrationStatement { dataset: vec![new], ..s.clone() }));
    }
    for count in 0..s.count {
        changed.push(("count", RegistrationStatement { count, ..s.clone() }));
    }
    for (what, statement) in changed {
        assert_eq!(instance.verify_registered(&statement, &file), Err(ProofError::OpeningFailed), "{what}");
        assert_ne!(statement.dataset_id(&instance.key), s.dataset_id(&instance.key), "{what}: same dataset id");
    }
}

/// Statements that do not fit the key are not even read (V5).
#[test]
fn statements_that_do_not_fit() {
    let (instance, file) = training();
    let s = &instance.statement;
    let schedule = |pi: Vec<u8>, beta: u32| {
        let mut out = s.clone();
        out.schedule = fedproof_program::Schedule { pi, beta };
        ("schedule", out)
    };
    let (weights, dataset) = (&s.weights, &s.dataset);
    let wrong = [
        ("weights", TrainingStatement { weights: vec![], ..s.clone() }),
        ("weights", TrainingStatement { weights: [weights.clone(), weights.clone()].concat(), ..s.clone() }),
        ("dataset", TrainingStatement { dataset: vec![], ..s.clone() }),
        ("dataset", TrainingStatement { dataset: [dataset.clone(), dataset.clone()].concat(), ..s.clone() }),
        schedule(vec![], 0),
        schedule(vec![0], 0),
        schedule(vec![0, 0], 0),
        schedule(vec![0, 2], 0),
        schedule(vec![0, 1, 2], 0),
        schedule(vec![0, 1], 4),
        schedule(vec![0, 1], u32::MAX),
        ("count", TrainingStatement { count: s.count + 1, ..s.clone() }),
        ("count", TrainingStatement { count: u64::MAX, ..s.clone() }),
    ];
    for (field, statement) in wrong {
        let verdict = verify_training(&instance.key, setup(), &statement, &file);
        assert_eq!(verdict, Err(ProofError::WrongStatement { field }), "{:?}", statement.schedule);
    }
    let (instance, s, file) = registered();
    let wrong = [
        ("dataset", RegistrationStatement { dataset: vec![], ..s.clone() }),
        ("dataset", RegistrationStatement { dataset: [s.dataset.clone(), s.dataset.clone()].concat(), ..s.clone() }),
        ("count", RegistrationStatement { count: s.count + 1, ..s.clone() }),
        ("count", RegistrationStatement { count: u64::MAX, ..s.clone() }),
    ];
    for (field, statement) in wrong {
        assert_eq!(instance.verify_registered(&statement, &file), Err(ProofError::WrongStatement { field }));
    }
}

/// `p` with another explicit kernel; `change` acts on fraction bits, taps and factors.
fn explicit(p: &Program, change: impl Fn(&mut u32, &mut Vec<i64>, &mut Vec<i64>)) -> Program {
    let mut kernel = p.kernel.clone();
    if let Kernel::Explicit { fraction_bits, taps, decay } = &mut kernel {
        change(fraction_bits, taps, decay);
    }
    Program { kernel, ..p.clone() }
}

/// Programs that differ from `p` in one field each, which keep its vectors if they can.
fn others(p: &Program) -> Vec<Program> {
    let mut out = vec![
        Program { loss: Loss::Squared, one_hot: false, loss_weights: vec![], ..p.clone() },
        Program { loss: Loss::Huber, huber: 6, one_hot: false, loss_weights: vec![], ..p.clone() },
        Program { loss: Loss::Huber, huber: 7, one_hot: false, loss_weights: vec![], ..p.clone() },
        Program { loss: Loss::Sigmoid, one_hot: false, loss_weights: vec![], ..p.clone() },
        Program { loss: Loss::Softmax, ..p.clone() },
        Program { loss: Loss::Sigmoid, ..p.clone() },
        Program { dims: vec![5, 3, 2], loss_weights: p.loss_weights.iter().copied().take(2).collect(), ..p.clone() },
        Program { dims: vec![5, 4, 3], ..p.clone() },
        Program { dims: vec![6, 3, 3], ..p.clone() },
        Program { batch: 1, ..p.clone() },
        Program { blocks: 8, ..p.clone() },
        Program { bits: 6, ..p.clone() },
        Program { limb_bits: 6, ..p.clone() },
        Program { weight_bits: p.weight_bits + 1, ..p.clone() },
        Program { activation_bits: 3, ..p.clone() },
        Program { activation_bits: 1, ..p.clone() },
        Program { delta_bits: 2, ..p.clone() },
        Program { bound_bits: p.bound_bits + 1, ..p.clone() },
        Program { openings: 2, ..p.clone() },
        Program { group: 3, ..p.clone() },
        Program { vector_bits: p.vector_bits + 1, ..p.clone() },
        Program { loss_weights: vec![256, 256, 256], ..p.clone() },
        Program { loss_weights: vec![256, 256, 257], ..p.clone() },
        Program { kernel: Kernel::Plain(4), ..p.clone() },
        Program { kernel: momentum(p.steps, 0), ..p.clone() },
        Program { kernel: momentum(p.steps, 1), ..p.clone() },
    ];
    out.extend(Activation::all().map(|a| Program { activations: vec![a], ..p.clone() }));
    if matches!(p.kernel, Kernel::Plain(_)) {
        out.extend([Program { steps: 3, ..p.clone() }, Program { steps: 2, ..p.clone() }]);
    } else {
        let shorter = explicit(p, |_, taps, decay| {
            taps.truncate(3);
            decay.truncate(3);
        });
        out.push(Program { steps: 3, ..shorter });
        out.push(explicit(p, |bits, _, _| *bits += 1));
        for at in 0..p.steps {
            out.push(explicit(p, |_, taps, _| taps[at] += 1));
            out.push(explicit(p, |_, _, decay| decay[at] -= 1));
        }
    }
    out.retain(|other| other != p);
    out.into_iter().map(|o| o.clone().validated().or_else(|_| o.with_shortest_vectors()).expect("legal program")).collect()
}

/// Every field of the program: the learning rate, the widths, the order of things, the table of an activation.
#[test]
fn another_program() {
    let featured = small_with(Loss::Softmax, &[5, 3, 3], |p| {
        (p.weight_bits, p.bound_bits, p.kernel) = (11, 13, momentum(4, 3));
        (p.activations, p.loss_weights) = (vec![Activation::Tanh], vec![300, 256, 100]);
    });
    let plain = small_with(Loss::Sigmoid, &[5, 3, 3], |p| (p.weight_bits, p.bound_bits) = (11, 13));
    for program in [plain, featured] {
        let (instance, file) = training_of(program.clone());
        let (registered, statement, registration) = registered_of(program);
        let p = instance.key.program().clone();
        let mut digests = vec![p.digest()];
        for program in others(&p) {
            let key = Key::with(program.clone(), &Trapdoor, setup().digest());
            assert!(!digests.contains(&program.digest()), "{program:?}");
            digests.push(program.digest());
            let verdict = verify_training(&key, setup(), &instance.statement, &file);
            assert!(verdict.is_err(), "{program:?}");
            if key.training_bytes() == instance.key.training_bytes() && program.blocks == p.blocks && program.steps == p.steps {
                assert!(
                    matches!(verdict, Err(ProofError::OpeningFailed | ProofError::WrongStatement { .. })),
                    "{program:?}: {verdict:?}"
                );
            }
            assert!(verify_registration(&key, setup(), &statement, &registration).is_err(), "{program:?}");
            assert_ne!(statement.dataset_id(&key), statement.dataset_id(&registered.key), "{program:?}");
        }
    }
}

/// The setup's digest is part of the statement, and the setup must be the key's (V6).
#[test]
fn another_setup() {
    let (instance, file) = training();
    let key = Key::with(instance.key.program().clone(), &Trapdoor, [7; 32]);
    assert_eq!(verify_training(&key, setup(), &instance.statement, &file), Err(ProofError::WrongSetup));
    let transcript = KeccakVerifier::new(ProofKind::Training, &file[11..]);
    let (_, left, right) = verify_training_with(&key, &instance.statement, transcript).expect("readable");
    assert_eq!(confirm((left, right)), Err(ProofError::OpeningFailed));
    let (registered, statement, file) = registered();
    let key = Key::with(registered.key.program().clone(), &Trapdoor, [7; 32]);
    assert_eq!(verify_registration(&key, setup(), &statement, &file), Err(ProofError::WrongSetup));
}

/// Another participant cannot use a proof or a commitment of this one: neither the update nor the dataset moves.
#[test]
fn replay() {
    let (instance, file) = training();
    let mut thief = Instance::quick(small(Loss::Sigmoid, &[5, 3, 3]), 8);
    thief.statement.submitter = [6; 32];
    assert_eq!(thief.verify(&file), Err(ProofError::OpeningFailed));
    let mut stolen = instance.statement.clone();
    stolen.submitter = [6; 32];
    assert_eq!(verify_training(&instance.key, setup(), &stolen, &file), Err(ProofError::OpeningFailed));
    // The victim's commitment as the thief's dataset: the thief has no witness for it.
    thief.statement.dataset = instance.statement.dataset.clone();
    let forged = thief.prove_recorded(&Shared::default(), honest);
    assert_eq!(thief.verify(&forged), Err(ProofError::OpeningFailed));
}
