//! How points are kept and added: on any processor, or eight at a time.

use ark_bn254::G1Affine;
use fedproof_lanes::{Ifma, Scratch};
use std::ops::Range;

/// A representation of points and its additions.
pub(super) trait Kernel: Copy + Send + Sync {
    /// An affine point.
    type Point: Copy + Send + Sync + for<'a> From<&'a G1Affine> + Into<G1Affine>;
    /// Memory of [`Kernel::add_pairs`] that can be used again.
    type Scratch: Default;

    /// `-point` or `point`.
    fn negated_if(self, point: Self::Point, condition: bool) -> Self::Point;

    /// Appends to `out` for each item 2 i or 2 i + 1 the point i or its opposite.
    fn gather(self, points: &[Self::Point], items: &[u32], out: &mut Vec<Self::Point>) {
        out.extend(items.iter().map(|item| self.negated_if(points[(item >> 1) as usize], item & 1 == 1)));
    }

    /// Adds `points[high]` onto `points[low]` for each pair (low, high). No position occurs twice.
    fn add_pairs(self, points: &mut [Self::Point], pairs: &[(u32, u32)], scratch: &mut Self::Scratch);

    /// Sums each range of `points` (ranges are disjoint and not empty) into the first point of the range. Level by level: each level
    /// adds the upper half of every range onto its lower half, all with one inversion.
    fn sum_ranges(self, points: &mut [Self::Point], ranges: impl Iterator<Item = Range<u32>>, memory: &mut Memory<Self>) {
        let mut ranges: Vec<Range<u32>> = ranges.filter(|range| range.len() > 1).collect();
        let Memory { pairs, scratch } = memory;
        while !ranges.is_empty() {
            pairs.clear();
            for range in &mut ranges {
                // The middle of an odd one stays alone.
                let half = (range.end - range.start).div_ceil(2);
                pairs.extend((range.start..range.end - half).map(|low| (low, low + half)));
                range.end = range.start + half;
            }
            self.add_pairs(points, pairs, scratch);
            ranges.retain(|range| range.len() > 1);
        }
    }
}

/// Memory of [`Kernel::sum_ranges`] that can be used again: fresh memory of a megabyte costs more than what is done with it.
pub(super) struct Memory<K: Kernel> {
    pairs: Vec<(u32, u32)>,
    scratch: K::Scratch,
}

impl<K: Kernel> Default for Memory<K> {
    fn default() -> Self {
        Self { pairs: Vec::new(), scratch: K::Scratch::default() }
    }
}

impl Kernel for Ifma {
    type Point = fedproof_lanes::Point;
    type Scratch = Scratch;

    fn negated_if(self, point: Self::Point, condition: bool) -> Self::Point {
        point.negated_if(condition)
    }

    fn gather(self, points: &[Self::Point], items: &[u32], out: &mut Vec<Self::Point>) {
        Ifma::gather(self, points, items, out);
    }

    fn add_pairs(self, points: &mut [Self::Point], pairs: &[(u32, u32)], scratch: &mut Scratch) {
        Ifma::add_pairs(self, points, pairs, scratch);
    }
}
