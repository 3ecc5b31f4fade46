//! Which block each step reads: the same bit permutation and offset for all participants of a round.

use crate::{keccak256, log2_ceil, Program, ProgramError};

/// Batch schedule of a round (docs/protocol.md, section 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Permutation of block-index bits.
    pub pi: Vec<u8>,
    /// Offset, XORed.
    pub beta: u32,
}

impl Schedule {
    /// Checks that `pi` permutes the block bits and `beta` is a block.
    pub fn new(program: &Program, pi: Vec<u8>, beta: u32) -> Result<Self, ProgramError> {
        let nb = log2_ceil(program.blocks);
        let mut seen = vec![false; nb];
        for &k in &pi {
            match seen.get_mut(usize::from(k)) {
                Some(s) if !*s => *s = true,
                _ => return Err(ProgramError::field("pi", format!("not a permutation of 0..{nb}"))),
            }
        }
        if pi.len() != nb {
            return Err(ProgramError::field("pi", format!("{nb} entries expected, got {}", pi.len())));
        }
        if beta as usize >= program.blocks {
            return Err(ProgramError::field("beta", format!("must be below {}, got {beta}", program.blocks)));
        }
        Ok(Self { pi, beta })
    }

    /// Fisher-Yates from a 32-byte seed.
    pub fn from_seed(program: &Program, seed: &[u8; 32]) -> Self {
        let nb = log2_ceil(program.blocks);
        let beta = modulo(seed, program.blocks as u64) as u32;
        let mut pi: Vec<u8> = (0..nb as u8).collect();
        for i in (1..nb).rev() {
            let mut index = [0u8; 32];
            index[24..].copy_from_slice(&(i as u64).to_be_bytes());
            let j = modulo(&keccak256(&[seed, &index]), i as u64 + 1) as usize;
            pi.swap(i, j);
        }
        Self { pi, beta }
    }

    /// Block that step `t` reads.
    pub fn block(&self, t: usize) -> usize {
        let permuted = self.pi.iter().enumerate().fold(0, |acc, (k, &to)| acc | ((t >> k) & 1) << to);
        permuted ^ self.beta as usize
    }
}

/// A big-endian integer modulo a small number.
fn modulo(bytes: &[u8; 32], m: u64) -> u64 {
    bytes.iter().fold(0u64, |acc, &b| ((u128::from(acc) << 8 | u128::from(b)) % u128::from(m)) as u64)
}
