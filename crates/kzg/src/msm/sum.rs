//! Sums of points by key.

use super::kernel::{Kernel, Memory};
use rayon::prelude::*;
use std::ops::Range;

/// Points summed together in one go: enough to make inversions cheap, few enough for the cache.
const PIECE: Range<usize> = 1024..16384;

/// A key and the sum of its points.
type Sum<K> = (u32, <K as Kernel>::Point);

/// A point to be added to the sum of a key below the number of keys: point i (item 2 i) or its opposite (item 2 i + 1).
#[derive(Clone, Copy, Debug)]
pub(super) struct Summand {
    pub(super) key: u32,
    pub(super) item: u32,
}

/// For each of `keys` keys that occurs, the sum of its points, keys ascending.
pub(super) fn sum_by_key<K: Kernel>(kernel: K, keys: usize, summands: &[Summand], points: &[K::Point]) -> Vec<Sum<K>> {
    let (order, ends) = sort_by_key(keys, summands);
    let piece = (order.len() / (2 * rayon::current_num_threads())).clamp(PIECE.start, PIECE.end);
    let pieces: Vec<Vec<Sum<K>>> = order
        .par_chunks(piece)
        .enumerate()
        .map_init(Default::default, |(summed, memory): &mut (Vec<K::Point>, Memory<K>), (number, items)| {
            let start = number * piece;
            summed.clear();
            kernel.gather(points, items, summed);
            let runs = runs(&ends, start..start + items.len());
            kernel.sum_ranges(summed, runs.iter().map(|(_, range)| range.clone()), memory);
            runs.into_iter().map(|(key, range)| (key, summed[range.start as usize])).collect()
        })
        .collect();
    join(kernel, pieces)
}

/// Items sorted by key, and for each key the end of its items.
fn sort_by_key(keys: usize, summands: &[Summand]) -> (Vec<u32>, Vec<u32>) {
    let mut next = vec![0u32; keys + 1];
    for summand in summands {
        next[summand.key as usize + 1] += 1;
    }
    for i in 0..keys {
        next[i + 1] += next[i];
    }
    let mut order = vec![0u32; summands.len()];
    for summand in summands {
        let place = &mut next[summand.key as usize];
        order[*place as usize] = summand.item;
        *place += 1;
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
    kernel.sum_ranges(&mut points, runs.iter().map(|(_, range)| range.clone()), &mut Memory::default());
    runs.into_iter().map(|(key, range)| (key, points[range.start as usize])).collect()
}
