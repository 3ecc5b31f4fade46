//! The weights of every step: `W_t = c_t W_0 - sum_{u<t} kappa_{t-u} G_u` (docs/protocol.md, section 1).

use crate::weights::restride;
use fedproof_program::{Kernel, Layout, Program, Weights};
use rayon::prelude::*;

/// Cells that are computed together, so that sums stay in the cache.
const CHUNK: usize = 1 << 11;

/// Weights of the step at hand, and what those of later steps need. Layer i stands at index i-1, its rows padded to 2^J_i.
pub(crate) struct Descent {
    current: Weights,
    /// W_0 and, for every layer, the gradients of all steps so far; empty for plain SGD. A gradient of zeros is empty.
    initial: Weights,
    gradients: Vec<Vec<Vec<i64>>>,
    /// W_T, of the layers that have it already; empty for plain SGD.
    out: Weights,
}

impl Descent {
    /// W_0, already checked.
    pub(crate) fn new(program: &Program, layout: &Layout, weights: &Weights) -> Self {
        let padded = weights.iter().enumerate().map(|(i, w)| restride(w, program.dims[i + 1], 1 << layout.unit_bits[i + 1]));
        let initial: Weights = padded.collect();
        let empty = vec![Vec::new(); initial.len()];
        match program.kernel {
            Kernel::Plain(_) => Self { current: initial, initial: Vec::new(), gradients: Vec::new(), out: Vec::new() },
            Kernel::Explicit { fraction_bits, .. } => {
                let raised = |w: &Vec<i64>| w.iter().map(|w| w << fraction_bits).collect();
                let current = initial.iter().map(raised).collect();
                Self { current, initial, gradients: vec![Vec::new(); empty.len()], out: empty }
            }
        }
    }

    /// Weights of layer `i`.
    pub(crate) fn layer(&self, i: usize) -> &[i64] {
        &self.current[i - 1]
    }

    /// Plain SGD: layer `i` after a step with gradient `g`.
    pub(crate) fn subtract(&mut self, i: usize, rate: i64, g: &[i64]) {
        let chunks = self.current[i - 1].par_chunks_mut(CHUNK).zip(g.par_chunks(CHUNK));
        chunks.for_each(|(w, g)| w.iter_mut().zip(g).for_each(|(w, &g)| *w = w.wrapping_sub(rate.wrapping_mul(g))));
    }

    /// Keeps the gradient of a step of layer `i`.
    pub(crate) fn keep(&mut self, i: usize, g: Vec<i64>) {
        self.gradients[i - 1].push(if g.iter().any(|&g| g != 0) { g } else { Vec::new() });
    }

    /// Layer `i` from W_0 and the gradients kept; `taps` belong to them, oldest first. They are W_T if `last`.
    pub(crate) fn combine(&mut self, i: usize, decay: i64, taps: &[i64], last: bool) {
        let (initial, gradients) = (&self.initial[i - 1], &self.gradients[i - 1]);
        let live: Vec<(i64, &[i64])> =
            taps.iter().zip(gradients).filter(|(&tap, g)| tap != 0 && !g.is_empty()).map(|(&tap, g)| (tap, &g[..])).collect();
        self.current[i - 1].par_chunks_mut(CHUNK).enumerate().for_each(|(k, cells)| {
            let range = k * CHUNK..k * CHUNK + cells.len();
            cells.iter_mut().zip(&initial[range.clone()]).for_each(|(w, &first)| *w = decay.wrapping_mul(first));
            for (tap, g) in &live {
                cells.iter_mut().zip(&g[range.clone()]).for_each(|(w, &g)| *w = w.wrapping_sub(tap.wrapping_mul(g)));
            }
        });
        if last {
            self.out[i - 1].clone_from(&self.current[i - 1]);
        }
    }

    /// W_out, without padding.
    pub(crate) fn finish(self, program: &Program, layout: &Layout) -> Weights {
        let out = if self.out.is_empty() { self.current } else { self.out };
        let cut = |(i, w): (usize, Vec<i64>)| restride(&w, 1 << layout.unit_bits[i + 1], program.dims[i + 1]);
        out.into_iter().enumerate().map(cut).collect()
    }
}
