//! Contractions of private integer matrices with field vectors: the tables of S1a and S1b.

use crate::training::circuit::integer;
use crate::Key;
use ark_bn254::Fr;
use ark_ff::Zero;
use fedproof_program::{Columns, Direction, Layout};
use fedproof_sumcheck::{small_dot, SmallSum};
use fedproof_witness::{Dataset, Trace};
use rayon::prelude::*;

/// Rows (t, b) by inner index, padded; what weight functions cut is zero.
pub(crate) struct Matrix {
    pub width: usize,
    pub cells: Vec<i64>,
}

impl Matrix {
    fn zeros(rows: usize, width: usize) -> Self {
        Self { width, cells: vec![0; rows * width] }
    }

    /// `sum_i cells[row][i] e[i]` for every row.
    pub fn contract_inner(&self, e: &[Fr]) -> Vec<Fr> {
        self.cells.par_chunks_exact(self.width).with_min_len(16).map(|row| small_dot(row, e)).collect()
    }

    /// `sum_b weights[t B + b] cells[t B + b][i]` for every t and i.
    pub fn contract_records(&self, batch: usize, weights: &[Fr]) -> Vec<Vec<Fr>> {
        self.cells
            .par_chunks_exact(self.width * batch)
            .zip(weights.par_chunks_exact(batch))
            .map(|(block, weights)| {
                let mut out = vec![SmallSum::default(); self.width];
                for (row, weight) in block.chunks_exact(self.width).zip(weights) {
                    out.iter_mut().zip(row).filter(|(_, v)| **v != 0).for_each(|(o, &v)| o.add(weight, v));
                }
                out.iter().map(SmallSum::finish).collect()
            })
            .collect()
    }
}

/// `A'_layer`: activations (layer 0: scheduled features) with the constant input 2^fa at index d.
pub(crate) fn inputs(key: &Key, dataset: &Dataset, trace: &Trace, schedule: &fedproof_program::Schedule, layer: usize) -> Matrix {
    let (program, layout) = (key.program(), key.layout());
    let rows = 1 << (layout.tb + layout.bb);
    let width = 1 << layout.input_bits[layer + 1];
    let d = program.dims[layer];
    let mut out = Matrix::zeros(rows, width);
    let column = trace.columns.get(layout.columns.a());
    let region = layout.region(layer, Direction::Forward);
    out.cells.par_chunks_exact_mut(width).enumerate().for_each(|(row, cells)| {
        if layer == 0 {
            let (t, b) = (row >> layout.bb, row & (program.batch - 1));
            if t < program.steps {
                let block = schedule.block(t);
                let start = (block * program.batch + b) << layout.record.bits;
                cells[..d].copy_from_slice(&dataset.cells()[start..start + d]);
            }
        } else if let (Some(column), Some(region)) = (column, region) {
            let start = region.offset + (row << layout.unit_bits[layer]);
            cells[..d].copy_from_slice(&column[start..start + d]);
        }
        cells[d] = 1 << program.activation_bits;
    });
    out
}

/// Region and column that hold a layer's deltas.
pub(crate) fn delta_place(key: &Key, layer: usize) -> (Direction, usize) {
    let (program, columns) = (key.program(), &key.layout().columns);
    if program.has_derivative_region(layer) {
        (Direction::Derivative, Columns::Q)
    } else if layer == program.layers() {
        (Direction::Forward, columns.s())
    } else {
        (Direction::Backward, columns.a())
    }
}

/// `delta_layer`, padded units cut.
pub(crate) fn deltas(key: &Key, trace: &Trace, layer: usize) -> Matrix {
    let (program, layout) = (key.program(), key.layout());
    let rows = 1 << (layout.tb + layout.bb);
    let width = 1 << layout.unit_bits[layer];
    let mut out = Matrix::zeros(rows, width);
    let (direction, index) = delta_place(key, layer);
    if let (Some(column), Some(region)) = (trace.columns.get(index), layout.region(layer, direction)) {
        out.cells.par_chunks_exact_mut(width).enumerate().for_each(|(row, cells)| {
            let d = program.dims[layer];
            let start = region.offset + (row << layout.unit_bits[layer]);
            cells[..d].copy_from_slice(&column[start..start + d]);
        });
    }
    out
}

/// Virtual columns y and v of S2.
pub(crate) fn scheduled_columns(key: &Key, dataset: &Dataset, schedule: &fedproof_program::Schedule) -> [Vec<Fr>; 2] {
    let (program, layout): (_, &Layout) = (key.program(), key.layout());
    let rows = 1usize << layout.c;
    let mut out = [vec![Fr::zero(); rows], vec![Fr::zero(); rows]];
    let units = 1 << layout.unit_bits[program.layers()];
    if let Some(region) = layout.region(program.layers(), Direction::Forward) {
        for t in 0..program.steps {
            for b in 0..program.batch {
                let record = (schedule.block(t) * program.batch + b) << layout.record.bits;
                let row = region.offset + (t * program.batch + b) * units;
                let valid = integer(dataset.cells()[record + layout.record.valid]);
                for j in 0..units {
                    out[0][row + j] = integer(dataset.cells()[record + layout.record.targets + j]);
                    out[1][row + j] = valid;
                }
            }
        }
    }
    out
}
