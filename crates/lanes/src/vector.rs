//! Eight field elements in five AVX-512 registers, and their arithmetic.
//!
//! Register i holds digit i (radix 2^52, *normal*: below 2^52) of all eight values. A value x is kept as `x 2^260`, plus a small multiple
//! of p: every function states the bounds it takes and gives. Since `p < 2^254 = 2^260 / 64`, a product of values below 9p is below 2p.

// Closures passed to an iterator's method would not be compiled for these instructions.
#![allow(clippy::needless_range_loop)]

use crate::radix::{Prime, BITS, LIMBS, MASK};
use std::arch::x86_64::*;
use std::marker::PhantomData;

/// Eight values.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<F> {
    pub(crate) digits: [__m512i; LIMBS],
    field: PhantomData<F>,
}

impl<F: Prime> Lanes<F> {
    /// Normal digits.
    #[inline]
    pub(crate) fn new(digits: [__m512i; LIMBS]) -> Self {
        Self { digits, field: PhantomData }
    }

    /// The same integer in all lanes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn splat(digits: [u64; LIMBS]) -> Self {
        let mut lanes = [_mm512_setzero_si512(); LIMBS];
        for i in 0..LIMBS {
            lanes[i] = _mm512_set1_epi64(digits[i] as i64);
        }
        Self::new(lanes)
    }

    /// `a b`, below 2p, if a and b are below 9p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn mul(&self, other: &Self) -> Self {
        let (a, b) = (&self.digits, &other.digits);
        let zero = _mm512_setzero_si512();
        // At most ten products of 52 bits and as many of the reduction end up in one digit: 57 bits.
        let mut t = [zero; 2 * LIMBS];
        for i in 0..LIMBS {
            for j in 0..LIMBS {
                t[i + j] = _mm512_madd52lo_epu64(t[i + j], a[i], b[j]);
                t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], a[i], b[j]);
            }
        }
        let inverse = _mm512_set1_epi64(F::NEGATIVE_INVERSE as i64);
        let prime = Self::splat(F::MULTIPLES[1]).digits;
        for i in 0..LIMBS {
            let m = _mm512_madd52lo_epu64(zero, t[i], inverse);
            for j in 0..LIMBS {
                t[i + j] = _mm512_madd52lo_epu64(t[i + j], m, prime[j]);
                t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], m, prime[j]);
            }
            t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64::<BITS>(t[i]));
        }
        Self::carried([t[5], t[6], t[7], t[8], t[9]])
    }

    /// `a + k p` without carries, to be subtracted from.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn plus_multiple<const K: usize>(&self) -> [__m512i; LIMBS] {
        add(self.digits, Self::splat(F::MULTIPLES[K]).digits)
    }

    /// `a - b + K p` for b at most `a + K p`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn sub<const K: usize>(&self, other: &Self) -> Self {
        Self::carried(sub(self.plus_multiple::<K>(), other.digits))
    }

    /// `a - b - c + K p` for `b + c` at most `a + K p`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn sub_two<const K: usize>(&self, first: &Self, second: &Self) -> Self {
        Self::carried(sub(sub(self.plus_multiple::<K>(), first.digits), second.digits))
    }

    /// `a + b`, as integers below 2^260.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn add(&self, other: &Self) -> Self {
        Self::carried(add(self.digits, other.digits))
    }

    /// The representative below p, of a value below 4p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn canonical(&self) -> Self {
        self.less::<2>().less::<1>()
    }

    /// `a - K p` where that is not negative, else a.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn less<const K: usize>(&self) -> Self {
        let difference = Self::carried(sub(self.digits, Self::splat(F::MULTIPLES[K]).digits));
        let negative = _mm512_cmplt_epi64_mask(difference.digits[LIMBS - 1], _mm512_setzero_si512());
        difference.select(negative, self)
    }

    /// `other` in the lanes of `mask`, else `self`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn select(&self, mask: __mmask8, other: &Self) -> Self {
        let mut digits = self.digits;
        for i in 0..LIMBS {
            digits[i] = _mm512_mask_blend_epi64(mask, digits[i], other.digits[i]);
        }
        Self::new(digits)
    }

    /// Normal digits of an integer from 0 to 2^260, of digits that may be negative; the last keeps the sign of a negative integer.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn carried(mut digits: [__m512i; LIMBS]) -> Self {
        let mask = _mm512_set1_epi64(MASK as i64);
        for i in 0..LIMBS - 1 {
            digits[i + 1] = _mm512_add_epi64(digits[i + 1], _mm512_srai_epi64::<BITS>(digits[i]));
            digits[i] = _mm512_and_si512(digits[i], mask);
        }
        Self::new(digits)
    }

    /// Four registers of 64-bit digits of integers below 2^256.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn split([a, b, c, d]: [__m512i; 4]) -> Self {
        let mask = _mm512_set1_epi64(MASK as i64);
        let low = |digit| _mm512_and_si512(digit, mask);
        Self::new([
            low(a),
            low(_mm512_or_si512(_mm512_srli_epi64::<52>(a), _mm512_slli_epi64::<12>(b))),
            low(_mm512_or_si512(_mm512_srli_epi64::<40>(b), _mm512_slli_epi64::<24>(c))),
            low(_mm512_or_si512(_mm512_srli_epi64::<28>(c), _mm512_slli_epi64::<36>(d))),
            _mm512_srli_epi64::<16>(d),
        ])
    }

    /// The inverse of `split`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn words(&self) -> [__m512i; 4] {
        let [a, b, c, d, e] = self.digits;
        [
            _mm512_or_si512(a, _mm512_slli_epi64::<52>(b)),
            _mm512_or_si512(_mm512_srli_epi64::<12>(b), _mm512_slli_epi64::<40>(c)),
            _mm512_or_si512(_mm512_srli_epi64::<24>(c), _mm512_slli_epi64::<28>(d)),
            _mm512_or_si512(_mm512_srli_epi64::<36>(d), _mm512_slli_epi64::<16>(e)),
        ]
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add(mut a: [__m512i; LIMBS], b: [__m512i; LIMBS]) -> [__m512i; LIMBS] {
    for i in 0..LIMBS {
        a[i] = _mm512_add_epi64(a[i], b[i]);
    }
    a
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn sub(mut a: [__m512i; LIMBS], b: [__m512i; LIMBS]) -> [__m512i; LIMBS] {
    for i in 0..LIMBS {
        a[i] = _mm512_sub_epi64(a[i], b[i]);
    }
    a
}

/// Lane by lane, four digits of 64 bits.
impl<F: Prime> Lanes<F> {
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn from_words(values: &[[u64; 4]; 8]) -> Self {
        let digit = |k: usize| {
            let lane = |i: usize| values[i][k] as i64;
            _mm512_setr_epi64(lane(0), lane(1), lane(2), lane(3), lane(4), lane(5), lane(6), lane(7))
        };
        Self::split([digit(0), digit(1), digit(2), digit(3)])
    }

    /// Of integers below 2^256.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn to_words(self) -> [[u64; 4]; 8] {
        let mut out = [[0; 4]; 8];
        for (k, digit) in self.words().into_iter().enumerate() {
            let mut lanes = [0u64; 8];
            // SAFETY: `lanes` is 64 bytes; the store does not ask for alignment.
            unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), digit) };
            for (out, lane) in out.iter_mut().zip(lanes) {
                out[k] = lane;
            }
        }
        out
    }
}
