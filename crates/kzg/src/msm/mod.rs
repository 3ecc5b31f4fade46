//! Multi-scalar multiplication: `sum_i scalar_i base_i`.
//!
//! Pippenger's method with three twists. Scalars are cut into *signed* digits, so a window of c bits has 2^(c-1) buckets, and the number
//! of windows follows from the largest scalar that is there (12-bit values: one window). Points are sorted by digit and each bucket is
//! summed as a tree of *affine* additions that share one inversion per level, about 6 field multiplications each instead of 11. And the
//! weighted sum of the buckets is done by rows and columns of the bucket number, in the same affine additions.

mod affine;
mod digits;
mod few;
mod fixed;
mod sum;

use affine::Point;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::AdditiveGroup;
use ark_ff::Zero;
use digits::{Digits, Full, Small, Windows};
pub(crate) use fixed::multiples;
use rayon::prelude::*;
use sum::sum_by_key;

/// Up to so many full scalars the doublings dominate, and [`few::sum`] is faster.
const FEW: usize = 48;

/// `sum_i values[i] bases[i]`; lengths are equal.
pub(crate) fn small(bases: &[G1Affine], values: &[i64]) -> G1Projective {
    windowed(bases, &Small::new(values))
}

/// `sum_i scalars[i] bases[i]`; lengths are equal.
pub(crate) fn full(bases: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    if scalars.len() <= FEW {
        few::sum(bases, scalars)
    } else {
        windowed(bases, &Full::new(scalars))
    }
}

fn windowed(bases: &[G1Affine], scalars: &impl Digits) -> G1Projective {
    let Some(windows) = scalars.windows() else { return G1Projective::zero() };
    let sums: Vec<G1Projective> =
        (0..windows.count).into_par_iter().map(|window| one_window(bases, scalars, windows, window)).collect();
    let mut total = G1Projective::zero();
    for sum in sums.into_iter().rev() {
        for _ in 0..windows.width {
            total.double_in_place();
        }
        total += sum;
    }
    total
}

/// `sum_i digit_i bases[i]` for the digits of one window.
fn one_window(bases: &[G1Affine], scalars: &impl Digits, windows: Windows, window: u32) -> G1Projective {
    let digit = scalars.window(windows, window);
    let buckets = sum_by_key(
        windows.largest() as usize + 1,
        bases.len(),
        |i| {
            let digit = digit(i);
            (digit != 0).then_some(digit.unsigned_abs())
        },
        |i| {
            let point = Point::from(&bases[i]);
            if digit(i) < 0 {
                -point
            } else {
                point
            }
        },
    );
    weighted(&buckets)
}

/// `sum key * point`. With key = high 2^s + low: `2^s sum high (sum of row high) + sum low (sum of column low)`.
fn weighted(buckets: &[(u32, Point)]) -> G1Projective {
    let largest = buckets.last().map_or(0, |(key, _)| *key);
    let shift = (u32::BITS - largest.leading_zeros()).div_ceil(2);
    let mask = (1 << shift) - 1;
    let group = |part: &(dyn Fn(u32) -> u32 + Sync)| {
        let keys = 1usize << shift;
        running(&sum_by_key(keys, buckets.len(), |i| Some(part(buckets[i].0)), |i| buckets[i].1))
    };
    let (mut high, low) = rayon::join(|| group(&|key| key >> shift), || group(&|key| key & mask));
    for _ in 0..shift {
        high.double_in_place();
    }
    high + low
}

/// `sum key * point` for few and dense keys, ascending.
fn running(sums: &[(u32, Point)]) -> G1Projective {
    let mut sums = sums.iter().rev().peekable();
    let mut total = G1Projective::zero();
    let mut above = G1Projective::zero();
    for key in (1..=sums.peek().map_or(0, |(key, _)| *key)).rev() {
        if let Some((_, point)) = sums.next_if(|(at, _)| *at == key) {
            above += G1Affine::from(*point);
        }
        total += above;
    }
    total
}

#[cfg(test)]
mod tests;
