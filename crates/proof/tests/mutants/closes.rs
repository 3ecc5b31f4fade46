//! False closes against parts: as `matrix.rs`, for round-close proofs.

use crate::cheats::close::{close_programs, closes, inside, with_row, FalseClose, Row};
use crate::common::close::{scale, Round};
use crate::common::record::{honest, Shared};
use crate::common::trapdoor::{integer, Trapdoor};
use crate::lies::Liar;
use crate::matrix::surprises;
use crate::parts;
use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use fedproof_kzg::Commit;
use fedproof_program::CloseLayout;
use fedproof_proof::{Part, ProofError};
use fedproof_transcript::label;
use rayon::prelude::*;
use std::sync::Arc;

fn passes(cheat: &FalseClose, removed: Option<Part>) -> bool {
    let mut round = cheat.round.clone();
    if let Some(part) = removed {
        round.key = round.key.without(part);
    }
    let file = round.prove_recorded(&cheat.log, honest);
    match round.verify_quick(&file) {
        Ok(()) => true,
        Err(ProofError::OpeningFailed) => false,
        Err(error) => panic!("{}: {error}", cheat.name),
    }
}

fn lying(name: impl Into<String>, stopped_by: &[&str], mut round: Round, liar: Liar) -> FalseClose {
    round.key = round.key.lying(Arc::new(liar));
    FalseClose::new(name, stopped_by, round)
}

/// sg = -1 / most satisfies all but sg^3 = sg: a mean of -2 published as -1.
fn fractional_sign(base: &Round) -> FalseClose {
    let (m, most) = scale(base.key.program(), base.statement.count);
    let row = Row { next: -1, room: most + 1, distance: most - 1, ..Row::of(-2, m / 3, m, most) };
    let [cell, _] = inside(base);
    let round = with_row(base, cell, row);
    let mut sign: Vec<Fr> = round.trace.columns[CloseLayout::SIGN].iter().map(|&v| integer(v)).collect();
    sign[cell] = -integer(most).inverse().expect("not zero");
    let liar = Liar { column: Some((CloseLayout::SIGN, sign)), ..Liar::default() };
    lying("a fractional sign", &["K1", "R-S2"], round, liar)
}

/// [W'] with coefficients from position N on, by vector, that the prover opens like all others: with a v_zeta that counts them, or with
/// one that leaves them out.
fn beyond(base: &Round, name: &str, coefficients: Vec<Vec<Fr>>) -> [FalseClose; 2] {
    let mut round = base.clone();
    let (n, cells) = (base.key.layout().n(), &base.trace.columns[CloseLayout::NEXT]);
    let vectors = cells.chunks_exact(n).zip(&coefficients);
    round.statement.weights = vectors.map(|(cells, beyond)| Trapdoor.commit_small(cells, n, beyond)).collect();
    let set = |coefficients: Vec<Vec<Fr>>| Some(Box::new(move |b: &mut [Vec<Fr>]| b.clone_from_slice(&coefficients)) as Box<_>);
    let counted = Liar { blinds: set(coefficients.clone()), ..Liar::default() };
    let log = Shared::default();
    let (prover, hidden) = (log.clone(), coefficients.clone());
    let hide = move |values: &mut [Fr]| {
        let [zeta, omega] = [label::ZETA, label::OMEGA].map(|drawn| prover.drawn(drawn, 0));
        let at_zeta = |beyond: &Vec<Fr>| beyond.iter().rev().fold(Fr::zero(), |value, c| value * zeta + c);
        let sum = hidden.iter().rev().fold(Fr::zero(), |sum, beyond| sum * omega + at_zeta(beyond));
        values[0] -= sum * zeta.pow([n as u64]);
    };
    let left_out = Liar { blinds: set(coefficients), values: Some((label::DEGREE, Box::new(hide))), ..Liar::default() };
    let hidden = lying(format!("{name}, left out of v_zeta"), &["A3"], round.clone(), left_out);
    [lying(name, &["R-DEG"], round, counted), FalseClose { log, ..hidden }]
}

/// c X^N, alone and with a power that another vector takes back.
fn false_degrees(base: &Round) -> Vec<FalseClose> {
    let (n, vectors) = (base.key.layout().n(), base.shape().vectors);
    let power = |at: usize, c: i64| -> Vec<Fr> { (n..at).map(|_| Fr::zero()).chain([integer(c)]).collect() };
    let with = |chosen: &[(usize, Vec<Fr>)]| {
        let mut out = vec![Vec::new(); vectors];
        chosen.iter().for_each(|(v, beyond)| out[*v].clone_from(beyond));
        out
    };
    let mut out = Vec::new();
    for v in 0..vectors {
        out.extend(beyond(base, &format!("a coefficient of W' {v} beyond its cells"), with(&[(v, power(n, 77))])));
        out.extend(beyond(base, &format!("a coefficient of W' {v} far beyond its cells"), with(&[(v, power(2 * n, -1))])));
    }
    if vectors > 1 {
        let same = [(0, power(n, 77)), (1, power(n, -77))];
        out.extend(beyond(base, "coefficients of two vectors that add up to 0", with(&same)));
        let apart = [(0, power(2 * n, 77)), (1, power(n, -77))];
        out.extend(beyond(base, "coefficients of two vectors at different powers", with(&apart)));
    }
    out
}

/// Cheats whose prover lies in its messages.
fn lies(base: &Round) -> Vec<FalseClose> {
    let (m, most) = scale(base.key.program(), base.statement.count);
    let [_, cell] = inside(base);
    let truth = Row::of(7, m / 3, m, most);
    let negative = with_row(
        base,
        cell,
        Row {
            next: 8,
            room: most - 8,
            distance: most + 8,
            remainder: truth.remainder - m,
            complement: truth.complement + m,
            ..truth
        },
    );
    let forged = |g: usize| {
        let absorb = move |columns: &mut [Vec<Fr>]| {
            let sum: Fr = columns.iter().flatten().sum();
            columns[g][0] -= sum;
        };
        let liar = Liar { helpers: Some(Box::new(absorb)), ..Liar::default() };
        let name = format!("helper {g} makes up for a negative remainder");
        lying(name, &[&format!("H{g}"), "R-S2"], negative.clone(), liar)
    };
    let mut out: Vec<FalseClose> = (0..base.shape().helpers.len()).map(forged).collect();
    out.push(fractional_sign(base));
    // The rows see a sum that fits the false model.
    let false_model = with_row(base, cell, Row { sum: truth.sum - m, ..truth });
    let seen: Vec<Fr> = with_row(base, cell, truth).trace.columns[CloseLayout::SUM].iter().map(|&v| integer(v)).collect();
    let liar = Liar { computed: Some((CloseLayout::SUM, seen)), ..Liar::default() };
    out.push(lying("the rows' sum is not the committed one", &["R-COL"], false_model, liar));
    // The rows see the true model; the committed one has a weight more.
    let mut false_model = with_row(base, cell, truth);
    let seen: Vec<Fr> = false_model.trace.columns[CloseLayout::NEXT].iter().map(|&v| integer(v)).collect();
    false_model.trace.columns[CloseLayout::NEXT][cell] += 1;
    false_model.recommit();
    let liar = Liar { computed: Some((CloseLayout::NEXT, seen)), ..Liar::default() };
    out.push(lying("the rows' model is not the committed one", &["R-COL"], false_model, liar));
    out.extend(false_degrees(base));
    out
}

#[test]
fn every_false_close_is_stopped_by_the_parts_it_names() {
    for (program, count) in close_programs() {
        let base = Round::quick(program, 5, count);
        let parts = parts::close(&base.key);
        let mut cheats = closes(&base);
        cheats.extend(lies(&base));
        let surprises: Vec<String> = cheats
            .par_iter()
            .flat_map_iter(|cheat| surprises(&cheat.name, &cheat.stopped_by, &parts, |removed| passes(cheat, removed)))
            .collect();
        assert!(surprises.is_empty(), "{surprises:#?}");
        for (part, _) in &parts {
            assert!(cheats.iter().any(|c| c.stopped_by.contains(part)), "no false close needs {part}");
        }
    }
}

/// What follows from a true row by hand is what the core computes, and is accepted: the cheats differ from the truth in what they say.
#[test]
fn true_rows_pass() {
    for (program, count) in close_programs() {
        let base = Round::quick(program, 6, count);
        let (m, most) = scale(base.key.program(), count);
        for quotient in [0, 1, -1, most, -most, most + 1, -most - 1, most + 12_345, -most - 12_345] {
            for remainder in [0, m / 2, m - 1] {
                let round = with_row(&base, inside(&base)[1], Row::of(quotient, remainder, m, most));
                assert!(passes(&FalseClose::new("the truth", &[], round), None), "{quotient} {remainder}");
            }
        }
    }
}

/// Weakened protocols still accept the truth.
#[test]
fn honest_closes_pass_without_any_part() {
    for (program, count) in close_programs() {
        let honest = FalseClose::new("honest", &[], Round::quick(program, 3, count));
        for (part, removed) in parts::close(&honest.round.key) {
            assert!(passes(&honest, Some(removed)), "without {part}");
        }
    }
}
