//! Honest proofs of all shapes are accepted.

mod common;

use common::{setup, tiny, Instance};
use fedproof_program::{Activation, Loss, Program};
use fedproof_proof::{prove_registration, verify_registration, RegistrationWitness, Silent};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn accepts(name: &str, program: Program, seed: u64) {
    let mut instance = Instance::new(program, seed);
    let (file, secret) = instance.prove();
    assert_eq!(file.len(), 11 + instance.key.training_bytes(), "{name}: length");
    assert_eq!(instance.verify(&file), Ok(()), "{name}: training");
    assert_eq!(secret.commitment.len(), instance.key.layout().weight_vectors());
    let statement = instance.registration();
    let witness = RegistrationWitness { dataset: &instance.dataset, blinds: &instance.dataset_blinds };
    let mut rng = ChaCha20Rng::seed_from_u64(seed + 1);
    let file = prove_registration(&instance.key, setup(), &statement, witness, &mut rng, &mut Silent).expect("not cancelled");
    assert_eq!(file.len(), 11 + instance.key.registration_bytes());
    assert_eq!(verify_registration(&instance.key, setup(), &statement, &file), Ok(()), "{name}: registration");
}

#[test]
fn logistic() {
    accepts("logistic", tiny(Loss::Sigmoid, &[5, 1], 4, 4, 8), 1);
}

#[test]
fn one_hidden_layer() {
    accepts("5-7-3", tiny(Loss::Sigmoid, &[5, 7, 3], 4, 4, 8), 2);
}

#[test]
fn shapes() {
    for (seed, (loss, dims, steps, batch, blocks)) in [
        (Loss::Sigmoid, vec![5usize, 8, 3], 4, 4, 8),
        (Loss::Sigmoid, vec![5, 4, 4, 2], 4, 4, 8),
        (Loss::Squared, vec![6, 1], 4, 4, 8),
        (Loss::Squared, vec![5, 3, 2], 4, 4, 4),
        (Loss::Sigmoid, vec![5, 7, 3], 1, 4, 8),
        (Loss::Sigmoid, vec![2, 2, 1], 1, 2, 1),
        (Loss::Sigmoid, vec![3, 2], 2, 2, 1),
        (Loss::Squared, vec![2, 3, 1], 3, 2, 1),
        (Loss::Sigmoid, vec![3, 2], 4, 1, 1),
        (Loss::Sigmoid, vec![5, 7, 1], 3, 2, 4),
        (Loss::Sigmoid, vec![5, 7, 3], 2, 1, 8),
        (Loss::Sigmoid, vec![16, 16, 2], 8, 2, 2),
        (Loss::Sigmoid, vec![3, 5, 2], 7, 2, 4),
        (Loss::Sigmoid, vec![5, 7, 3], 4, 4, 64),
        (Loss::Sigmoid, vec![30, 31, 3], 2, 2, 4),
    ]
    .into_iter()
    .enumerate()
    {
        accepts(&format!("{dims:?} T={steps} B={batch}"), tiny(loss, &dims, steps, batch, blocks), seed as u64 + 10);
    }
}

#[test]
fn partial_limb_and_identity() {
    let mut program = tiny(Loss::Sigmoid, &[5, 6, 4, 2], 3, 4, 4);
    program.weight_bits = 15;
    program.bound_bits = 16;
    program.activations = vec![Activation::Identity, Activation::Relu];
    accepts("partial limb", program.validated().expect("legal"), 40);
}

#[test]
fn groups() {
    for group in 2..=6 {
        let mut program = tiny(Loss::Sigmoid, &[5, 7, 3], 4, 4, 8);
        program.group = group;
        accepts(&format!("group {group}"), program, 50);
    }
}

#[test]
fn several_vectors() {
    let program = tiny(Loss::Sigmoid, &[40, 40, 3], 2, 2, 64);
    let instance = Instance::new(program.clone(), 60);
    assert!(instance.key.layout().weight_vectors() > 1, "weights span several vectors");
    assert!(instance.key.layout().data_vectors() > 1, "data span several vectors");
    accepts("several vectors", program, 60);
}
