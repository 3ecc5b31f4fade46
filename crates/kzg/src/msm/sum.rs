//! Sums of points by key.

use super::affine::{sum_ranges, Point};
use rayon::prelude::*;
use std::ops::Range;

/// Points summed together in one go: enough to make inversions cheap, few enough for the cache.
const PIECE: Range<usize> = 1024..16384;

/// For each key below `keys` that occurs, the sum of its points, keys ascending. Item i < `count` has key `key(i)` (none: left out) and
/// point `point(i)`.
pub(super) fn sum_by_key(
    keys: usize,
    count: usize,
    key: impl Fn(usize) -> Option<u32>,
    point: impl Fn(usize) -> Point + Sync,
) -> Vec<(u32, Point)> {
    let (order, ends) = sort_by_key(keys, count, key);
    let piece = (order.len() / (2 * rayon::current_num_threads())).clamp(PIECE.start, PIECE.end);
    let pieces: Vec<Vec<(u32, Point)>> = order
        .par_chunks(piece)
        .enumerate()
        .map(|(number, items)| {
            let start = number * piece;
            let mut points: Vec<Point> = items.iter().map(|i| point(*i as usize)).collect();
            let runs = runs(&ends, start..start + items.len());
            sum_ranges(&mut points, runs.iter().map(|(_, range)| range.clone()));
            runs.into_iter().map(|(key, range)| (key, points[range.start])).collect()
        })
        .collect();
    join(pieces)
}

/// Items sorted by key, and for each key the end of its items.
fn sort_by_key(keys: usize, count: usize, key: impl Fn(usize) -> Option<u32>) -> (Vec<u32>, Vec<u32>) {
    let mut next = vec![0u32; keys + 1];
    for key in (0..count).filter_map(&key) {
        next[key as usize + 1] += 1;
    }
    for i in 0..keys {
        next[i + 1] += next[i];
    }
    let mut order = vec![0u32; next[keys] as usize];
    for i in 0..count {
        if let Some(key) = key(i) {
            let place = &mut next[key as usize];
            order[*place as usize] = i as u32;
            *place += 1;
        }
    }
    next.pop();
    (order, next)
}

/// Keys of the sorted items in `piece`, each with the range of its items relative to the piece.
fn runs(ends: &[u32], piece: Range<usize>) -> Vec<(u32, Range<usize>)> {
    let mut runs = Vec::new();
    let mut at = piece.start;
    let first = ends.partition_point(|end| *end as usize <= at);
    for (key, end) in ends.iter().enumerate().skip(first) {
        if at == piece.end {
            break;
        }
        let end = (*end as usize).min(piece.end);
        if end > at {
            runs.push((key as u32, at - piece.start..end - piece.start));
            at = end;
        }
    }
    runs
}

/// One list of the pieces' lists; a key that was cut by a piece's border is summed.
fn join(pieces: Vec<Vec<(u32, Point)>>) -> Vec<(u32, Point)> {
    let (keys, mut points): (Vec<u32>, Vec<Point>) = pieces.into_iter().flatten().unzip();
    let mut runs: Vec<(u32, Range<usize>)> = Vec::with_capacity(keys.len());
    for (i, key) in keys.into_iter().enumerate() {
        match runs.last_mut() {
            Some((last, range)) if *last == key => range.end = i + 1,
            _ => runs.push((key, i..i + 1)),
        }
    }
    sum_ranges(&mut points, runs.iter().map(|(_, range)| range.clone()));
    runs.into_iter().map(|(key, range)| (key, points[range.start])).collect()
}
