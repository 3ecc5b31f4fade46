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

    /// Adds `points[high]` onto `points[low]` for each pair (low, high). No position occurs twice.
    fn add_pairs(self, points: &mut [Self::Point], pairs: &[(u32, u32)], scratch: &mut Self::Scratch);

    /// Sums each range of `points` (ranges are disjoint and not empty) into the first point of the range. Level by level: each level
    /// adds the upper half of every range onto its lower half, all with one inversion.
    fn sum_ranges(self, points: &mut [Self::Point], ranges: impl Iterator<Item = Range<u32>>) {
        let mut ranges: Vec<Range<u32>> = ranges.filter(|range| range.len() > 1).collect();
        let mut pairs = Vec::with_capacity(ranges.iter().map(|range| range.len() / 2).sum());
        let mut scratch = Self::Scratch::default();
        while !ranges.is_empty() {
            pairs.clear();
            for range in &mut ranges {
                // The middle of an odd one stays alone.
                let half = (range.end - range.start).div_ceil(2);
                pairs.extend((range.start..range.end - half).map(|low| (low, low + half)));
                range.end = range.start + half;
            }
            self.add_pairs(points, &pairs, &mut scratch);
            ranges.retain(|range| range.len() > 1);
        }
    }
}

impl Kernel for Ifma {
    type Point = fedproof_lanes::Point;
    type Scratch = Scratch;

    fn negated_if(self, point: Self::Point, condition: bool) -> Self::Point {
        point.negated_if(condition)
    }

    fn add_pairs(self, points: &mut [Self::Point], pairs: &[(u32, u32)], scratch: &mut Scratch) {
        Ifma::add_pairs(self, points, pairs, scratch);
    }
}
