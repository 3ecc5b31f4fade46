//! The initial model, expanded from the task's seed: anybody recomputes [W_0] of the first round.

use crate::{keccak256, Program};

/// Weights of all layers: layer i (index i-1) row-major, (d_{i-1} + 1) rows of d_i integers, the last row is the bias.
pub type Weights = Vec<Vec<i64>>;

/// Glorot-uniform integers at scale 2^F, biases zero (docs/protocol.md, section 1).
pub fn init_weights(program: &Program, seed: &[u8; 32]) -> Weights {
    (1..=program.layers())
        .map(|i| {
            let (rows, cols) = (program.dims[i - 1], program.dims[i]);
            let r = init_radius(program, i);
            let mut layer = Vec::with_capacity((rows + 1) * cols);
            for a in 0..rows {
                for j in 0..cols {
                    let word = |n: usize| (n as u32).to_be_bytes();
                    let h = keccak256(&[b"fedproof/init/1", seed, &word(i), &word(a), &word(j)]);
                    let draw = h.iter().take(16).fold(0u128, |acc, &b| acc << 8 | u128::from(b));
                    layer.push((draw % (2 * r + 1)) as i64 - r as i64);
                }
            }
            layer.resize((rows + 1) * cols, 0);
            layer
        })
        .collect()
}

/// R of layer i: initial weights are uniform in -R..=R.
pub(crate) fn init_radius(program: &Program, i: usize) -> u128 {
    isqrt(6 * (1u128 << (2 * program.weight_bits)) / (program.dims[i - 1] + program.dims[i]) as u128)
}

/// Integer square root, rounded down.
fn isqrt(n: u128) -> u128 {
    if n < 2 {
        return n;
    }
    let mut x = 1u128 << (128 - n.leading_zeros()).div_ceil(2);
    loop {
        let y = (x + n / x) / 2;
        if y >= x {
            return x;
        }
        x = y;
    }
}
