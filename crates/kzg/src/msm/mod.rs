//! Multi-scalar multiplication: `sum_i scalar_i base_i`.
//!
//! Pippenger's method with three twists. Scalars are cut into *signed* digits, so a window of c bits has 2^(c-1) buckets, and the number
//! of windows follows from the largest scalar that is there (12-bit values: one window). Points are sorted by digit and each bucket is
//! summed as a tree of *affine* additions that share one inversion per level, about 6 field multiplications each instead of 11. And the
//! weighted sum of the buckets is done by rows and columns of the bucket number, in the same affine additions.

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
use sum::sum_by_key;

/// Up to so many full scalars the doublings dominate, and [`few::sum`] is faster.
const FEW: usize = 48;

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
    let sums: Vec<G1Projective> =
        (0..windows.count).into_par_iter().map(|window| one_window(kernel, points, scalars, windows, window)).collect();
    let mut total = G1Projective::zero();
    for sum in sums.into_iter().rev() {
        for _ in 0..windows.width {
            total.double_in_place();
        }
        total += sum;
    }
    total
}

/// `sum_i digit_i points[i]` for the digits of one window.
fn one_window<K: Kernel>(kernel: K, points: &[K::Point], scalars: &impl Digits, windows: Windows, window: u32) -> G1Projective {
    let digit = scalars.window(windows, window);
    let digits: Vec<i32> = (0..points.len()).into_par_iter().with_min_len(4096).map(digit).collect();
    weighted(kernel, &sum_by_key(kernel, windows.largest(), &digits, points))
}

/// `sum key * point`. With key = high 2^s + low: `2^s sum high (sum of row high) + sum low (sum of column low)`.
fn weighted<K: Kernel>(kernel: K, buckets: &[(u32, K::Point)]) -> G1Projective {
    let largest = buckets.last().map_or(0, |(key, _)| *key);
    let shift = (u32::BITS - largest.leading_zeros()).div_ceil(2);
    let mask = (1 << shift) - 1;
    let points: Vec<K::Point> = buckets.iter().map(|(_, point)| *point).collect();
    let group = |part: &(dyn Fn(u32) -> u32 + Sync)| {
        let digits: Vec<i32> = buckets.iter().map(|(key, _)| part(*key) as i32).collect();
        running(&sum_by_key(kernel, mask, &digits, &points))
    };
    let (mut high, low) = rayon::join(|| group(&|key| key >> shift), || group(&|key| key & mask));
    for _ in 0..shift {
        high.double_in_place();
    }
    high + low
}

/// `sum key * point` for few and dense keys, ascending.
fn running<P: Copy + Into<G1Affine>>(sums: &[(u32, P)]) -> G1Projective {
    let mut sums = sums.iter().rev().peekable();
    let mut total = G1Projective::zero();
    let mut above = G1Projective::zero();
    for key in (1..=sums.peek().map_or(0, |(key, _)| *key)).rev() {
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
