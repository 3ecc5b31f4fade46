//! The dataset table: records in the layout that is committed (docs/protocol.md, section 2).

use crate::DataError;
use fedproof_program::{Layout, Program, Record, Schedule};

/// A participant's records: nD vectors of N cells. Its `Debug` form shows sizes only, the records are private.
#[derive(Clone, PartialEq, Eq)]
pub struct Dataset {
    cells: Vec<i64>,
    length: usize,
    batch_bits: usize,
    record: Record,
    count: u64,
}

impl std::fmt::Debug for Dataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dataset").field("vectors", &self.vectors()).field("length", &self.length).finish_non_exhaustive()
    }
}

impl Dataset {
    /// Checks and lays out records. `features` is row-major (records, d_0) at scale 2^fa, `targets` row-major (records, d_L) at scale
    /// 2^fd; there are exactly `program.records()` records and all are valid.
    pub fn new(program: &Program, layout: &Layout, features: &[i64], targets: &[i64]) -> Result<Self, DataError> {
        let (width, outputs) = (program.dims[0], program.outputs());
        check_size("features", program, width, features)?;
        check_size("targets", program, outputs, targets)?;
        check_range("features", program, width, features)?;
        if program.loss.classifies() {
            check_classes(program, targets)?;
        } else {
            check_range("targets", program, outputs, targets)?;
        }
        let record = layout.record;
        let mut cells = vec![0; layout.data_vectors * layout.n()];
        let rows = cells.chunks_exact_mut(1 << record.bits);
        for ((cells, x), y) in rows.zip(features.chunks_exact(width)).zip(targets.chunks_exact(outputs)) {
            cells[..width].copy_from_slice(x);
            cells[record.targets..record.targets + outputs].copy_from_slice(y);
            cells[record.valid] = 1;
        }
        Ok(Self { cells, length: layout.n(), batch_bits: layout.bb, record, count: program.records() as u64 })
    }

    /// Any cells at all, **unchecked**: for tests of cheating provers. Cut or filled with zeros to the table's length.
    pub fn from_cells(layout: &Layout, mut cells: Vec<i64>) -> Self {
        cells.resize(layout.data_vectors * layout.n(), 0);
        let valid =
            cells.chunks_exact(1 << layout.record.bits).take(1 << (layout.nb + layout.bb)).map(|r| r[layout.record.valid]);
        let count = valid.fold(0u64, |sum, v| sum.wrapping_add(v as u64));
        Self { cells, length: layout.n(), batch_bits: layout.bb, record: layout.record, count }
    }

    /// Vector `v`, N cells; empty when there is no such vector.
    pub fn vector(&self, v: usize) -> &[i64] {
        self.cells.chunks_exact(self.length).nth(v).unwrap_or(&[])
    }

    /// nD.
    pub fn vectors(&self) -> usize {
        self.cells.len() / self.length
    }

    /// All vectors, one after the other.
    pub fn cells(&self) -> &[i64] {
        &self.cells
    }

    /// Valid records of the whole dataset.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Valid records that the steps of a round read: the count of a training statement.
    pub fn scheduled_count(&self, program: &Program, schedule: &Schedule) -> u64 {
        let records = (0..program.steps).flat_map(|t| (0..program.batch).map(move |b| (t, b)));
        let valid = records.filter_map(|(t, b)| self.record(schedule.block(t), b)).map(|r| r[self.record.valid]);
        valid.fold(0u64, |sum, v| sum.wrapping_add(v as u64))
    }

    /// One cell; 0 outside the table.
    pub fn cell(&self, layout: &Layout, block: usize, b: usize, slot: usize) -> i64 {
        let at = (((block << layout.bb) + b) << layout.record.bits) + slot;
        self.cells.get(at).copied().unwrap_or(0)
    }

    /// The slots of a record.
    pub(crate) fn record(&self, block: usize, b: usize) -> Option<&[i64]> {
        let at = ((block << self.batch_bits) + b) << self.record.bits;
        self.cells.get(at..at + (1 << self.record.bits))
    }
}

fn check_size(what: &'static str, program: &Program, width: usize, cells: &[i64]) -> Result<(), DataError> {
    let records = program.records();
    if cells.len() != records * width {
        return Err(DataError::Size { what, records, width, expected: records * width, got: cells.len() });
    }
    Ok(())
}

fn check_range(what: &'static str, program: &Program, width: usize, cells: &[i64]) -> Result<(), DataError> {
    let (min, max) = (program.min_value(), -program.min_value() - 1);
    match cells.iter().position(|v| !(min..=max).contains(v)) {
        Some(at) => Err(DataError::Range { what, record: at / width, column: at % width, value: cells[at], min, max }),
        None => Ok(()),
    }
}

fn check_classes(program: &Program, targets: &[i64]) -> Result<(), DataError> {
    let (outputs, one) = (program.outputs(), 1i64 << program.delta_bits);
    if let Some(at) = targets.iter().position(|&y| y != 0 && y != one) {
        return Err(DataError::Target { record: at / outputs, column: at % outputs, value: targets[at], one });
    }
    for (record, row) in targets.chunks_exact(outputs).enumerate().filter(|_| program.one_hot) {
        let ones = row.iter().filter(|&&y| y != 0).count();
        if ones != 1 {
            return Err(DataError::OneHot { record, ones });
        }
    }
    Ok(())
}
