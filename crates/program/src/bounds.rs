//! Proven bounds on every intermediate integer; they fix how many limbs the saturation distance needs.

use crate::{Loss, Program, ProgramError};

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

fn bits(x: u128) -> u32 {
    128 - x.leading_zeros()
}

impl Bounds {
    /// Computes the bounds or says what overflows.
    pub fn of(p: &Program) -> Result<Self, ProgramError> {
        let layers = p.layers();
        let max_a = 1u128 << (p.bits - 1);
        let max_d = |i: usize| match (i == layers, p.loss) {
            (false, _) => max_a,
            (true, Loss::Sigmoid) => 1u128 << p.delta_bits,
            (true, Loss::Squared) => (max_a << (p.delta_bits - p.activation_bits)) + max_a,
        };
        let mut weights = Vec::with_capacity(layers);
        let mut product = 0u128;
        for i in 1..=layers {
            let grown = (p.steps * p.batch) as u128 * u128::from(p.rate) * max_a * max_d(i);
            let w = (1u128 << p.bound_bits) + grown;
            if w >= 1 << 62 {
                return Err(ProgramError::Overflow { field: "rate", quantity: "a weight", bits: bits(w), limit: 62 });
            }
            weights.push(w);
            let z = (p.dims[i - 1] as u128 * max_a + (1 << p.activation_bits)) * w;
            let e = if i > 1 { p.dims[i] as u128 * max_d(i) * w } else { 0 };
            product = product.max(z).max(e);
        }
        if product >= 1 << 100 {
            return Err(ProgramError::Overflow { field: "rate", quantity: "a product", bits: bits(product), limit: 100 });
        }
        let excess = (product >> p.weight_bits) + 2;
        if excess >= 1 << 62 {
            return Err(ProgramError::Overflow {
                field: "bound_bits",
                quantity: "the distance to saturation",
                bits: bits(excess),
                limit: 62,
            });
        }
        let excess_limbs = (1..=4).find(|n| bits(excess) <= n * p.bits).ok_or(ProgramError::Overflow {
            field: "rate",
            quantity: "the distance to saturation",
            bits: bits(excess),
            limit: 4 * p.bits,
        })? as usize;
        Ok(Self { weights, product, excess_limbs })
    }
}
