//! Few scalars: Straus' method, whose terms share their doublings.

use super::digits::{Digits, Full, Windows};
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AdditiveGroup, CurveGroup};
use ark_ff::Zero;

const WIDTH: u32 = 4;
const MULTIPLES: usize = 1 << (WIDTH - 1);

/// `sum_i scalars[i] bases[i]`; lengths are equal.
pub(super) fn sum(bases: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    let digits = Full::new(scalars);
    let windows = Windows { width: WIDTH, count: (digits.bits() + 1).div_ceil(WIDTH) };
    let tables = multiples(bases);
    let mut total = G1Projective::zero();
    for window in (0..windows.count).rev() {
        for _ in 0..WIDTH {
            total.double_in_place();
        }
        let digit = digits.window(windows, window);
        for (i, table) in tables.chunks_exact(MULTIPLES).enumerate() {
            match digit(i) {
                0 => {}
                digit if digit > 0 => total += table[digit as usize - 1],
                digit => total -= table[digit.unsigned_abs() as usize - 1],
            }
        }
    }
    total
}

/// 1, 2, .., 8 times each base.
fn multiples(bases: &[G1Affine]) -> Vec<G1Affine> {
    let mut multiples = Vec::with_capacity(bases.len() * MULTIPLES);
    for base in bases {
        let mut multiple = G1Projective::from(*base);
        for _ in 0..MULTIPLES {
            multiples.push(multiple);
            multiple += base;
        }
    }
    G1Projective::normalize_batch(&multiples)
}
