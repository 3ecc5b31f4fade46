//! Honest proofs of all shapes are accepted.

mod common;

use common::{momentum, setup, tiny, tiny_with, Instance};
use fedproof_program::{Activation, Loss, Program};
use fedproof_proof::{prove_registration, verify_registration, RegistrationWitness, Silent};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn accepts(name: &str, program: Program, seed: u64) {
    let mut instance = Instance::new(program, seed);
    let (file, secret) = instance.prove();
    assert_eq!(file.len(), 11 + instance.key.training_bytes(), "{name}: length");
    assert_eq!(instance.verify(&file), Ok(()), "{name}: training");
    assert_eq!(secret.commitment.len(), instance.key.layout().weight_vectors);
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
    accepts("partial limb", program.with_shortest_vectors().expect("legal"), 40);
}

#[test]
fn groups() {
    for group in 2..=12 {
        let mut program = tiny(Loss::Sigmoid, &[5, 7, 3], 4, 4, 8);
        program.group = group;
        let program = program.with_shortest_vectors().expect("legal");
        accepts(&format!("group {group}"), program, 50);
    }
}

#[test]
fn several_vectors() {
    let program = tiny(Loss::Sigmoid, &[40, 40, 3], 2, 2, 64);
    let instance = Instance::new(program.clone(), 60);
    assert!(instance.key.layout().weight_vectors > 1, "weights span several vectors");
    assert!(instance.key.layout().data_vectors > 1, "data span several vectors");
    accepts("several vectors", program, 60);
}

#[test]
fn every_activation() {
    for (seed, activation) in (70..).zip(Activation::all()) {
        let program = tiny_with(Loss::Sigmoid, &[5, 6, 3], 3, 2, 4, |p| p.activations = vec![activation]);
        accepts(activation.name(), program, seed);
    }
    let mixed = tiny_with(Loss::Softmax, &[5, 6, 4, 5, 3], 3, 2, 4, |p| {
        p.activations = vec![Activation::Gelu, Activation::Relu, Activation::Tanh];
    });
    accepts("mixed", mixed, 80);
}

#[test]
fn every_loss() {
    let softmax = |dims: &[usize], change: fn(&mut Program)| tiny_with(Loss::Softmax, dims, 3, 2, 4, change);
    accepts("softmax", softmax(&[5, 4, 3], |_| {}), 90);
    accepts("softmax of two", softmax(&[5, 2], |_| {}), 91);
    accepts("softmax of four", softmax(&[4, 4], |p| p.limb_bits = 5), 92);
    accepts("class weights", softmax(&[5, 4, 3], |p| p.loss_weights = vec![256, 100, 700]), 93);
    let sigmoid = |dims: &[usize], change: fn(&mut Program)| tiny_with(Loss::Sigmoid, dims, 3, 2, 4, change);
    accepts("class weights of a sigmoid", sigmoid(&[5, 4, 3], |p| p.loss_weights = vec![256, 100, 0]), 94);
    accepts("multi-label", sigmoid(&[5, 4, 3], |p| p.one_hot = false), 95);
    let labels = |p: &mut Program| (p.one_hot, p.loss_weights) = (false, vec![256, 512, 0, 300, 65535, 1]);
    accepts("label weights", sigmoid(&[5, 4, 3], labels), 96);
    accepts("weights of one label", sigmoid(&[5, 1], |p| p.loss_weights = vec![100, 356]), 97);
    accepts("huber", tiny(Loss::Huber, &[5, 4, 3], 3, 2, 4), 98);
    accepts("huber of one", tiny(Loss::Huber, &[5, 1], 4, 2, 4), 99);
}

#[test]
fn kernels() {
    for (seed, steps) in (100..).zip([1, 2, 3, 4, 5, 8]) {
        let plain = tiny_with(Loss::Sigmoid, &[5, 4, 3], steps, 2, 4, |p| p.kernel = momentum(steps, 0));
        accepts(&format!("momentum over {steps}"), plain, seed);
        let decay = tiny_with(Loss::Softmax, &[5, 4, 3], steps, 2, 4, |p| p.kernel = momentum(steps, 6));
        accepts(&format!("weight decay over {steps}"), decay, seed + 10);
    }
}

#[test]
fn columns_of_several_vectors() {
    for (seed, vector_bits) in (120..).zip(9..=12) {
        let program = tiny_with(Loss::Softmax, &[9, 20, 3], 5, 8, 16, |p| {
            (p.vector_bits, p.activations) = (vector_bits, vec![Activation::Tanh]);
        });
        let instance = Instance::new(program.clone(), seed);
        let layout = instance.key.layout();
        assert_eq!(layout.columns.vectors(0), layout.trace_rows.div_ceil(1 << vector_bits));
        accepts(&format!("vectors of 2^{vector_bits}"), program, seed);
    }
}

#[test]
fn wide_limbs() {
    for limb_bits in [4, 5, 7, 9] {
        accepts(
            &format!("limbs of {limb_bits}"),
            tiny_with(Loss::Softmax, &[5, 4, 3], 3, 2, 4, |p| p.limb_bits = limb_bits),
            130,
        );
    }
}
