//! The program's fields and their limits.

use crate::init::init_radius;
use crate::layout::{MAX_ROW_BITS, MAX_VECTOR_BITS};
use crate::{keccak256, log2_ceil, Activation, Bounds, Kernel, Layout, Loss, ProgramError};

/// The integer training program of a task (docs/protocol.md, section 1). Immutable once built: every value of this type is legal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Loss and output activation.
    pub loss: Loss,
    /// Whether the targets of a valid record are one-hot.
    pub one_hot: bool,
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
    /// l, bits of activations and deltas.
    pub bits: u32,
    /// lb, bits of limbs.
    pub limb_bits: u32,
    /// F, fractional bits of the weights of W_0.
    pub weight_bits: u32,
    /// fa, fractional bits of activations.
    pub activation_bits: u32,
    /// fd, fractional bits of deltas.
    pub delta_bits: u32,
    /// wb: |W_0| < 2^wb.
    pub bound_bits: u32,
    /// p, evaluating proofs an update will ever be the subject of.
    pub openings: usize,
    /// Most lookup units in one helper.
    pub group: usize,
    /// n: committed vectors have 2^n cells.
    pub vector_bits: usize,
    /// Threshold of the Huber loss at scale 2^fd; 0 for other losses.
    pub huber: u32,
    /// Class weights (`one_hot`), or pairs (negative, positive) of label weights, at scale 2^8; empty for none.
    pub loss_weights: Vec<u16>,
    /// The optimiser, learning rate included.
    pub kernel: Kernel,
}

/// Fractional bits of loss weights.
pub const LOSS_WEIGHT_BITS: u32 = 8;

/// Longest explicit kernel.
const MAX_TAPS: usize = 256;

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
        within("limb_bits", self.limb_bits.into(), 4, 20)?;
        within("weight_bits", self.weight_bits.into(), self.bits.into(), 48)?;
        within("activation_bits", self.activation_bits.into(), 1, u64::from(self.bits) - 1)?;
        within("delta_bits", self.delta_bits.into(), self.activation_bits.into(), self.bits.into())?;
        self.check_kernel()?;
        self.check_loss()?;
        within("bound_bits", self.bound_bits.into(), self.weight_bits.into(), 56)?;
        if (1..=layers).any(|i| init_radius(&self, i) >= 1 << self.bound_bits) {
            return Err(ProgramError::field("bound_bits", "the initial weights would exceed the bound: raise it"));
        }
        within("openings", self.openings as u64, 1, 16)?;
        within("group", self.group as u64, 2, 12)?;
        Bounds::of(&self)?;
        let widest = self.dims.iter().map(|&d| log2_ceil(d + 1)).max().unwrap_or(0);
        let rows = log2_ceil(self.steps) + log2_ceil(self.batch) + widest + 2;
        if rows > MAX_ROW_BITS {
            return Err(ProgramError::field(
                "steps",
                format!("steps * batch * width needs 2^{rows} rows, more than 2^{MAX_ROW_BITS}"),
            ));
        }
        Layout::find(&self)?;
        Ok(self)
    }

    /// The program with the shortest vectors it allows: `vector_bits` is chosen here.
    pub fn with_shortest_vectors(self) -> Result<Self, ProgramError> {
        let attempt = |vector_bits| Self { vector_bits, ..self.clone() }.validated();
        let mut last = attempt(MAX_VECTOR_BITS);
        // What is wrong with the longest vectors is wrong with the program.
        last.as_ref().map_err(Clone::clone)?;
        for vector_bits in (1..MAX_VECTOR_BITS).rev() {
            match attempt(vector_bits) {
                Ok(shorter) => last = Ok(shorter),
                Err(_) => break,
            }
        }
        last
    }

    fn check_kernel(&self) -> Result<(), ProgramError> {
        let Kernel::Explicit { fraction_bits, taps, decay } = &self.kernel else {
            let Kernel::Plain(k) = self.kernel else { return Ok(()) };
            return within("kernel", k, 1, 1 << 40);
        };
        within("kernel", taps.len() as u64, 1, MAX_TAPS as u64).map_err(|_| {
            ProgramError::field("kernel", format!("1 to {MAX_TAPS} steps with this optimiser, got {}", taps.len()))
        })?;
        if taps.len() != self.steps || decay.len() != self.steps {
            let why = format!("{} taps and factors expected, got {} and {}", self.steps, taps.len(), decay.len());
            return Err(ProgramError::field("kernel", why));
        }
        within("kernel", u64::from(*fraction_bits), 0, 32)?;
        within("kernel", u64::from(self.scale_bits()), 1, 56)?;
        match taps.iter().chain(decay).find(|v| v.unsigned_abs() > 1 << 56) {
            Some(v) => Err(ProgramError::field("kernel", format!("{v} is larger than 2^56"))),
            None => Ok(()),
        }
    }

    fn check_loss(&self) -> Result<(), ProgramError> {
        let outputs = self.outputs();
        let fixed = match self.loss {
            Loss::Sigmoid if outputs >= 2 => self.one_hot,
            Loss::Softmax => true,
            _ => false,
        };
        if self.one_hot != fixed {
            return Err(ProgramError::field("one_hot", format!("must be {fixed} for this loss and {outputs} outputs")));
        }
        if self.loss == Loss::Softmax {
            if outputs < 2 {
                return Err(ProgramError::field("dims", "softmax needs at least two outputs"));
            }
            if self.delta_bits + 2 > self.bits {
                return Err(ProgramError::field("delta_bits", "softmax needs delta_bits <= bits - 2"));
            }
            if self.bits + 2 + log2_ceil(outputs) as u32 > self.scale_bits() {
                return Err(ProgramError::field("weight_bits", "too few for a softmax of so many outputs"));
            }
        }
        let largest = if self.loss == Loss::Huber { (1u64 << (self.bits - 1)) - 1 } else { 0 };
        within("huber", self.huber.into(), u64::from(self.loss == Loss::Huber), largest)?;
        if self.loss_weights.is_empty() {
            return Ok(());
        }
        if !self.loss.classifies() {
            return Err(ProgramError::field("weights", "only for sigmoid and softmax"));
        }
        let expected = if self.one_hot { outputs } else { 2 * outputs };
        if self.loss_weights.len() != expected {
            return Err(ProgramError::field("weights", format!("{expected} expected, got {}", self.loss_weights.len())));
        }
        if self.delta_bits + LOSS_WEIGHT_BITS > self.scale_bits() {
            return Err(ProgramError::field("weight_bits", "too few for loss weights"));
        }
        Ok(())
    }

    /// F' = F + fc: fractional bits of W_t and W_out.
    pub fn scale_bits(&self) -> u32 {
        self.weight_bits + self.kernel.fraction_bits()
    }

    /// Whether the output deltas carry class or label weights.
    pub fn is_weighted(&self) -> bool {
        !self.loss_weights.is_empty()
    }

    /// fs: fractional bits of the derivatives of smooth activations.
    pub fn derivative_bits(&self) -> u32 {
        self.bits - 2
    }

    /// Whether a layer's deltas stand in a region of their own.
    pub fn has_derivative_region(&self, layer: usize) -> bool {
        match self.activations.get(layer.wrapping_sub(1)) {
            Some(activation) => activation.is_smooth(),
            None => layer == self.layers() && self.is_weighted(),
        }
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
