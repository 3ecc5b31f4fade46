//! The rows of a round close as the integrand of S2, without ever holding all of them as field elements: the first variables are bound on
//! the fly, from the committed integers.

use super::circuit::{CloseCircuit, PUBLICS};
use crate::opening::Cells;
use ark_bn254::Fr;
use ark_ff::Zero;
use fedproof_lookup::{helper_columns, to_field, Challenges, RowSum};
use fedproof_sumcheck::{eq_table, Integrand, SmallSum};
use rayon::prelude::*;

/// Rows of one block.
const BLOCK: usize = 4096;

/// Blocks at work before they are joined.
const GROUP: usize = 64;

/// Most variables that are bound on the fly. Each costs another pass over the integers and halves what is held.
const STREAMED: usize = 3;

/// Below this number of variables all rows fit easily.
const DENSE_BITS: usize = 12;

/// Rows, each with the cells of all columns that there are. Cells beyond a column's end are zero.
pub(crate) struct Rows<'a> {
    pub circuit: &'a CloseCircuit<'a>,
    pub columns: Vec<Cells<'a>>,
    /// Point of eq.
    pub tau: Vec<Fr>,
    pub gamma: Fr,
}

fn part<T>(cells: &[T], start: usize, len: usize) -> &[T] {
    cells.get(start..cells.len().min(start + len)).unwrap_or(&[])
}

impl Rows<'_> {
    /// Columns, then publics, of `len` rows from `start` on, once the leading variables are bound.
    fn block(&self, bound: &[Fr], start: usize, len: usize) -> (Vec<Vec<Fr>>, Vec<Vec<Fr>>) {
        let stride = 1usize << (self.tau.len() - bound.len());
        let weights = eq_table(bound, Fr::from(1u64));
        let column = |cells: &Cells<'_>| match cells {
            Cells::Small(cells) if bound.is_empty() => {
                let mut out = to_field(part(cells, start, len));
                out.resize(len, Fr::zero());
                out
            }
            Cells::Small(cells) => {
                let mut sums = vec![SmallSum::default(); len];
                for (weight, first) in weights.iter().zip((start..).step_by(stride)) {
                    let pairs = sums.iter_mut().zip(part(cells, first, len));
                    pairs.filter(|(_, &v)| v != 0).for_each(|(sum, &v)| sum.add(weight, v));
                }
                sums.iter().map(SmallSum::finish).collect()
            }
            Cells::Field(cells) => {
                let mut out = vec![Fr::zero(); len];
                for (weight, first) in weights.iter().zip((start..).step_by(stride)) {
                    out.iter_mut().zip(part(cells, first, len)).for_each(|(o, v)| *o += *weight * v);
                }
                out
            }
        };
        let mut publics = vec![vec![Fr::zero(); len]; PUBLICS];
        for (weight, first) in weights.iter().zip((start..).step_by(stride)) {
            let here = self.circuit.publics_dense(&self.tau, self.gamma, first..first + len);
            let pairs = publics.iter_mut().flatten().zip(here.iter().flatten());
            pairs.filter(|(_, v)| !v.is_zero()).for_each(|(sum, v)| *sum += *weight * v);
        }
        (self.columns.iter().map(column).collect(), publics)
    }

    /// Every helper column, over the first `rows` rows, whole vectors.
    pub fn helpers(&self, challenges: &Challenges, rows: usize, n: usize) -> Vec<Vec<Fr>> {
        gather(rows, BLOCK.min(n), |start, len| {
            let (columns, publics) = self.block(&[], start, len);
            helper_columns(self.circuit, &columns, &publics, challenges)
        })
    }
}

/// Joins what `work` makes of every block, few blocks at a time.
fn gather(rows: usize, block: usize, work: impl Fn(usize, usize) -> Vec<Vec<Fr>> + Sync) -> Vec<Vec<Fr>> {
    let mut out: Vec<Vec<Fr>> = Vec::new();
    let starts: Vec<usize> = (0..rows).step_by(block).collect();
    for some in starts.chunks(GROUP) {
        let parts: Vec<Vec<Vec<Fr>>> = some.par_iter().map(|&start| work(start, block)).collect();
        for part in parts {
            out.resize_with(part.len(), || Vec::with_capacity(rows));
            out.iter_mut().zip(part).for_each(|(all, cells)| all.extend(cells));
        }
    }
    out
}

/// The integrand.
pub(crate) struct CloseSum<'a> {
    rows: Rows<'a>,
    challenges: &'a Challenges,
    masks: Vec<Fr>,
    streamed: usize,
    bound: Vec<Fr>,
    dense: Option<RowSum<'a, CloseCircuit<'a>>>,
}

impl<'a> CloseSum<'a> {
    /// `masks`: one per column, for the last variable.
    pub fn new(rows: Rows<'a>, challenges: &'a Challenges, masks: Vec<Fr>) -> Self {
        let streamed = rows.tau.len().saturating_sub(DENSE_BITS).min(STREAMED);
        let mut out = Self { rows, challenges, masks, streamed, bound: Vec::new(), dense: None };
        out.densify();
        out
    }

    /// Values of all columns at the bound point, masks included.
    pub fn values(&self) -> Vec<Fr> {
        self.dense.as_ref().map(RowSum::values).unwrap_or_default()
    }

    /// Number of rows left.
    fn left(&self) -> usize {
        1 << (self.rows.tau.len() - self.bound.len())
    }

    /// From here on all rows are held, if that is little enough.
    fn densify(&mut self) {
        if self.bound.len() < self.streamed {
            return;
        }
        let mut columns = gather(self.left(), BLOCK.min(self.left()), |start, len| {
            let (mut columns, publics) = self.rows.block(&self.bound, start, len);
            columns.extend(publics);
            columns
        });
        let publics = columns.split_off(self.rows.columns.len());
        self.dense = Some(RowSum::new(self.rows.circuit, self.challenges, columns, publics, std::mem::take(&mut self.masks)));
    }
}

impl Integrand for CloseSum<'_> {
    fn sums(&self, degree: usize, with_one: bool) -> Vec<Fr> {
        if let Some(dense) = &self.dense {
            return dense.sums(degree, with_one);
        }
        let half = self.left() / 2;
        let block = BLOCK.min(half);
        let starts: Vec<usize> = (0..half).step_by(block).collect();
        let sums = starts.into_par_iter().map(|start| {
            let (mut columns, mut publics) = self.rows.block(&self.bound, start, block);
            let (others, further) = self.rows.block(&self.bound, half + start, block);
            columns.iter_mut().zip(others).for_each(|(low, high)| low.extend(high));
            publics.iter_mut().zip(further).for_each(|(low, high)| low.extend(high));
            RowSum::new(self.rows.circuit, self.challenges, columns, publics, Vec::new()).sums(degree, with_one)
        });
        let zero = || vec![Fr::zero(); degree + 1];
        sums.reduce(zero, |mut a, b| {
            a.iter_mut().zip(b).for_each(|(x, y)| *x += y);
            a
        })
    }

    fn bind(&mut self, r: Fr) {
        match &mut self.dense {
            Some(dense) => dense.bind(r),
            None => {
                self.bound.push(r);
                self.densify();
            }
        }
    }
}
