//! The program's fields and their limits.

use crate::init::init_radius;
use crate::layout::MAX_ROW_BITS;
use crate::{keccak256, log2_ceil, Activation, Bounds, Layout, Loss, ProgramError};

/// The integer training program of a task (docs/protocol.md, section 1). Immutable once built: every value of this type is legal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Loss and output activation.
    pub loss: Loss,
    /// d_0 .. d_L.
    pub dims: Vec<usize>,
    /// Activations of the hidden layers 1 .. L-1.
    pub activations: Vec<Activation>,
    /// T, SGD steps of a round.
    pub steps: usize,
    /// B, records of a step; a power of two.
    pub batch: usize,
    /// Blocks of B records in a dataset; a power of two.
    pub blocks: usize,
    /// l, bits of activations, deltas and limbs.
    pub bits: u32,
    /// F, fractional bits of weights.
    pub weight_bits: u32,
    /// fa, fractional bits of activations.
    pub activation_bits: u32,
    /// fd, fractional bits of deltas.
    pub delta_bits: u32,
    /// k, learning-rate multiplier.
    pub rate: u64,
    /// wb: |W_0| < 2^wb.
    pub bound_bits: u32,
    /// p, evaluating proofs an update will ever be the subject of.
    pub openings: usize,
    /// Most lookup units in one helper.
    pub group: usize,
}

fn within(field: &'static str, value: u64, low: u64, high: u64) -> Result<(), ProgramError> {
    if value < low || value > high {
        return Err(ProgramError::field(field, format!("must be between {low} and {high}, got {value}")));
    }
    Ok(())
}

fn power_of_two(field: &'static str, value: usize) -> Result<(), ProgramError> {
    within(field, value as u64, 1, 65536)?;
    if !value.is_power_of_two() {
        return Err(ProgramError::field(field, format!("must be a power of two, got {value}")));
    }
    Ok(())
}

impl Program {
    /// Checks every limit of section 1 and returns the program.
    pub fn validated(self) -> Result<Self, ProgramError> {
        let layers = self.dims.len().saturating_sub(1);
        within("dims", layers as u64, 1, 16).map_err(|_| ProgramError::field("dims", format!("1 to 16 layers, got {layers}")))?;
        for &d in &self.dims {
            within("dims", d as u64, 1, 65536)?;
        }
        if self.activations.len() != layers - 1 {
            let why = format!("one per hidden layer ({}), got {}", layers - 1, self.activations.len());
            return Err(ProgramError::field("activations", why));
        }
        within("steps", self.steps as u64, 1, 65536)?;
        power_of_two("batch", self.batch)?;
        power_of_two("blocks", self.blocks)?;
        if self.steps * self.batch < 2 {
            return Err(ProgramError::field("steps", "a round needs at least two records (steps * batch >= 2)"));
        }
        within("bits", self.bits.into(), 4, 16)?;
        within("weight_bits", self.weight_bits.into(), self.bits.into(), 48)?;
        within("activation_bits", self.activation_bits.into(), 1, u64::from(self.bits) - 1)?;
        within("delta_bits", self.delta_bits.into(), self.activation_bits.into(), self.bits.into())?;
        within("rate", self.rate, 1, 1 << 40)?;
        within("bound_bits", self.bound_bits.into(), self.weight_bits.into(), 56)?;
        if (1..=layers).any(|i| init_radius(&self, i) >= 1 << self.bound_bits) {
            return Err(ProgramError::field("bound_bits", "the initial weights would exceed the bound: raise it"));
        }
        within("openings", self.openings as u64, 1, 16)?;
        within("group", self.group as u64, 2, 6)?;
        Bounds::of(&self)?;
        let widest = self.dims.iter().map(|&d| log2_ceil(d + 1)).max().unwrap_or(0);
        let rows = log2_ceil(self.steps) + log2_ceil(self.batch) + widest + 2;
        if rows > MAX_ROW_BITS {
            return Err(ProgramError::field(
                "steps",
                format!("steps * batch * width needs 2^{rows} rows, more than 2^{MAX_ROW_BITS}"),
            ));
        }
        if Layout::find(&self).is_none() {
            let why = format!("the dataset or the weights need vectors of more than 2^{MAX_ROW_BITS} cells");
            return Err(ProgramError::field("blocks", why));
        }
        Ok(self)
    }

    /// L, the number of dense layers.
    pub fn layers(&self) -> usize {
        self.dims.len() - 1
    }

    /// d_L.
    pub fn outputs(&self) -> usize {
        self.dims[self.layers()]
    }

    /// Records that a dataset holds: blocks * batch.
    pub fn records(&self) -> usize {
        self.blocks * self.batch
    }

    /// keccak256 of the canonical encoding.
    pub fn digest(&self) -> [u8; 32] {
        keccak256(&[&self.encode()])
    }

    /// Smallest signed l-bit integer; the largest is `-min - 1`.
    pub fn min_value(&self) -> i64 {
        -(1i64 << (self.bits - 1))
    }
}
