//! Sums of points by key.

use super::kernel::Kernel;
use rayon::prelude::*;
use std::ops::Range;

/// Points summed together in one go: enough to make inversions cheap, few enough for the cache.
const PIECE: Range<usize> = 1024..16384;

/// A key and the sum of its points.
type Sum<K> = (u32, <K as Kernel>::Point);

/// For each key from 1 to `largest` that occurs as a digit or its opposite, the sum of the points of those digits, the latter's negated;
/// keys ascending. `digits` and `points` have the same length.
pub(super) fn sum_by_key<K: Kernel>(kernel: K, largest: u32, digits: &[i32], points: &[K::Point]) -> Vec<Sum<K>> {
    let (order, ends) = sort_by_key(largest, digits);
    let piece = (order.len() / (2 * rayon::current_num_threads())).clamp(PIECE.start, PIECE.end);
    let pieces: Vec<Vec<Sum<K>>> = order
        .par_chunks(piece)
        .enumerate()
        .map(|(number, items)| {
            let start = number * piece;
            let mut points: Vec<K::Point> =
                items.iter().map(|item| kernel.negated_if(points[(item >> 1) as usize], item & 1 == 1)).collect();
            let runs = runs(&ends, start..start + items.len());
            kernel.sum_ranges(&mut points, runs.iter().map(|(_, range)| range.clone()));
            runs.into_iter().map(|(key, range)| (key, points[range.start as usize])).collect()
        })
        .collect();
    join(kernel, pieces)
}

/// Positions of digits that are not zero, sorted by absolute value, each times two plus one if the digit is negative; and for each
/// absolute value the end of its positions.
fn sort_by_key(largest: u32, digits: &[i32]) -> (Vec<u32>, Vec<u32>) {
    let keys = largest as usize + 1;
    let mut next = vec![0u32; keys + 1];
    for digit in digits {
        next[digit.unsigned_abs() as usize + 1] += 1;
    }
    // Zeros are not placed.
    next[1] = 0;
    for i in 0..keys {
        next[i + 1] += next[i];
    }
    let mut order = vec![0u32; next[keys] as usize];
    for (i, digit) in (0..).zip(digits) {
        if *digit != 0 {
            let place = &mut next[digit.unsigned_abs() as usize];
            order[*place as usize] = 2 * i + u32::from(*digit < 0);
            *place += 1;
        }
    }
    next.pop();
    (order, next)
}

/// Keys of the sorted items in `piece`, each with the range of its items relative to the piece.
fn runs(ends: &[u32], piece: Range<usize>) -> Vec<(u32, Range<u32>)> {
    let mut runs = Vec::new();
    let mut at = piece.start;
    let first = ends.partition_point(|end| *end as usize <= at);
    for (key, end) in ends.iter().enumerate().skip(first) {
        if at == piece.end {
            break;
        }
        let end = (*end as usize).min(piece.end);
        if end > at {
            runs.push((key as u32, (at - piece.start) as u32..(end - piece.start) as u32));
            at = end;
        }
    }
    runs
}

/// One list of the pieces' lists; a key that was cut by a piece's border is summed.
fn join<K: Kernel>(kernel: K, mut pieces: Vec<Vec<Sum<K>>>) -> Vec<Sum<K>> {
    if pieces.len() == 1 {
        return pieces.swap_remove(0);
    }
    let (keys, mut points): (Vec<u32>, Vec<K::Point>) = pieces.into_iter().flatten().unzip();
    let mut runs: Vec<(u32, Range<u32>)> = Vec::with_capacity(keys.len());
    for (i, key) in (0..).zip(keys) {
        match runs.last_mut() {
            Some((last, range)) if *last == key => range.end = i + 1,
            _ => runs.push((key, i..i + 1)),
        }
    }
    kernel.sum_ranges(&mut points, runs.iter().map(|(_, range)| range.clone()));
    runs.into_iter().map(|(key, range)| (key, points[range.start as usize])).collect()
}
