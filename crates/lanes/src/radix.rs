//! Constants of a prime below 2^260 / 81 in radix 2^52.

use ark_ff::{BigInteger256, PrimeField};

/// Digits of a value.
pub(crate) const LIMBS: usize = 5;
/// Bits of a digit.
pub(crate) const BITS: u32 = 52;
pub(crate) const MASK: u64 = (1 << BITS) - 1;

/// A prime field whose values are kept as `x 2^260`.
pub(crate) trait Prime: PrimeField<BigInt = BigInteger256> {
    /// 0, 1, .., 4 times the prime.
    const MULTIPLES: [[u64; LIMBS]; 5] = multiples(Self::MODULUS.0);
    /// `-1 / p` modulo 2^52.
    const NEGATIVE_INVERSE: u64 = negative_inverse(Self::MODULUS.0[0]);
}

impl<F: PrimeField<BigInt = BigInteger256>> Prime for F {}

/// Four digits of 64 bits as five of 52.
pub(crate) const fn split(words: [u64; 4]) -> [u64; LIMBS] {
    let [a, b, c, d] = words;
    [a & MASK, (a >> 52 | b << 12) & MASK, (b >> 40 | c << 24) & MASK, (c >> 28 | d << 36) & MASK, d >> 16]
}

const fn multiples(prime: [u64; 4]) -> [[u64; LIMBS]; 5] {
    // With a, b < 9p and m < 2^260, (a b + m p) / 2^260 is below 2p.
    assert!((prime[3] as u128 + 1) * 81 <= 1 << 68, "bounds of lazy reduction need a prime below 2^260 / 81");
    let prime = split(prime);
    let mut out = [[0; LIMBS]; 5];
    let mut k = 1;
    while k < out.len() {
        let mut carry = 0;
        let mut i = 0;
        while i < LIMBS {
            let sum = out[k - 1][i] + prime[i] + carry;
            out[k][i] = sum & MASK;
            carry = sum >> BITS;
            i += 1;
        }
        k += 1;
    }
    out
}

const fn negative_inverse(prime: u64) -> u64 {
    // Newton: each step doubles the number of right bits, of which an odd number has three.
    let mut inverse = prime;
    let mut right = 3;
    while right < BITS {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(prime.wrapping_mul(inverse)));
        right *= 2;
    }
    inverse.wrapping_neg() & MASK
}
