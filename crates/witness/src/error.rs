//! Errors of data and of execution. Each names the place and what is allowed there.

/// Why records are no dataset of a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// Not as many integers as the program's records hold.
    #[error("{what}: {records} records of {width} integers expected ({expected}), got {got}")]
    Size {
        /// "features" or "targets".
        what: &'static str,
        /// Records of a dataset.
        records: usize,
        /// Integers of one record.
        width: usize,
        /// records * width.
        expected: usize,
        /// Length given.
        got: usize,
    },
    /// An integer outside its range.
    #[error("{what}: record {record}, column {column}: {value} is not between {min} and {max}")]
    Range {
        /// "features" or "targets".
        what: &'static str,
        /// Record.
        record: usize,
        /// Column.
        column: usize,
        /// Integer given.
        value: i64,
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
    },
    /// A classification target that is neither 0 nor 1.
    #[error("targets: record {record}, column {column}: {value} is neither 0 nor {one} (one)")]
    Target {
        /// Record.
        record: usize,
        /// Column.
        column: usize,
        /// Integer given.
        value: i64,
        /// 2^fd.
        one: i64,
    },
    /// A record without exactly one class, where targets are one-hot.
    #[error("targets: record {record} has {ones} classes, exactly one is needed")]
    OneHot {
        /// Record.
        record: usize,
        /// Targets that are one.
        ones: usize,
    },
}

/// Why a program cannot be executed on these inputs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// Wrong number of weight layers.
    #[error("weights: {expected} layers expected, got {got}")]
    Layers {
        /// L.
        expected: usize,
        /// Layers given.
        got: usize,
    },
    /// A layer of the wrong size.
    #[error("weights: layer {layer} has {rows} x {columns} integers (the last row is the bias), got {got}")]
    Shape {
        /// 1..=L.
        layer: usize,
        /// d_{i-1} + 1.
        rows: usize,
        /// d_i.
        columns: usize,
        /// Length given.
        got: usize,
    },
    /// A weight outside the program's bound.
    #[error("weights: layer {layer}, row {row}, column {column}: {value} is not below 2^{bound_bits} in absolute value")]
    Weight {
        /// 1..=L.
        layer: usize,
        /// Input.
        row: usize,
        /// Unit.
        column: usize,
        /// Integer given.
        value: i64,
        /// wb.
        bound_bits: u32,
    },
    /// A weight table of the wrong length.
    #[error("weight table: {expected} cells expected, got {got}")]
    Table {
        /// nW * N.
        expected: usize,
        /// Length given.
        got: usize,
    },
    /// A weight table with something outside the layers.
    #[error("weight table: cell {cell} belongs to no weight and must be zero, got {value}")]
    Padding {
        /// Position.
        cell: usize,
        /// Integer found.
        value: i64,
    },
    /// A dataset made for another program.
    #[error("dataset: {expected} cells expected, got {got}: it was made for another program")]
    Dataset {
        /// nD * N.
        expected: usize,
        /// Cells of the dataset.
        got: usize,
    },
    /// A schedule made for another program.
    #[error("schedule: step {step} reads block {block} of {blocks}: it was made for another program")]
    Schedule {
        /// Step.
        step: usize,
        /// Block it reads.
        block: usize,
        /// Blocks of a dataset.
        blocks: usize,
    },
    /// A value so far beyond saturation that its distance does not fit 64 bits.
    #[error("step {step}, layer {layer}: a product overshoots its range by more than 2^63")]
    Excess {
        /// 1..=L.
        layer: usize,
        /// Step.
        step: usize,
    },
}
