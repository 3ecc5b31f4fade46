//! Many scalars, sixteen to a block.

use crate::rows::{Block, Rows};
use crate::{Ifma, ROWS};
use ark_bn254::Fr;

/// The values of a multilinear polynomial on the cube, 32 bytes each.
#[derive(Clone, Debug)]
pub struct Table {
    blocks: Vec<Block>,
}

impl Table {
    /// Of values whose number is a multiple of [`ROWS`].
    pub fn new(_: Ifma, values: &[Fr]) -> Self {
        let chunks = values.chunks_exact(ROWS).filter_map(|chunk| chunk.try_into().ok());
        // SAFETY: an `Ifma` exists, so the instructions were detected.
        let blocks = chunks.map(|chunk| unsafe { Block::new(chunk) }).collect();
        Self { blocks }
    }

    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The values of a block.
    pub fn rows(&self, block: usize) -> Rows {
        Rows::from(&self.blocks[block])
    }

    /// Binds the most significant variable, of at least two blocks: `t[i] += r (t[i + half] - t[i])`, then halves the table.
    pub fn bind(&mut self, r: Fr) {
        let (r, half) = (Rows::from(r), self.blocks.len() / 2);
        let (low, high) = self.blocks.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            low.bind(high, &r);
        }
        self.blocks.truncate(half);
    }

    /// All values.
    pub fn scalars(&self) -> Vec<Fr> {
        self.blocks.iter().flat_map(|block| Rows::from(block).scalars()).collect()
    }
}
