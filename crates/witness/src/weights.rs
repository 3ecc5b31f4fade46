//! The weight table: all layers, input-major, each padded to powers of two (docs/protocol.md, section 2).

use crate::ExecuteError;
use fedproof_program::{Layout, Program, Weights};

/// Checks the shapes and the bound of W_0.
pub(crate) fn check(program: &Program, weights: &Weights) -> Result<(), ExecuteError> {
    if weights.len() != program.layers() {
        return Err(ExecuteError::Layers { expected: program.layers(), got: weights.len() });
    }
    for (i, w) in weights.iter().enumerate() {
        let (rows, columns, layer) = (program.dims[i] + 1, program.dims[i + 1], i + 1);
        if w.len() != rows * columns {
            return Err(ExecuteError::Shape { layer, rows, columns, got: w.len() });
        }
        if let Some(at) = w.iter().position(|v| v.unsigned_abs() >= 1 << program.bound_bits) {
            let (row, column) = (at / columns, at % columns);
            return Err(ExecuteError::Weight { layer, row, column, value: w[at], bound_bits: program.bound_bits });
        }
    }
    Ok(())
}

/// Rows of `from` integers, each cut or filled with zeros to `to`.
pub(crate) fn restride(cells: &[i64], from: usize, to: usize) -> Vec<i64> {
    let mut out = vec![0; cells.len() / from * to];
    for (new, old) in out.chunks_exact_mut(to).zip(cells.chunks_exact(from)) {
        let n = from.min(to);
        new[..n].copy_from_slice(&old[..n]);
    }
    out
}

/// The table of nW * N cells that is committed. Layers and integers beyond the program's shape are ignored, missing ones are zero.
pub fn weight_table(program: &Program, layout: &Layout, weights: &Weights) -> Vec<i64> {
    let mut table = vec![0; layout.weight_vectors * layout.n()];
    for (i, (layer, region)) in weights.iter().zip(&layout.weights).enumerate() {
        let (rows, columns) = (program.dims[i] + 1, program.dims[i + 1]);
        let cells = &mut table[region.offset..region.offset + (1 << region.bits)];
        let padded = cells.chunks_exact_mut(1 << layout.unit_bits[i + 1]).take(rows);
        for (cells, w) in padded.zip(layer.chunks_exact(columns)) {
            cells[..columns].copy_from_slice(w);
        }
    }
    table
}

/// Inverse of [`weight_table`]; refuses a table of another length or with anything outside the weights.
pub fn weights_from_table(program: &Program, layout: &Layout, table: &[i64]) -> Result<Weights, ExecuteError> {
    let expected = layout.weight_vectors * layout.n();
    if table.len() != expected {
        return Err(ExecuteError::Table { expected, got: table.len() });
    }
    let layers = layout.weights.iter().enumerate().map(|(i, region)| {
        let stride = 1 << layout.unit_bits[i + 1];
        restride(&table[region.offset..region.offset + (program.dims[i] + 1) * stride], stride, program.dims[i + 1])
    });
    let weights: Weights = layers.collect();
    let clean = weight_table(program, layout, &weights);
    match table.iter().zip(&clean).position(|(a, b)| a != b) {
        Some(cell) => Err(ExecuteError::Padding { cell, value: table[cell] }),
        None => Ok(weights),
    }
}
