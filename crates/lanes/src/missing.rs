//! Other processors.

use crate::point::Point;

/// Shows that this processor has AVX-512 IFMA: it has not.
#[derive(Clone, Copy, Debug)]
pub enum Ifma {}

/// Nothing.
#[derive(Default)]
pub struct Scratch;

impl Ifma {
    /// Whether this processor has the instructions.
    pub fn detect() -> Option<Self> {
        None
    }

    /// Adds `points[high]` onto `points[low]` for each pair (low, high).
    pub fn add_pairs(self, _: &mut [Point], _: &[(u32, u32)], _: &mut Scratch) {
        match self {}
    }

    /// Appends to `out` for each item 2 i or 2 i + 1 the point i or its opposite.
    pub fn gather(self, _: &[Point], _: &[u32], _: &mut Vec<Point>) {
        match self {}
    }
}
