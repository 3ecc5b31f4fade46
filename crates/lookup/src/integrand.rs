//! The integrand of S2 as a function on the cube of rows.

use crate::circuit::{combine, Challenges, Circuit};
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_sumcheck::{fold_in_place, Integrand};
use rayon::prelude::*;

/// Pairs of rows of one parallel task.
const TASK: usize = 64;

/// Columns and publics of all rows, bound from the most significant variable. The last variable carries the masks of the columns.
pub struct RowSum<'a, C: Circuit> {
    circuit: &'a C,
    challenges: &'a Challenges,
    columns: Vec<Vec<Fr>>,
    publics: Vec<Vec<Fr>>,
    masks: Vec<Fr>,
}

impl<'a, C: Circuit> RowSum<'a, C> {
    /// `masks`: one per column, `m x (1 - x)` in the last variable.
    pub fn new(circuit: &'a C, challenges: &'a Challenges, columns: Vec<Vec<Fr>>, publics: Vec<Vec<Fr>>, masks: Vec<Fr>) -> Self {
        Self { circuit, challenges, columns, publics, masks }
    }

    /// Values of all columns at the bound point, masks included.
    pub fn values(&self) -> Vec<Fr> {
        self.columns.iter().map(|c| c.first().copied().unwrap_or_default()).collect()
    }

    fn rows(&self) -> usize {
        self.publics.first().map_or(0, Vec::len)
    }
}

struct State {
    sums: Vec<Fr>,
    columns: Vec<Fr>,
    column_steps: Vec<Fr>,
    publics: Vec<Fr>,
    public_steps: Vec<Fr>,
    masked: Vec<Fr>,
}

fn load(tables: &[Vec<Fr>], i: usize, half: usize, values: &mut [Fr], steps: &mut [Fr]) {
    for ((table, value), step) in tables.iter().zip(values).zip(steps) {
        let low = table[i];
        *value = low;
        *step = table[i + half] - low;
    }
}

fn advance(values: &mut [Fr], steps: &[Fr]) {
    for (value, step) in values.iter_mut().zip(steps) {
        if !step.is_zero() {
            *value += step;
        }
    }
}

impl<C: Circuit> Integrand for RowSum<'_, C> {
    fn sums(&self, degree: usize, with_one: bool) -> Vec<Fr> {
        let half = self.rows() / 2;
        let last = half == 1;
        let zeros = |n| vec![Fr::zero(); n];
        let state = || State {
            sums: zeros(degree + 1),
            columns: zeros(self.columns.len()),
            column_steps: zeros(self.columns.len()),
            publics: zeros(self.publics.len()),
            public_steps: zeros(self.publics.len()),
            masked: zeros(self.columns.len()),
        };
        let visit = |mut s: State, i: usize| {
            load(&self.columns, i, half, &mut s.columns, &mut s.column_steps);
            load(&self.publics, i, half, &mut s.publics, &mut s.public_steps);
            for x in 0..=degree {
                if x != 1 || with_one {
                    let value = if last {
                        let point = Fr::from(x as u64);
                        let weight = point * (Fr::one() - point);
                        for ((out, value), mask) in s.masked.iter_mut().zip(&s.columns).zip(&self.masks) {
                            *out = *value + weight * mask;
                        }
                        combine(self.circuit, &s.masked, &s.publics, self.challenges)
                    } else {
                        combine(self.circuit, &s.columns, &s.publics, self.challenges)
                    };
                    s.sums[x] += value;
                }
                advance(&mut s.columns, &s.column_steps);
                advance(&mut s.publics, &s.public_steps);
            }
            s
        };
        let add = |mut a: Vec<Fr>, b: Vec<Fr>| {
            a.iter_mut().zip(b).for_each(|(x, y)| *x += y);
            a
        };
        (0..half).into_par_iter().with_min_len(TASK).fold(state, visit).map(|s| s.sums).reduce(|| zeros(degree + 1), add)
    }

    fn bind(&mut self, r: Fr) {
        let last = self.rows() == 2;
        self.columns.par_iter_mut().chain(self.publics.par_iter_mut()).for_each(|table| fold_in_place(table, r));
        if last {
            let weight = r * (Fr::one() - r);
            for (column, mask) in self.columns.iter_mut().zip(&self.masks) {
                column.iter_mut().for_each(|v| *v += weight * mask);
            }
        }
    }
}
