//! The integrand of S2 as a function on the cube of rows.

use crate::circuit::{Challenges, Circuit};
use crate::rows::Sums;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_lanes::{Ifma, Rows, Table, ROWS};
use fedproof_sumcheck::{fold_in_place, Integrand};
use rayon::prelude::*;

/// Pairs of rows of one parallel task.
const TASK: usize = 64;

/// Columns and publics of all rows, bound from the most significant variable. The last variable carries the masks of the columns.
pub struct RowSum<'a, C: Circuit> {
    circuit: &'a C,
    challenges: &'a Challenges,
    tables: Tables,
    masks: Vec<Fr>,
}

/// Columns and publics.
enum Tables {
    /// Row by row.
    Scalars { columns: Vec<Vec<Fr>>, publics: Vec<Vec<Fr>> },
    /// [`ROWS`] rows at a time, at least two such blocks.
    Blocks { columns: Vec<Table>, publics: Vec<Table>, challenges: Box<Challenges<Rows>> },
}

impl<'a, C: Circuit> RowSum<'a, C> {
    /// `masks`: one per column, `m x (1 - x)` in the last variable.
    pub fn new(circuit: &'a C, challenges: &'a Challenges, columns: Vec<Vec<Fr>>, publics: Vec<Vec<Fr>>, masks: Vec<Fr>) -> Self {
        Self::with(Ifma::detect(), circuit, challenges, columns, publics, masks)
    }

    pub(crate) fn with(
        ifma: Option<Ifma>,
        circuit: &'a C,
        challenges: &'a Challenges,
        columns: Vec<Vec<Fr>>,
        publics: Vec<Vec<Fr>>,
        masks: Vec<Fr>,
    ) -> Self {
        let rows = publics.first().map_or(0, Vec::len);
        let tables = match ifma.filter(|_| rows >= 2 * ROWS) {
            Some(ifma) => {
                // Each vector is dropped once it is copied.
                let blocks = |tables: Vec<Vec<Fr>>| tables.into_par_iter().map(|table| Table::new(ifma, &table)).collect();
                Tables::Blocks {
                    columns: blocks(columns),
                    publics: blocks(publics),
                    challenges: Box::new(challenges.to_values()),
                }
            }
            None => Tables::Scalars { columns, publics },
        };
        Self { circuit, challenges, tables, masks }
    }

    /// Values of all columns at the bound point, masks included.
    pub fn values(&self) -> Vec<Fr> {
        match &self.tables {
            Tables::Scalars { columns, .. } => columns.iter().map(|c| c.first().copied().unwrap_or_default()).collect(),
            Tables::Blocks { columns, .. } => columns.iter().map(|c| c.rows(0).scalars()[0]).collect(),
        }
    }
}

fn add<T: std::ops::AddAssign>(mut a: Vec<T>, b: Vec<T>) -> Vec<T> {
    a.iter_mut().zip(b).for_each(|(x, y)| *x += y);
    a
}

impl<C: Circuit> Integrand for RowSum<'_, C> {
    fn sums(&self, degree: usize, with_one: bool) -> Vec<Fr> {
        match &self.tables {
            Tables::Scalars { columns, publics } => {
                let half = publics.first().map_or(0, Vec::len) / 2;
                let masks = (half == 1).then_some(self.masks.as_slice());
                let start = || Sums::new(degree, columns.len(), publics.len());
                let visit = |mut sums: Sums<Fr>, i: usize| {
                    let column = |k: usize| (columns[k][i], columns[k][i + half]);
                    let public = |k: usize| (publics[k][i], publics[k][i + half]);
                    sums.add(self.circuit, self.challenges, with_one, masks, column, public);
                    sums
                };
                let zero = || vec![Fr::zero(); degree + 1];
                (0..half).into_par_iter().with_min_len(TASK).fold(start, visit).map(|sums| sums.at).reduce(zero, add)
            }
            Tables::Blocks { columns, publics, challenges } => {
                let half = publics.first().map_or(0, Table::blocks) / 2;
                let start = || Sums::new(degree, columns.len(), publics.len());
                let visit = |mut sums: Sums<Rows>, i: usize| {
                    let column = |k: usize| (columns[k].rows(i), columns[k].rows(i + half));
                    let public = |k: usize| (publics[k].rows(i), publics[k].rows(i + half));
                    sums.add(self.circuit, challenges, with_one, None, column, public);
                    sums
                };
                let zero = || vec![Rows::zero(); degree + 1];
                let blocks = (0..half).into_par_iter().with_min_len(TASK / ROWS);
                let sums = blocks.fold(start, visit).map(|sums| sums.at).reduce(zero, add);
                sums.iter().map(|sum| sum.scalars().iter().sum()).collect()
            }
        }
    }

    fn bind(&mut self, r: Fr) {
        match &mut self.tables {
            Tables::Scalars { columns, publics } => {
                let last = publics.first().map_or(0, Vec::len) == 2;
                columns.par_iter_mut().chain(publics.par_iter_mut()).for_each(|table| fold_in_place(table, r));
                if last {
                    let weight = r * (Fr::one() - r);
                    for (column, mask) in columns.iter_mut().zip(&self.masks) {
                        column.iter_mut().for_each(|v| *v += weight * mask);
                    }
                }
            }
            Tables::Blocks { columns, publics, .. } => {
                columns.par_iter_mut().chain(publics.par_iter_mut()).for_each(|table| table.bind(r));
                if publics.first().is_none_or(|table| table.blocks() < 2) {
                    let scalars = |tables: &[Table]| tables.iter().map(Table::scalars).collect();
                    self.tables = Tables::Scalars { columns: scalars(columns), publics: scalars(publics) };
                }
            }
        }
    }
}
