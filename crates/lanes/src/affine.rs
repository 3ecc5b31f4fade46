//! Many affine additions for one inversion, eight at a time.

use crate::gather::{load, load_x, store, Positions};
use crate::point::Point;
use crate::vector::Lanes;
use ark_bn254::Fq;
use ark_ff::{batch_inversion, BigInt};
use std::arch::x86_64::*;

type Coordinates = Lanes<Fq>;

/// Products that do not wait for each other.
const CHAINS: usize = 2;

/// What [`add_pairs`] needs to remember; kept so that its memory can be used again.
#[derive(Default)]
pub struct Scratch {
    /// Product of all denominators of the same chain before a group's.
    before: Vec<Coordinates>,
}

/// Adds the second point of each pair onto the first.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn add_pairs(points: &mut [Point], pairs: &[(u32, u32)], scratch: &mut Scratch) {
    let before = &mut scratch.before;
    before.clear();
    let mut products = [constant_one(); CHAINS];
    for (number, group) in pairs.chunks(8).enumerate() {
        let group = Group::new(group);
        let (left, right) = (load_x(points, &group.low), load_x(points, &group.high));
        let (denominator, _) = group.denominator(points, &left, &right);
        let product = &mut products[number % CHAINS];
        before.push(*product);
        *product = product.mul(&denominator);
    }
    let mut inverses = invert(products);
    for (number, group) in pairs.chunks(8).enumerate().rev() {
        let group = Group::new(group);
        let (left, right) = (load(points, &group.low), load(points, &group.high));
        let (denominator, special) = group.denominator(points, &left.0, &right.0);
        let mut numerator = right.1.sub::<1>(&left.1);
        if let Some(special) = &special {
            numerator = numerator.select(special.doubles, &three_squares(&left.0));
        }
        let inverse = &mut inverses[number % CHAINS];
        let slope = numerator.mul(&inverse.mul(&before[number]));
        *inverse = inverse.mul(&denominator);
        let x = slope.mul(&slope).sub_two::<2>(&left.0, &right.0).canonical();
        let y = slope.mul(&left.0.sub::<1>(&x)).sub::<1>(&left.1).canonical();
        store(points, &group.low, &x, &y);
        if let Some(special) = special {
            special.store(points, &group.low);
        }
    }
}

/// Some value that is not zero.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn constant_one() -> Coordinates {
    Lanes::splat([1, 0, 0, 0, 0])
}

/// `3 x^2`, below 6p.
#[cold]
#[target_feature(enable = "avx512f,avx512ifma")]
fn three_squares(x: &Coordinates) -> Coordinates {
    let square = x.mul(x);
    square.add(&square).add(&square)
}

/// Eight pairs. Fewer are filled up by the last one: all are read before any is written, and the same is written again.
struct Group {
    low: Positions,
    high: Positions,
}

impl Group {
    #[inline]
    fn new(pairs: &[(u32, u32)]) -> Self {
        let last = pairs.last().copied().unwrap_or_default();
        let (mut low, mut high) = ([last.0; 8], [last.1; 8]);
        for (i, pair) in pairs.iter().enumerate() {
            (low[i], high[i]) = *pair;
        }
        Self { low, high }
    }

    /// What has to be inverted, never zero, below 2p; and the additions that are not of two points with different abscissas.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn denominator(&self, points: &[Point], left: &Coordinates, right: &Coordinates) -> (Coordinates, Option<Special>) {
        let difference = right.sub::<1>(left);
        // One digit is enough to suspect a lane, and 2^-52 of all ordinary ones are suspected in vain.
        let (a, b, zero) = (left.digits[0], right.digits[0], _mm512_setzero_si512());
        let suspects = _mm512_cmpeq_epi64_mask(a, b) | _mm512_cmpeq_epi64_mask(a, zero) | _mm512_cmpeq_epi64_mask(b, zero);
        if suspects == 0 {
            return (difference, None);
        }
        let special = self.special(points, suspects);
        let (_, y) = load::<Fq>(points, &self.low);
        let denominator = difference.select(special.doubles, &y.add(&y)).select(special.known, &constant_one());
        (denominator, Some(special))
    }

    #[cold]
    fn special(&self, points: &[Point], suspects: u8) -> Special {
        let mut special = Special { doubles: 0, known: 0, sums: [Point::default(); 8] };
        for lane in (0..8).filter(|lane| suspects >> lane & 1 == 1) {
            let (left, right) = (points[self.low[lane] as usize], points[self.high[lane] as usize]);
            let known = if left.is_identity() {
                Some(right)
            } else if right.is_identity() {
                Some(left)
            } else {
                left.is_opposite(&right).then(Point::default)
            };
            if let Some(sum) = known {
                special.known |= 1 << lane;
                special.sums[lane] = sum;
            } else if left == right {
                special.doubles |= 1 << lane;
            }
        }
        special
    }
}

/// Additions of a group that are not of two points with different abscissas.
struct Special {
    /// Lanes that double a point.
    doubles: u8,
    /// Lanes whose sum is known at once: something plus the identity, or two opposite points.
    known: u8,
    sums: [Point; 8],
}

impl Special {
    #[cold]
    fn store(&self, points: &mut [Point], low: &Positions) {
        for lane in (0..8).filter(|lane| self.known >> lane & 1 == 1) {
            points[low[lane] as usize] = self.sums[lane];
        }
    }
}

/// Inverses of all lanes, which are not zero and below 4p.
#[target_feature(enable = "avx512f,avx512ifma")]
fn invert(values: [Coordinates; CHAINS]) -> [Coordinates; CHAINS] {
    let mut flat = [Fq::default(); 8 * CHAINS];
    for (value, flat) in values.iter().zip(flat.chunks_exact_mut(8)) {
        let words = value.canonical().to_words();
        // The integer x 2^260 is what arkworks keeps for 16 x, whose inverse is kept as (1/x) 2^252.
        flat.iter_mut().zip(words).for_each(|(flat, words)| *flat = Fq::new_unchecked(BigInt(words)));
    }
    batch_inversion(&mut flat);
    let scale = Fq::from(256u64);
    let mut out = values;
    for (out, flat) in out.iter_mut().zip(flat.chunks_exact(8)) {
        let mut words = [[0; 4]; 8];
        words.iter_mut().zip(flat).for_each(|(words, value)| *words = (*value * scale).0 .0);
        *out = Lanes::from_words(&words);
    }
    out
}
