//! The entrance: safe functions for processors that have the instructions.

use crate::affine::{self, Scratch};
use crate::gather;
use crate::point::Point;

/// Shows that this processor has AVX-512 IFMA.
#[derive(Clone, Copy, Debug)]
pub struct Ifma(());

impl Ifma {
    /// Whether this processor has the instructions.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma")).then_some(Self(()))
    }

    /// Adds `points[high]` onto `points[low]` for each pair (low, high). No position may occur twice (sums would be wrong).
    ///
    /// # Panics
    /// If a position is not below `points.len()`.
    pub fn add_pairs(self, points: &mut [Point], pairs: &[(u32, u32)], scratch: &mut Scratch) {
        // SAFETY: `self` exists, so the instructions were detected.
        unsafe { affine::add_pairs(points, pairs, scratch) }
    }

    /// Appends to `out` for each item 2 i or 2 i + 1 the point i or its opposite.
    ///
    /// # Panics
    /// If a position is not below `points.len()`.
    pub fn gather(self, points: &[Point], items: &[u32], out: &mut Vec<Point>) {
        gather::gather(points, items, out);
    }
}
