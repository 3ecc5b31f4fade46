//! Scalars as signed digits.
//!
//! A scalar is a sign and a magnitude m. With K = sum_{w < count-1} 2^(c-1) 2^(c w), digit w < count-1 is `((m + K) >> c w) mod 2^c - 2^(c-1)`
//! and the last one is `(m + K) >> c (count-1)`: each can be computed alone, all are at most 2^(c-1) in absolute value when
//! `m < 2^(c count - 1)`, and zero has digits zero.

use ark_bn254::Fr;
use ark_ff::{BigInteger, BigInteger256, PrimeField};
use rayon::prelude::*;

/// `count` digits of `width` bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Windows {
    pub(super) width: u32,
    pub(super) count: u32,
}

/// Widest window.
const WIDEST: u32 = 18;

impl Windows {
    /// The windows that cost least for scalars below 2^`bits`.
    pub(super) fn cheapest(bits: u32, cost: impl Fn(&Self) -> usize) -> Self {
        let of_width = |width| Self { width, count: (bits + 1).div_ceil(width) };
        (2..=WIDEST).map(of_width).min_by_key(cost).unwrap_or(of_width(WIDEST))
    }

    /// Cost of a sum of `terms` terms by buckets, in additions. A window takes one addition per term and one more per bucket in use, of
    /// which there are no more than `largest`, the largest magnitude; plus rows, columns and inversions, and passing over all keys.
    fn bucket_cost(&self, largest: u64, terms: usize) -> usize {
        let keys = self.largest().min(u32::try_from(largest).unwrap_or(u32::MAX)) as usize;
        self.count as usize * (terms + keys.min(terms) + 6 * keys.isqrt() + keys / 64 + 100)
    }

    /// Largest absolute value of a digit.
    pub(super) fn largest(self) -> u32 {
        1 << (self.width - 1)
    }

    /// Bit position of a window.
    fn shift(self, window: u32) -> u32 {
        self.width * window
    }

    /// Positions of the bits of K.
    fn offset_bits(self) -> impl Iterator<Item = u32> {
        (1..self.count).map(move |above| self.shift(above) - 1)
    }

    /// The digit of `shifted = (m + K) >> shift(window)`, of which 32 bits are enough.
    fn digit(self, window: u32, shifted: u32) -> i32 {
        if window + 1 == self.count {
            shifted as i32
        } else {
            (shifted & ((1 << self.width) - 1)) as i32 - self.largest() as i32
        }
    }
}

/// Scalars that can be cut into windows.
pub(super) trait Digits: Sync {
    /// The windows to cut them into; none if all are zero.
    fn windows(&self) -> Option<Windows>;
    /// Digit `window` of the i-th scalar as a function of i.
    fn window(&self, windows: Windows, window: u32) -> impl Fn(usize) -> i32 + Send + Sync;
}

/// Machine integers.
pub(super) struct Small<'a> {
    values: &'a [i64],
}

impl<'a> Small<'a> {
    pub(super) fn new(values: &'a [i64]) -> Self {
        Self { values }
    }
}

impl Digits for Small<'_> {
    fn windows(&self) -> Option<Windows> {
        let (largest, nonzero) = self
            .values
            .iter()
            .fold((0, 0), |(largest, nonzero), value| (value.unsigned_abs().max(largest), nonzero + usize::from(*value != 0)));
        let bits = u64::BITS - largest.leading_zeros();
        (nonzero > 0).then(|| Windows::cheapest(bits, |windows| windows.bucket_cost(largest, nonzero)))
    }

    fn window(&self, windows: Windows, window: u32) -> impl Fn(usize) -> i32 + Send + Sync {
        let offset = windows.offset_bits().fold(0u128, |sum, bit| sum | 1 << bit);
        let shift = windows.shift(window);
        move |i| {
            let value = self.values[i];
            let shifted = (u128::from(value.unsigned_abs()) + offset) >> shift;
            let digit = windows.digit(window, shifted as u32);
            if value < 0 {
                -digit
            } else {
                digit
            }
        }
    }
}

/// Field elements: x stands for x or for x - r, whichever is nearer to zero.
pub(super) struct Full {
    magnitudes: Vec<BigInteger256>,
    negative: Vec<bool>,
    bits: u32,
}

impl Full {
    pub(super) fn new(scalars: &[Fr]) -> Self {
        let (magnitudes, negative): (Vec<_>, Vec<_>) = scalars
            .par_iter()
            .map(|scalar| {
                let integer = scalar.into_bigint();
                if integer > Fr::MODULUS_MINUS_ONE_DIV_TWO {
                    ((-*scalar).into_bigint(), true)
                } else {
                    (integer, false)
                }
            })
            .unzip();
        let bits = magnitudes.iter().map(BigInteger256::num_bits).max().unwrap_or(0);
        Self { magnitudes, negative, bits }
    }

    /// Magnitudes are below 2^bits.
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }
}

impl Digits for Full {
    fn windows(&self) -> Option<Windows> {
        let nonzero = self.magnitudes.iter().filter(|magnitude| !magnitude.is_zero()).count();
        let cost = |windows: &Windows| windows.bucket_cost(u64::MAX, nonzero);
        (nonzero > 0).then(|| Windows::cheapest(self.bits, cost))
    }

    fn window(&self, windows: Windows, window: u32) -> impl Fn(usize) -> i32 + Send + Sync {
        let mut offset = BigInteger256::zero();
        for bit in windows.offset_bits() {
            offset.0[bit as usize / 64] |= 1 << (bit % 64);
        }
        let (limb, bit) = ((windows.shift(window) / 64) as usize, windows.shift(window) % 64);
        move |i| {
            let mut sum = self.magnitudes[i];
            sum.add_with_carry(&offset);
            let next = if limb + 1 < 4 { sum.0[limb + 1] } else { 0 };
            let shifted = ((u128::from(next) << 64 | u128::from(sum.0[limb])) >> bit) as u32;
            let digit = windows.digit(window, shifted);
            if self.negative[i] {
                -digit
            } else {
                digit
            }
        }
    }
}
