//! Sums of field elements times 64-bit integers, reduced once at the end: four word products a term instead of two field products.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, BigInteger, MontConfig, MontFp, PrimeField, Zero};

/// Words of a sum: 254 bits times 64 bits, up to 2^64 times.
const WORDS: usize = 6;

/// `sum_i e_i v_i`, e in the field, v 64-bit integers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SmallSum {
    positive: [u64; WORDS],
    negative: [u64; WORDS],
}

impl SmallSum {
    /// Adds `e v`.
    #[inline]
    pub fn add(&mut self, e: &Fr, v: i64) {
        let sum = if v < 0 { &mut self.negative } else { &mut self.positive };
        let factor = u128::from(v.unsigned_abs());
        let mut carry = 0u128;
        for (word, &limb) in sum.iter_mut().zip(&e.0 .0) {
            carry += u128::from(*word) + factor * u128::from(limb);
            *word = carry as u64;
            carry >>= 64;
        }
        for word in sum.iter_mut().skip(e.0 .0.len()) {
            carry += u128::from(*word);
            *word = carry as u64;
            carry >>= 64;
        }
    }

    /// The sum as a field element.
    pub fn finish(&self) -> Fr {
        let zero = [0; WORDS];
        let part = |words: &[u64; WORDS]| if *words == zero { Fr::zero() } else { reduce(*words) };
        part(&self.positive) - part(&self.negative)
    }
}

/// The element whose Montgomery representation is `words` modulo r.
fn reduce(mut words: [u64; WORDS]) -> Fr {
    let modulus = Fr::MODULUS.0;
    // Two word-wise Montgomery steps divide by 2^128; what is left has four words and a carry.
    for _ in 0..2 {
        let factor = u128::from(words[0].wrapping_mul(FrConfig::INV));
        let mut carry = 0u128;
        for (word, &m) in words.iter_mut().zip(&modulus) {
            carry += u128::from(*word) + factor * u128::from(m);
            *word = carry as u64;
            carry >>= 64;
        }
        for word in words.iter_mut().skip(modulus.len()) {
            carry += u128::from(*word);
            *word = carry as u64;
            carry >>= 64;
        }
        words.copy_within(1.., 0);
        words[WORDS - 1] = carry as u64;
    }
    let mut low = BigInt([words[0], words[1], words[2], words[3]]);
    let mut high = words[4];
    while high > 0 || low >= Fr::MODULUS {
        high -= u64::from(low.sub_with_borrow(&Fr::MODULUS));
    }
    // As an element it stands for words / 2^128.
    Fr::new_unchecked(low) * TWO_TO_128
}

const TWO_TO_128: Fr = MontFp!("340282366920938463463374607431768211456");

/// `sum_i row_i e_i`.
pub fn small_dot(row: &[i64], e: &[Fr]) -> Fr {
    let mut sum = SmallSum::default();
    row.iter().zip(e).filter(|(v, _)| **v != 0).for_each(|(&v, e)| sum.add(e, v));
    sum.finish()
}

#[cfg(test)]
mod tests {
    use super::{small_dot, SmallSum};
    use ark_bn254::Fr;
    use ark_ff::{One, UniformRand, Zero};
    use ark_std::test_rng;

    fn naive(row: &[i64], e: &[Fr]) -> Fr {
        row.iter().zip(e).map(|(&v, &e)| if v < 0 { -Fr::from(v.unsigned_abs()) * e } else { Fr::from(v as u64) * e }).sum()
    }

    #[test]
    fn sums_are_exact() {
        let mut rng = test_rng();
        for bits in [1, 12, 41, 63] {
            for n in [0usize, 1, 2, 7, 300] {
                let row: Vec<i64> = (0..n).map(|_| i64::rand(&mut rng) >> (63 - bits)).collect();
                let e: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut rng)).collect();
                assert_eq!(small_dot(&row, &e), naive(&row, &e));
            }
        }
    }

    #[test]
    fn extremes() {
        let largest = -Fr::one();
        for e in [largest, Fr::one(), Fr::zero(), Fr::from(2u64)] {
            for v in [i64::MIN, i64::MAX, -1, 0, 1] {
                assert_eq!(small_dot(&[v; 1000], &vec![e; 1000]), naive(&[v; 1000], &vec![e; 1000]));
            }
        }
        assert_eq!(SmallSum::default().finish(), Fr::zero());
        // All words full: more than any sum of products reaches.
        let full = SmallSum { positive: [u64::MAX; 6], negative: [u64::MAX; 6] };
        assert_eq!(full.finish(), Fr::zero());
    }
}
