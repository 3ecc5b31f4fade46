//! Challenges fixed, tau known to the reader: is every revealed scalar and every exponent of a commitment an independent function of the
//! fresh randomness?
//!
//! The derivative by everything random has full rank, the masks of revealed values act on one value each, and by all else it is constant.
//! So what is revealed is a bijection of as many uniform field elements: uniform itself, whatever the witness.

use crate::case::{folded, huber, labels, program, program_with, softmax, Case, Kind, Slot, Source};
use crate::jacobian::{is_data, own, Jacobian};
use crate::linear::rank;
use ark_bn254::Fr;
use ark_ff::Zero;
use fedproof_program::{Activation, Loss, Program};
use fedproof_transcript::label;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use Kind::{Close, Registration, Training};
use Loss::{Sigmoid, Squared};

fn random_jacobian(case: &Case, challenges: u64, seed: u64) -> Jacobian {
    let base = case.random_variables(&mut ChaCha20Rng::seed_from_u64(seed));
    Jacobian::at(case, challenges, &base)
}

fn is_fresh(source: &Source) -> bool {
    !is_data(source)
}

/// The masks of revealed values act on one value each, linearly; nothing else acts on those values.
fn values_have_own_masks(j: &Jacobian) {
    let mut reached = vec![0; j.slots.len()];
    for ((source, column), curvature) in j.sources.iter().zip(&j.columns).zip(&j.curvature) {
        let values = || j.slots.iter().enumerate().filter(|(_, s)| s.value()).map(|(i, _)| i);
        assert!(values().all(|i| curvature[i].is_zero()), "{source:?} acts linearly on values");
        let touched: Vec<usize> = values().filter(|&i| !column[i].is_zero()).collect();
        match source {
            Source::Value(..) => assert_eq!(touched.len(), 1, "{source:?} masks one value"),
            _ => assert!(touched.is_empty(), "{source:?} leaves values alone"),
        }
        touched.into_iter().for_each(|i| reached[i] += 1);
    }
    assert!(j.slots.iter().zip(&reached).all(|(s, &n)| n == usize::from(s.value())), "every value has one mask");
}

/// Cells below the support of l' act on [m], [S'] and e1 only (and on what follows from them).
fn low_cells_are_free(j: &Jacobian) {
    for (_, column) in j.sources.iter().zip(&j.columns).filter(|(s, _)| matches!(s, Source::Low(_))) {
        for (slot, derivative) in j.slots.iter().zip(column).filter(|(s, _)| s.free()) {
            let own = [label::MASK, label::S_PRIME, label::E1].contains(&slot.label);
            assert_eq!(derivative.is_zero(), !own, "{slot:?}");
        }
    }
    let opening = |s: &Slot| [label::MASK, label::S_PRIME, label::E1].contains(&s.label);
    assert_eq!(rank(&j.matrix(opening, |s| matches!(s, Source::Low(_)))), 3, "and make the three uniform by themselves");
}

fn hides_everything(kind: Kind, program: Program, seed: u64) {
    let case = Case::new(kind, program, seed);
    let first = random_jacobian(&case, seed, 1);
    let free = first.slots.iter().filter(|s| own(s)).count();
    println!("{kind:?}: {free} free outputs from {} random field elements", case.fresh().len());
    let case = case.with_random_data(seed + 100);
    let second = random_jacobian(&case, seed, 2);
    for j in [&first, &second] {
        values_have_own_masks(j);
        low_cells_are_free(j);
        assert_eq!(j.leaked(is_fresh), 0, "full rank over fresh randomness");
        let with_data = j.matrix(|s| s.free(), |_| true);
        assert_eq!(rank(&with_data), with_data.len(), "[D] and its blinds included");
    }
    // Two witnesses, two points: all but the masks of values enter with factors that depend on challenges only.
    for ((source, a), b) in first.sources.iter().zip(&first.columns).zip(&second.columns) {
        if !matches!(source, Source::Value(..)) {
            assert!(a == b, "{source:?}: the derivative depends on the witness or on other randomness");
        }
    }
}

#[test]
fn logistic() {
    for seed in 1..4 {
        hides_everything(Training, program(Sigmoid, &[2, 1], 1, 2, 2), seed);
        hides_everything(Registration, program(Sigmoid, &[2, 1], 1, 2, 2), seed);
    }
}

#[test]
fn linear_regression() {
    hides_everything(Training, program(Squared, &[2, 1], 1, 2, 1), 4);
    hides_everything(Training, program(Squared, &[2, 2, 2], 1, 2, 2), 5);
    hides_everything(Registration, program(Squared, &[2, 2, 2], 1, 2, 2), 5);
}

#[test]
fn one_hidden_layer() {
    hides_everything(Training, program(Sigmoid, &[2, 2, 1], 1, 2, 2), 6);
    hides_everything(Registration, program(Sigmoid, &[2, 2, 2], 1, 2, 2), 6);
    let wider = |p: &mut Program| (p.bits, p.limb_bits, p.group) = (5, 5, 5);
    hides_everything(Training, program_with(Sigmoid, &[2, 2, 1], 1, 2, 2, wider), 7);
    hides_everything(Registration, program_with(Sigmoid, &[2, 2, 2], 1, 2, 2, wider), 7);
}

#[test]
fn three_layers_and_partial_limbs() {
    let deep = program_with(Sigmoid, &[2, 3, 2, 2], 3, 2, 2, |p| {
        p.activations = vec![Activation::Identity, Activation::Relu];
        (p.weight_bits, p.openings) = (7, 2);
    });
    hides_everything(Training, deep, 8);
}

#[test]
fn every_loss() {
    for (seed, program) in (12..).zip([softmax(), labels(), huber(), program(Loss::Softmax, &[2, 2], 1, 2, 2)]) {
        hides_everything(Training, program.clone(), seed);
        hides_everything(Registration, program, seed);
    }
}

#[test]
fn columns_of_several_vectors() {
    hides_everything(Training, folded(), 16);
}

#[test]
fn several_vectors() {
    let wide = program(Sigmoid, &[16, 8, 2], 2, 2, 8);
    let case = Case::new(Training, wide.clone(), 9);
    let layout = case.instance.key.layout();
    assert!(layout.weight_vectors > 1 && layout.data_vectors > 1);
    hides_everything(Training, wide.clone(), 9);
    hides_everything(Registration, wide, 9);
}

#[test]
fn closes() {
    for (seed, program) in (20..).zip([
        program(Sigmoid, &[2, 1], 1, 2, 2),
        program(Squared, &[2, 2, 2], 1, 2, 2),
        program_with(Sigmoid, &[2, 2, 1], 1, 2, 2, |p| (p.bits, p.limb_bits, p.group) = (5, 5, 5)),
        softmax(),
        huber(),
        program(Sigmoid, &[16, 8, 2], 2, 2, 8),
    ]) {
        hides_everything(Close, program, seed);
    }
}

#[test]
fn weaker_blinds_of_a_close_leak() {
    let case = Case::new(Close, program(Sigmoid, &[2, 2, 2], 1, 2, 2), 10);
    let (close, counts) = (random_jacobian(&case, 10, 1), case.shape().multiplicity() - fedproof_program::CloseLayout::SIGN);
    let low = |s: &Source| matches!(s, Source::Low(_));
    let spare = |s: &Source| matches!(s, Source::High(_)) || [Source::Column(counts, 1), Source::Column(counts, 2)].contains(s);
    let leaked = |held: &dyn Fn(&Source) -> bool| close.leaked(|s| is_fresh(s) && !held(s));
    assert_eq!(leaked(&low), 2, "cells below the support of l'");
    assert_eq!(leaked(&spare), 0, "cells above it and the extra blinds (spare)");
    assert_eq!(leaked(&|s| low(s) || spare(s)), 3, "all of these");
    for k in 0..case.shape().count() {
        assert_eq!(leaked(&|s| *s == Source::Value(fedproof_program::Stage::S2, k)), 1, "the mask of value {k}");
    }
    assert_eq!(leaked(&|s| *s == Source::Coefficient(fedproof_program::Stage::S2, 3)), 1, "a coefficient");
    for k in (0..counts).chain(counts + 1..case.shape().count() - fedproof_program::CloseLayout::SIGN) {
        assert_eq!(leaked(&|s| *s == Source::Column(k, 0)), 1, "the blind of a column");
    }
}

/// The test can fail: what is held at a constant, and how many functionals of the witness then show.
#[test]
fn weaker_blinds_leak() {
    type Held = fn(&Source) -> bool;
    let low: Held = |s| matches!(s, Source::Low(_));
    let spare: Held = |s| matches!(s, Source::High(_) | Source::Column(0, 1 | 2));
    let both: Held = |s| matches!(s, Source::Low(_) | Source::High(_) | Source::Column(0, 1 | 2));
    let one_mask: Held = |s| *s == Source::Value(fedproof_program::Stage::S2, 1);
    let one_coefficient: Held = |s| *s == Source::Coefficient(fedproof_program::Stage::S2, 3);
    let one_blind: Held = |s| *s == Source::Column(1, 0);
    let all_masks: Held = |s| matches!(s, Source::Value(..));
    let training = random_jacobian(&Case::new(Training, program(Sigmoid, &[2, 2, 1], 1, 2, 2), 10), 10, 1);
    let registration = random_jacobian(&Case::new(Registration, program(Sigmoid, &[2, 2, 2], 1, 2, 2), 10), 10, 1);
    let values = |j: &Jacobian| j.slots.iter().filter(|s| s.value()).count();
    // The third blind of W_out stands in for one low cell, until the aggregate is opened.
    for (what, held, trained, registered) in [
        ("cells below the support of l'", low, 1, 2),
        ("cells above it and the extra blinds (spare)", spare, 0, 0),
        ("all of these", both, 2, 3),
        ("the mask of one value", one_mask, 1, 1),
        ("a coefficient of a sumcheck's mask", one_coefficient, 1, 1),
        ("the blind of a column", one_blind, 1, 1),
        ("all masks of values", all_masks, values(&training), values(&registration)),
    ] {
        assert_eq!(training.leaked(|s| is_fresh(s) && !held(s)), trained, "training, without {what}");
        assert_eq!(registration.leaked(|s| is_fresh(s) && !held(s)), registered, "registration, without {what}");
    }
    let blinds = |n: usize| training.leaked(|s| is_fresh(s) && !matches!(s, Source::Update(0, j) if *j >= n));
    assert_eq!([blinds(3), blinds(2), blinds(1)], [0, 0, 1], "W_out needs two blinds for its own proof");
}

/// The sum of two updates is opened: both proofs and the summed blinds together, W_out's parts of the sum being public.
/// Returns the rank and what it must be; `held` randomness is constant.
fn survivors(program: Program, held: impl Fn(&Source) -> bool) -> (usize, usize) {
    let case = Case::new(Training, program, 11);
    let proofs = [random_jacobian(&case, 21, 1), random_jacobian(&case.with_random_data(12), 22, 2)];
    let held = |s: &Source| is_data(s) || held(s);
    let matrices = proofs.each_ref().map(|j| j.matrix(own, |s| !held(s)));
    let sources: Vec<Source> = proofs[0].sources.iter().filter(|s| !held(s)).copied().collect();
    let zeros = vec![Fr::zero(); sources.len()];
    let [first, second] = matrices;
    let mut rows: Vec<Vec<Fr>> = first.iter().map(|row| [row.as_slice(), &zeros].concat()).collect();
    rows.extend(second.iter().map(|row| [zeros.as_slice(), row].concat()));
    for (i, _) in sources.iter().enumerate().filter(|(_, s)| matches!(s, Source::Update(..))) {
        let mut row = [zeros.as_slice(), &zeros].concat();
        row[i] = Fr::from(1u64);
        row[i + zeros.len()] = Fr::from(1u64);
        rows.push(row);
    }
    // The opened sum fixes [W_out] of one participant by that of the other, vector by vector.
    let vectors = proofs[0].slots.iter().filter(|s| s.label == label::UPDATE).count();
    (rank(&rows), rows.len() - vectors)
}

#[test]
fn two_survivors_of_an_opened_sum() {
    for wide in [program(Sigmoid, &[2, 1], 1, 2, 2), program(Sigmoid, &[16, 8, 2], 2, 2, 4)] {
        let (rank, needed) = survivors(wide.clone(), |_| false);
        assert_eq!(rank, needed, "2p + 1 blinds of W_out hide both updates");
        let (rank, needed) = survivors(wide.clone(), |s| matches!(s, Source::High(_) | Source::Column(0, 1 | 2)));
        assert_eq!(rank, needed, "the cells below the support of l' suffice for the opening");
        let (rank, needed) = survivors(wide, |s| *s == Source::Update(0, 2));
        assert_eq!(rank, needed - 1, "2p blinds of W_out leak");
    }
}
