//! False closes against parts: as `matrix.rs`, for round-close proofs.

use crate::cheats::close::{close_programs, closes, inside, with_row, FalseClose, Row};
use crate::common::close::{scale, Round};
use crate::common::trapdoor::integer;
use crate::lies::Liar;
use crate::matrix::surprises;
use crate::parts;
use ark_bn254::Fr;
use ark_ff::Field;
use fedproof_program::CloseLayout;
use fedproof_proof::{Part, ProofError};
use rayon::prelude::*;
use std::sync::Arc;

fn passes(cheat: &FalseClose, removed: Option<Part>) -> bool {
    let mut round = cheat.round.clone();
    if let Some(part) = removed {
        round.key = round.key.without(part);
    }
    let file = round.prove_quick();
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
