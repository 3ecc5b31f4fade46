//! Where things lie: trace regions, records, layers in the weight table (docs/protocol.md, section 2).

use crate::{log2_ceil, Loss, Program};

/// What a trace region holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// F: pre-activations of a layer.
    Forward,
    /// B: what reaches a hidden layer backwards.
    Backward,
    /// D: deltas that are a rounded product (smooth activations, weighted losses).
    Derivative,
    /// P: exponentials of softmax.
    Exponential,
    /// Q: quotients of softmax.
    Quotient,
    /// H: differences of the Huber loss.
    Difference,
}

/// Aligned rows of one pass of one layer; a row is (t, b, unit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// 1..=L.
    pub layer: usize,
    /// Pass.
    pub direction: Direction,
    /// First row.
    pub offset: usize,
    /// log2 of the number of rows.
    pub bits: usize,
}

/// Slots of one record in the dataset table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// log2 of the slots of a record.
    pub bits: usize,
    /// First target slot.
    pub targets: usize,
    /// Slot of the valid flag.
    pub valid: usize,
}

/// Place of a layer in the weight table (input-major).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightRegion {
    /// First cell.
    pub offset: usize,
    /// log2 of the number of cells: I + J.
    pub bits: usize,
}

impl Record {
    pub(crate) fn of(p: &Program) -> Self {
        let (inputs, outputs) = (1 << log2_ceil(p.dims[0] + 1), 1usize << log2_ceil(p.outputs()));
        let targets = p.dims[0].div_ceil(outputs) * outputs;
        let free = (p.dims[0]..inputs).rev().find(|s| !(targets..targets + outputs).contains(s));
        match free {
            Some(valid) if targets + outputs <= inputs => Self { bits: log2_ceil(inputs), targets, valid },
            _ => {
                let half = inputs.max(2 * outputs);
                Self { bits: log2_ceil(2 * half), targets: half, valid: half + half / 2 }
            }
        }
    }
}

pub(crate) fn place_regions(p: &Program, size: impl Fn(usize) -> usize) -> (Vec<Region>, usize) {
    use Direction::{Backward, Derivative, Difference, Exponential, Forward, Quotient};
    let last = p.layers();
    let exists = |layer: usize, direction| match direction {
        Forward => true,
        Backward => layer < last,
        Derivative => p.has_derivative_region(layer),
        Exponential | Quotient => layer == last && p.loss == Loss::Softmax,
        Difference => layer == last && p.loss == Loss::Huber,
    };
    let mut regions: Vec<Region> = (1..=last)
        .flat_map(|layer| [Forward, Backward, Derivative, Exponential, Quotient, Difference].map(|d| (layer, d)))
        .filter(|&(layer, direction)| exists(layer, direction))
        .map(|(layer, direction)| Region { layer, direction, offset: 0, bits: size(layer) })
        .collect();
    regions.sort_by_key(|r| (std::cmp::Reverse(r.bits), r.layer, r.direction));
    let mut next = 0;
    for r in &mut regions {
        r.offset = next;
        next += 1 << r.bits;
    }
    (regions, next)
}

pub(crate) fn place_weights(input_bits: &[usize], unit_bits: &[usize]) -> (Vec<WeightRegion>, usize) {
    let layers = input_bits.len() - 1;
    let mut order: Vec<usize> = (1..=layers).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(input_bits[i] + unit_bits[i]), i));
    let mut regions = vec![WeightRegion { offset: 0, bits: 0 }; layers];
    let mut next = 0;
    for i in order {
        let bits = input_bits[i] + unit_bits[i];
        regions[i - 1] = WeightRegion { offset: next, bits };
        next += 1 << bits;
    }
    (regions, next)
}
