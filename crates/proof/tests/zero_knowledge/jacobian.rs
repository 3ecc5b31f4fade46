//! Exact derivatives of the proof with respect to everything random.
//!
//! Challenges being fixed, the masks of revealed values are the only randomness that the proof does not depend on affinely; in each of
//! them alone its degree is at most 2, so (f(+1) - f(-1)) / 2 is the derivative.

use crate::case::{Case, Slot, Source};
use crate::linear::rank;
use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use rayon::prelude::*;

pub struct Jacobian {
    pub sources: Vec<Source>,
    pub slots: Vec<Slot>,
    /// Derivatives of all slots, by source.
    pub columns: Vec<Vec<Fr>>,
    /// Second derivatives of all slots, by source; zero where not measured.
    pub curvature: Vec<Vec<Fr>>,
}

impl Jacobian {
    /// At the point `base`.
    pub fn at(case: &Case, seed: u64, base: &[Fr]) -> Self {
        let sources = case.sources();
        let (slots, here): (Vec<Slot>, Vec<Fr>) = case.run(seed, base).into_iter().unzip();
        let half = Fr::from(2u64).inverse().expect("two");
        let moved = |i: usize, step: Fr| {
            let mut variables = base.to_vec();
            variables[i] += step;
            case.values(seed, &variables)
        };
        let zero = vec![Fr::zero(); slots.len()];
        let (columns, curvature) = sources
            .par_iter()
            .enumerate()
            .map(|(i, source)| {
                let up = moved(i, Fr::one());
                if !matches!(source, Source::Value(..)) {
                    return (up.iter().zip(&here).map(|(u, h)| *u - h).collect(), zero.clone());
                }
                let down = moved(i, -Fr::one());
                let first = up.iter().zip(&down).map(|(u, d)| (*u - d) * half).collect();
                let second = up.iter().zip(&down).zip(&here).map(|((u, d), h)| *u + d - h - h).collect();
                (first, second)
            })
            .unzip();
        Self { sources, slots, columns, curvature }
    }

    /// Rows of the chosen slots, columns of the chosen sources.
    pub fn matrix(&self, slot: impl Fn(&Slot) -> bool, source: impl Fn(&Source) -> bool) -> Vec<Vec<Fr>> {
        let columns: Vec<&Vec<Fr>> = self.sources.iter().zip(&self.columns).filter(|(s, _)| source(s)).map(|(_, c)| c).collect();
        let rows = self.slots.iter().enumerate().filter(|(_, s)| slot(s));
        rows.map(|(i, _)| columns.iter().map(|c| c[i]).collect()).collect()
    }

    /// What stays determined by the witness when only `source` is random: number of slots less the rank.
    pub fn leaked(&self, source: impl Fn(&Source) -> bool) -> usize {
        let matrix = self.matrix(own, source);
        matrix.len() - rank(&matrix)
    }
}

/// What one proof reveals freely: all but what follows from public things, [h], [w] and what was public before, [D].
pub fn own(slot: &Slot) -> bool {
    slot.free() && slot.label != fedproof_transcript::label::STATEMENT
}

pub fn is_data(source: &Source) -> bool {
    matches!(source, Source::Data(_))
}
