//! Multi-scalar multiplication: `sum_i scalar_i base_i`.
//!
//! Pippenger's method with three twists. Scalars are cut into *signed* digits, so a window of c bits has 2^(c-1) buckets, and the number
//! of windows follows from the largest scalar that is there (12-bit values: one window). Points are sorted by digit and each bucket is
//! summed as a tree of *affine* additions that share one inversion per level, about 6 field multiplications each instead of 11. And the
//! weighted sum of the buckets is done by rows and columns of the bucket number, in the same affine additions.
//!
//! A [`Kernel`] does the additions: eight at a time where the processor has AVX-512 IFMA, else with arkworks' arithmetic.

mod affine;
mod bases;
mod digits;
mod few;
mod fixed;
mod kernel;
mod sum;

use affine::Portable;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::AdditiveGroup;
use ark_ff::Zero;
pub(crate) use bases::{Bases, Prepared};
use digits::{Digits, Full, Small, Windows};
pub(crate) use fixed::multiples;
use kernel::Kernel;
use rayon::prelude::*;
use std::ops::Range;
use sum::{sum_by_key, Summand};

/// Up to so many full scalars the doublings dominate, and [`few::sum`] is faster.
const FEW: usize = 48;
/// Windows of fewer points together than this share their inversions.
const TOGETHER: usize = 1 << 16;

/// `sum_i values[i] bases[i]`; lengths are equal.
pub(crate) fn small(bases: Bases<'_>, values: &[i64]) -> G1Projective {
    windowed(bases, &Small::new(values))
}

/// `sum_i scalars[i] bases[i]`; lengths are equal.
pub(crate) fn full(bases: Bases<'_>, scalars: &[Fr]) -> G1Projective {
    if scalars.len() <= FEW {
        few::sum(&bases.to_affine(), scalars)
    } else {
        windowed(bases, &Full::new(scalars))
    }
}

fn windowed(bases: Bases<'_>, scalars: &impl Digits) -> G1Projective {
    match bases {
        Bases::Affine(bases) => {
            let points: Vec<affine::Point> = bases.par_iter().with_min_len(1024).map(Into::into).collect();
            sum_windows(Portable, &points, scalars)
        }
        Bases::Prepared(ifma, points) => sum_windows(ifma, points, scalars),
    }
}

fn sum_windows<K: Kernel>(kernel: K, points: &[K::Point], scalars: &impl Digits) -> G1Projective {
    let Some(windows) = scalars.windows() else { return G1Projective::zero() };
    let threads = u32::try_from(rayon::current_num_threads()).unwrap_or(1);
    let together = (TOGETHER / points.len().max(1)) as u32;
    let together = together.clamp(1, windows.count.div_ceil(threads));
    let sums: Vec<G1Projective> = (0..windows.count.div_ceil(together))
        .into_par_iter()
        .flat_map_iter(|task| {
            let first = task * together;
            some_windows(kernel, points, scalars, windows, first..windows.count.min(first + together))
        })
        .collect();
    let mut total = G1Projective::zero();
    for sum in sums.into_iter().rev() {
        for _ in 0..windows.width {
            total.double_in_place();
        }
        total += sum;
    }
    total
}

/// `sum_i digit_i points[i]` for the digits of each of some windows.
fn some_windows<K: Kernel>(
    kernel: K,
    points: &[K::Point],
    scalars: &impl Digits,
    windows: Windows,
    range: Range<u32>,
) -> Vec<G1Projective> {
    let keys = windows.largest() + 1;
    let mut summands = Vec::with_capacity(points.len() * range.len());
    for (number, window) in (0..).zip(range.clone()) {
        let digit = scalars.window(windows, window);
        summands.extend((0..points.len()).filter_map(|i| {
            let digit = digit(i);
            let item = 2 * i as u32 + u32::from(digit < 0);
            (digit != 0).then_some(Summand { key: number * keys + digit.unsigned_abs(), item })
        }));
    }
    let (buckets, sums): (Vec<u32>, Vec<K::Point>) =
        sum_by_key(kernel, range.len() * keys as usize, &summands, points).into_iter().unzip();
    weighted(kernel, windows, &buckets, &sums, range.len())
}

/// `sum key * point` for each of `count` windows, whose keys begin at multiples of the number of keys. With key = high 2^s + low that is
/// `2^s sum high (sum of row high) + sum low (sum of column low)`.
fn weighted<K: Kernel>(kernel: K, windows: Windows, buckets: &[u32], points: &[K::Point], count: usize) -> Vec<G1Projective> {
    let keys = windows.largest() + 1;
    let shift = windows.width.div_ceil(2);
    let side = 1 << shift;
    let mut summands = Vec::with_capacity(2 * buckets.len());
    for (number, bucket) in (0..).zip(buckets) {
        let (window, key) = (bucket / keys, bucket % keys);
        let (high, low) = (key >> shift, key & (side - 1));
        let parts = [(2 * window, high), (2 * window + 1, low)];
        let useful = parts.into_iter().filter(|(_, key)| *key != 0);
        summands.extend(useful.map(|(part, key)| Summand { key: part * side + key, item: 2 * number }));
    }
    let sums = sum_by_key(kernel, 2 * count * side as usize, &summands, points);
    let mut rest = sums.as_slice();
    let mut next = |part: u32| {
        let (these, others) = rest.split_at(rest.partition_point(|(key, _)| key / side == part));
        rest = others;
        running(these, part * side)
    };
    (0..count as u32)
        .map(|window| {
            let (mut high, low) = (next(2 * window), next(2 * window + 1));
            for _ in 0..shift {
                high.double_in_place();
            }
            high + low
        })
        .collect()
}

/// `sum (key - zero) * point` for few and dense keys, ascending.
fn running<P: Copy + Into<G1Affine>>(sums: &[(u32, P)], zero: u32) -> G1Projective {
    let mut sums = sums.iter().rev().peekable();
    let mut total = G1Projective::zero();
    let mut above = G1Projective::zero();
    for key in (zero + 1..=sums.peek().map_or(zero, |(key, _)| *key)).rev() {
        if let Some((_, point)) = sums.next_if(|(at, _)| *at == key) {
            let point: G1Affine = (*point).into();
            above += point;
        }
        total += above;
    }
    total
}

#[cfg(test)]
mod tests;
