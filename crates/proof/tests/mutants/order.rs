//! Challenges drawn too early or badly: a weakened verifier accepts a forgery, the real one rejects it.

use crate::cheats::Cheat;
use crate::common::record::{honest, Rule, Shared};
use crate::common::scene::small;
use crate::common::Instance;
use crate::lies::{closing_factor, lying, missing_product, Liar};
use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use fedproof_program::{Loss, Program, Unit};
use fedproof_proof::ProofError;
use fedproof_transcript::label;
use fedproof_witness::Quantity;
use std::collections::HashMap;

type Drawn = HashMap<(u8, u16), Fr>;
type Hash<'a> = &'a dyn Fn(u8, u16) -> Fr;

/// Draws `name` together with the challenge `with`.
fn early(name: u8, with: u8, drawn: &mut Drawn, at: (u8, u16), hash: Hash<'_>) -> Fr {
    if at == (with, 0) {
        let value = hash(name, 0);
        drawn.insert((name, 0), value);
    }
    if at == (name, 0) {
        return drawn[&at];
    }
    hash(at.0, at.1)
}

/// kappa with eta, before S1a.
fn early_kappa(drawn: &mut Drawn, at: (u8, u16), hash: Hash<'_>) -> Fr {
    early(label::KAPPA, label::ETA, drawn, at, hash)
}

/// chi with omega, before the helpers.
fn early_chi(drawn: &mut Drawn, at: (u8, u16), hash: Hash<'_>) -> Fr {
    early(label::CHI, label::OMEGA, drawn, at, hash)
}

/// Vectors of 512 cells joined by powers of zeta alone.
fn zeta_alone(drawn: &mut Drawn, at: (u8, u16), hash: Hash<'_>) -> Fr {
    match at {
        (label::OMEGA, 0) => drawn[&(label::ZETA, 0)].pow([512]),
        (name, index) => hash(name, index),
    }
}

/// Accepted under the weakened rule and rejected by the protocol, whichever rule the prover follows.
fn only_without(cheat: &Cheat, rule: Rule) {
    let prove = |rule| {
        let mut instance = cheat.instance.clone();
        instance.prove_recorded(&cheat.log, rule)
    };
    let verify = |file: &[u8], rule| cheat.instance.verify_recorded(file, &Shared::default(), rule);
    let forged = prove(rule);
    assert_eq!(verify(&forged, rule), Ok(()), "{}: the attack does not work", cheat.name);
    assert_eq!(verify(&forged, honest), Err(ProofError::OpeningFailed), "{}", cheat.name);
    assert_eq!(cheat.instance.verify(&forged), Err(ProofError::OpeningFailed), "{}", cheat.name);
}

/// The protocol's own order: the same lies do not help.
fn useless_in_order(cheat: &Cheat) {
    let mut instance = cheat.instance.clone();
    let file = instance.prove_recorded(&cheat.log, honest);
    assert_eq!(instance.verify(&file), Err(ProofError::OpeningFailed), "{}", cheat.name);
}

/// Two false W values: one equation repairs S1a, in the other they cancel.
#[test]
fn kappa_comes_after_the_values_of_s1a() {
    let base = Instance::quick(small(Loss::Sigmoid, &[5, 3, 3]), 3);
    let instance = base.clone().fault((Quantity::Z, 1, 1), |z| z[0] += 1);
    let log = Shared::default();
    let prover = log.clone();
    let forge = move |values: &mut [Fr]| {
        let Some(&kappa) = prover.get().drawn.get(&(label::KAPPA, 0)) else { return };
        let factor = closing_factor(&prover, &base);
        let (c0, c1) = (factor * values[0], factor * prover.drawn(label::ETA, 0) * values[2]);
        // c0 e0 + c1 e1 = what is missing, e0 + kappa e1 = 0
        let e1 = missing_product(&prover, &base, Fr::one()) * (c1 - c0 * kappa).inverse().expect("not zero");
        values[1] -= kappa * e1;
        values[3] += e1;
    };
    let liar = Liar { values: Some((label::S1A_VALUES, Box::new(forge))), ..Liar::default() };
    let cheat = Cheat { log, ..lying("two W values that cancel", &[], instance, liar) };
    useless_in_order(&cheat);
    only_without(&cheat, early_kappa);
}

/// Two helpers absorb a violated constraint of their row.
#[test]
fn chi_comes_after_the_helpers() {
    let program = Program { group: 2, ..small(Loss::Sigmoid, &[5, 3, 3]) }.validated().expect("legal program");
    let base = Instance::quick(program, 3);
    let row = base.row(1, fedproof_program::Direction::Backward, 1, 0, 0);
    let instance = base.clone().fault((Quantity::Delta, 1, 1), |d| d[0] += 1);
    let cells: Vec<i64> = instance.trace.columns.iter().map(|c| c[row]).collect();
    let log = Shared::default();
    let prover = log.clone();
    let forge = move |columns: &mut [Vec<Fr>]| {
        let Some(&chi) = prover.get().drawn.get(&(label::CHI, 0)) else { return };
        let (alpha, gamma) = (prover.drawn(label::ALPHA, 0), prover.drawn(label::GAMMA, 0));
        let helpers = &base.key.layout().helpers;
        let denominator = |g: usize| -> Fr {
            let factor = |unit: &Unit| match *unit {
                Unit::Limb { column, tag } => alpha + Fr::from(cells[column] as u64) + gamma * Fr::from(tag),
                other => panic!("{other:?} in helper {g}"),
            };
            helpers[g].iter().map(factor).product()
        };
        // chi d_0 x - chi^2 d_1 x + chi^(G+4) 1 = 0 with h_0 += x, h_1 -= x
        let slope = chi * denominator(0) - chi * chi * denominator(1);
        let x = -chi.pow([helpers.len() as u64 + 4]) * slope.inverse().expect("not zero");
        columns[0][row] += x;
        columns[1][row] -= x;
    };
    let liar = Liar { helpers: Some(Box::new(forge)), ..Liar::default() };
    let cheat = Cheat { log, ..lying("helpers that absorb a constraint", &[], instance, liar) };
    useless_in_order(&cheat);
    only_without(&cheat, early_chi);
}

/// c X^(2N) in one vector of W_out and -c X^N in the next: nobody could open the aggregate.
#[test]
fn omega_is_not_a_power_of_zeta() {
    let base = Instance::quick(small(Loss::Sigmoid, &[16, 16, 2]), 3);
    let n = base.key.layout().n();
    assert_eq!((n, base.key.layout().weight_vectors), (512, 2));
    let forge = move |blinds: &mut [Vec<Fr>]| {
        let c = Fr::from(77u64);
        blinds[0].resize(n, Fr::zero());
        blinds[0].push(c);
        blinds[1][0] -= c;
    };
    let liar = Liar { blinds: Some(Box::new(forge)), ..Liar::default() };
    let cheat = lying("coefficients that cancel at zeta", &[], base, liar);
    useless_in_order(&cheat);
    only_without(&cheat, zeta_alone);
}
