//! Many affine additions for one inversion, eight at a time.

use crate::gather::{load, load_x, store, Positions};
use crate::point::Point;
use crate::vector::Lanes;
use ark_bn254::Fq;
use ark_ff::{batch_inversion, BigInt};
use std::arch::x86_64::*;

type Coordinates = Lanes<Fq>;

/// Groups worked on together: the steps of one wait for each other, those of several do not.
const GROUPS: usize = 2;
/// Pairs of one group.
const LANES: usize = 8;

/// What [`add_pairs`] needs to remember; kept so that its memory can be used again.
#[derive(Default)]
pub struct Scratch {
    /// For each group the product of all denominators before it at the same place of a block.
    before: Vec<[Coordinates; GROUPS]>,
}

/// Adds the second point of each pair onto the first.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn add_pairs(points: &mut [Point], pairs: &[(u32, u32)], scratch: &mut Scratch) {
    let before = &mut scratch.before;
    before.clear();
    let mut products = [constant_one(); GROUPS];
    for block in pairs.chunks(GROUPS * LANES) {
        before.push(products);
        let groups = groups(block);
        for k in 0..GROUPS {
            let (left, right) = (load_x(points, &groups[k].low), load_x(points, &groups[k].high));
            let (denominator, _) = groups[k].denominator(points, &left, &right);
            products[k] = products[k].mul(&denominator);
        }
    }
    let mut inverses = invert(products);
    for (block, before) in pairs.chunks(GROUPS * LANES).zip(&*before).rev() {
        add_block(points, &groups(block), &mut inverses, before);
    }
}

/// Additions of a block, given the inverses of the products up to it, which become those before it.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_block(
    points: &mut [Point],
    groups: &[Group; GROUPS],
    inverses: &mut [Coordinates; GROUPS],
    before: &[Coordinates; GROUPS],
) {
    let zero = constant_one();
    let (mut left, mut right) = ([(zero, zero); GROUPS], [(zero, zero); GROUPS]);
    let (mut slope, mut x, mut y) = ([zero; GROUPS], [zero; GROUPS], [zero; GROUPS]);
    let mut special = [const { None }; GROUPS];
    for k in 0..GROUPS {
        left[k] = load(points, &groups[k].low);
        right[k] = load(points, &groups[k].high);
        slope[k] = inverses[k].mul(&before[k]);
    }
    for k in 0..GROUPS {
        let denominator;
        (denominator, special[k]) = groups[k].denominator(points, &left[k].0, &right[k].0);
        inverses[k] = inverses[k].mul(&denominator);
    }
    for k in 0..GROUPS {
        let mut numerator = right[k].1.sub::<1>(&left[k].1);
        if let Some(special) = &special[k] {
            numerator = numerator.select(special.doubles, &three_squares(&left[k].0));
        }
        slope[k] = numerator.mul(&slope[k]);
    }
    for k in 0..GROUPS {
        x[k] = slope[k].mul(&slope[k]).sub_two::<2>(&left[k].0, &right[k].0).canonical();
    }
    for k in 0..GROUPS {
        y[k] = slope[k].mul(&left[k].0.sub::<1>(&x[k])).sub::<1>(&left[k].1).canonical();
    }
    for k in 0..GROUPS {
        store(points, &groups[k].low, &x[k], &y[k]);
        if let Some(special) = &special[k] {
            special.store(points, &groups[k].low);
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

/// Some pairs.
struct Group {
    low: Positions,
    high: Positions,
}

/// The pairs of a block, at least one. Missing ones are filled up by the last: all of a block are read before any is written, and the
/// same is written again.
#[inline]
fn groups(block: &[(u32, u32)]) -> [Group; GROUPS] {
    let mut filled = [(0, 0); GROUPS * LANES];
    let pairs = <&[(u32, u32); GROUPS * LANES]>::try_from(block).unwrap_or_else(|_| {
        filled.fill(block.last().copied().unwrap_or_default());
        filled[..block.len()].copy_from_slice(block);
        &filled
    });
    std::array::from_fn(|k| Group {
        low: std::array::from_fn(|lane| pairs[LANES * k + lane].0),
        high: std::array::from_fn(|lane| pairs[LANES * k + lane].1),
    })
}

impl Group {
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
fn invert(values: [Coordinates; GROUPS]) -> [Coordinates; GROUPS] {
    let mut flat = [Fq::default(); LANES * GROUPS];
    for (value, flat) in values.iter().zip(flat.chunks_exact_mut(LANES)) {
        let words = value.canonical().to_words();
        // The integer x 2^260 is what arkworks keeps for 16 x, whose inverse is kept as (1/x) 2^252.
        flat.iter_mut().zip(words).for_each(|(flat, words)| *flat = Fq::new_unchecked(BigInt(words)));
    }
    batch_inversion(&mut flat);
    let scale = Fq::from(256u64);
    let mut out = values;
    for (out, flat) in out.iter_mut().zip(flat.chunks_exact(LANES)) {
        let mut words = [[0; 4]; 8];
        words.iter_mut().zip(flat).for_each(|(words, value)| *words = (*value * scale).0 .0);
        *out = Lanes::from_words(&words);
    }
    out
}
