//! Honest closes of all shapes are accepted, and tell what the rules say.

mod common;

use common::close::{scale, Round};
use common::scene::small;
use common::{momentum, setup, tiny, tiny_with};
use fedproof_program::{Activation, CloseLayout, Loss, Program, ProgramError};
use fedproof_proof::Key;
use fedproof_witness::weights_from_table;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

fn accepts(name: &str, program: Program, seed: u64, count: u64) -> Round {
    let mut round = Round::new(program, seed, count);
    let file = round.prove();
    assert_eq!(file.len(), 11 + round.key.close().expect("closable").close_bytes(), "{name}: length");
    assert_eq!(round.verify(&file), Ok(()), "{name}");
    round
}

/// As [`accepts`], over the trapdoor.
fn accepts_quick(name: &str, program: Program, seed: u64, count: u64) -> Round {
    let mut round = Round::quick(program, seed, count);
    let file = round.prove_quick();
    assert_eq!(round.verify_quick(&file), Ok(()), "{name}");
    round
}

#[test]
fn counts() {
    for (seed, count) in (1..).zip([1, 2, 3, 4, 5, 1000, 32_767, 65_534, 65_535]) {
        accepts_quick(&format!("{count} updates"), small(Loss::Sigmoid, &[5, 3, 3]), seed, count);
    }
    accepts("three updates", small(Loss::Sigmoid, &[5, 3, 3]), 20, 3);
}

#[test]
fn fractional_bits_of_kernels() {
    for (seed, fraction_bits) in (30..).zip([0, 1, 6, 17, 32]) {
        let program = tiny_with(Loss::Sigmoid, &[5, 4, 3], 3, 2, 4, |p| {
            (p.kernel, p.limb_bits) = (momentum(3, fraction_bits.min(6)), 8);
            if let fedproof_program::Kernel::Explicit { fraction_bits: bits, taps, decay } = &mut p.kernel {
                (*bits, *taps, *decay) = (fraction_bits, vec![1; 3], vec![1i64 << fraction_bits; 3]);
            }
        });
        for count in [1, 7, 65_535] {
            accepts_quick(&format!("fc = {fraction_bits}, {count} updates"), program.clone(), seed, count);
        }
    }
}

#[test]
fn several_vectors() {
    for (seed, dims) in (40..).zip([vec![40usize, 40, 3], vec![60, 20, 33, 2], vec![100, 50, 1]]) {
        let program = tiny(Loss::Sigmoid, &dims, 2, 2, 8);
        let round = accepts(&format!("{dims:?}"), program, seed, 5);
        assert!(round.key.layout().weight_vectors > 1, "weights span several vectors");
        assert!(!round.key.layout().weight_vectors.is_power_of_two() || seed != 40, "missing vectors");
    }
}

/// Enough rows that the first variables are bound on the fly.
#[test]
fn many_rows() {
    let program = tiny_with(Loss::Sigmoid, &[130, 140, 70, 3], 2, 2, 8, |p| (p.group, p.vector_bits) = (5, 11));
    let round = accepts("many rows", program, 50, 9);
    let shape = round.shape();
    assert!(shape.vector_bits + round.key.layout().vector_bits >= 15);
    assert!(round.key.layout().weight_vectors < 1 << shape.vector_bits, "missing vectors");
}

#[test]
fn groups() {
    for group in 2..=12 {
        accepts_quick(&format!("group {group}"), tiny_with(Loss::Sigmoid, &[5, 7, 3], 2, 2, 4, |p| p.group = group), 60, 4);
    }
}

#[test]
fn random_programs() {
    let mut rng = ChaCha20Rng::seed_from_u64(70);
    for seed in 100..120 {
        let dims: Vec<usize> = (0..rng.gen_range(2..5)).map(|_| rng.gen_range(1..20)).collect();
        let steps = rng.gen_range(1..5);
        let program = tiny_with(Loss::Squared, &dims, steps, 2, 4, |p| {
            (p.group, p.bound_bits, p.openings) = (rng.gen_range(2..10), rng.gen_range(12..20), rng.gen_range(1..5));
            p.vector_bits = rng.gen_range(9..12);
            if rng.gen() {
                p.kernel = momentum(steps, rng.gen_range(0..6));
            }
        });
        let bits = rng.gen_range(1..=16);
        let count = rng.gen_range(1..1u64 << bits);
        accepts_quick(&format!("{dims:?}, {count} updates"), program, seed, count);
    }
}

/// The next model in words that share nothing with the code under test.
#[test]
fn the_next_model_is_the_clipped_mean() {
    for count in [1, 2, 3, 65_535] {
        let program = tiny_with(Loss::Sigmoid, &[9, 12, 3], 3, 2, 4, |p| p.kernel = momentum(3, 4));
        let round = Round::quick(program.clone(), 80, count);
        let (m, most) = scale(&program, count);
        let next = weights_from_table(&program, round.key.layout(), &round.trace.columns[CloseLayout::NEXT]).expect("clean");
        let (mut clipped, mut kept) = ([0, 0], 0);
        for (&sum, &next) in round.sum.iter().flatten().zip(next.iter().flatten()) {
            let mean = (2 * i128::from(sum) + i128::from(m)).div_euclid(2 * i128::from(m));
            assert_eq!(i128::from(next), mean.max(-i128::from(most)).min(i128::from(most)), "{sum} / {m}");
            match i128::from(next).cmp(&mean) {
                std::cmp::Ordering::Less => clipped[0] += 1,
                std::cmp::Ordering::Greater => clipped[1] += 1,
                std::cmp::Ordering::Equal => kept += 1,
            }
        }
        assert!(clipped[0] > 0 && clipped[1] > 0 && kept > 0, "both ends clip");
    }
}

/// A program whose vectors just hold its other mask vectors is legal, and has no round-close proofs.
#[test]
fn programs_that_cannot_be_closed() {
    // A short trace, but a weight table of 65 vectors: more variables in the close than in the training.
    let program = tiny_with(Loss::Squared, &[126, 127, 1], 1, 2, 1, |p| {
        (p.activations, p.group, p.vector_bits) = (vec![Activation::Identity], 12, 8);
    });
    let key = Key::new(program, setup());
    match key.close() {
        Err(ProgramError::Field { field: "vector_bits", why }) => {
            assert!(why.starts_with("the mask vector of a round close has 2") && why.contains("more than 2^8"), "{why}");
        }
        Err(other) => panic!("{other}"),
        Ok(close) => panic!("{} cells of 2^{}", close.shape().masks.len() + 8, close.layout().vector_bits),
    }
}
