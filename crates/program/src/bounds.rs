//! Proven bounds on every intermediate integer; they fix how many limbs the saturation distance needs.

use crate::program::LOSS_WEIGHT_BITS;
use crate::{log2_ceil, Loss, Program, ProgramError};

/// Bounds of docs/protocol.md, section 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// maxW_i for layers 1..=L (index 0 is layer 1).
    pub weights: Vec<u128>,
    /// Largest |Z_i| or |E_i|.
    pub product: u128,
    /// ng, limbs of the saturation distance.
    pub excess_limbs: usize,
}

/// Largest weight of a record or label.
fn largest_weight(p: &Program) -> u32 {
    let width = if p.one_hot { 1 } else { 2 };
    p.loss_weights.chunks(width).map(|w| w.iter().map(|&w| u32::from(w)).sum()).max().unwrap_or(0)
}

fn bits(x: u128) -> u32 {
    128 - x.leading_zeros()
}

impl Bounds {
    /// Computes the bounds or says what overflows.
    pub fn of(p: &Program) -> Result<Self, ProgramError> {
        let layers = p.layers();
        let max_a = 1u128 << (p.bits - 1);
        let difference = (max_a << (p.delta_bits - p.activation_bits)) + max_a;
        let max_d = |i: usize| match (i == layers, p.loss) {
            (true, Loss::Sigmoid | Loss::Softmax) if !p.is_weighted() => 1u128 << p.delta_bits,
            (true, Loss::Squared) => difference,
            (true, Loss::Huber) => p.huber.into(),
            _ => max_a,
        };
        let mut weights = Vec::with_capacity(layers);
        let mut product = 0u128;
        for i in 1..=layers {
            let grown = p.kernel.gain(p.steps).saturating_mul(p.batch as u128 * max_a * max_d(i));
            let w = (p.kernel.largest_decay() << p.bound_bits).saturating_add(grown);
            if w >= 1 << 62 {
                return Err(ProgramError::Overflow { field: "kernel", quantity: "a weight", bits: bits(w), limit: 62 });
            }
            weights.push(w);
            let z = (p.dims[i - 1] as u128 * max_a + (1 << p.activation_bits)) * w;
            let e = if i > 1 { p.dims[i] as u128 * max_d(i) * w } else { 0 };
            product = product.max(z).max(e);
        }
        if product >= 1 << 100 {
            return Err(ProgramError::Overflow { field: "kernel", quantity: "a product", bits: bits(product), limit: 100 });
        }
        let mut excess = (product >> p.scale_bits()) + 2;
        if p.activations.iter().any(|a| a.is_smooth()) {
            excess = excess.max((1 << (p.bits + 1)) + 2);
        }
        if p.is_weighted() {
            excess = excess.max(((u128::from(largest_weight(p)) << (p.delta_bits + 1)) >> LOSS_WEIGHT_BITS) + 2);
        }
        if p.loss == Loss::Huber {
            excess = excess.max(difference + 2);
        }
        if excess >= 1 << 62 {
            return Err(ProgramError::Overflow {
                field: "bound_bits",
                quantity: "the distance to saturation",
                bits: bits(excess),
                limit: 62,
            });
        }
        let softmax = if p.loss == Loss::Softmax { p.bits + 2 + log2_ceil(p.outputs()) as u32 } else { 0 };
        let needed = bits(excess).max(softmax);
        let excess_limbs = (1..=4).find(|n| needed <= n * p.limb_bits).ok_or(ProgramError::Overflow {
            field: "limb_bits",
            quantity: "the distance to saturation",
            bits: needed,
            limit: 4 * p.limb_bits,
        })? as usize;
        Ok(Self { weights, product, excess_limbs })
    }
}
