//! Many multiples of one base.

use super::affine::{sum_ranges, Point};
use super::digits::{Digits, Full, Windows};
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AdditiveGroup, AffineRepr, CurveGroup};
use rayon::prelude::*;

/// Scalars handled together.
const CHUNK: usize = 512;

/// `scalar * base` for every scalar: a table of the multiples of `2^(c w) base` has the addend of each digit.
pub(crate) fn multiples(base: &G1Affine, scalars: &[Fr]) -> Vec<G1Affine> {
    let digits = Full::new(scalars);
    // An entry of a table costs about three additions.
    let windows =
        Windows::cheapest(digits.bits(), |windows| windows.count as usize * (scalars.len() + 3 * windows.largest() as usize));
    let tables = tables(base, windows);
    let digits: Vec<_> = (0..windows.count).map(|window| digits.window(windows, window)).collect();
    let count = digits.len();
    let chunks = scalars.len().div_ceil(CHUNK);
    let addend = |i: usize, window: usize| {
        let digit = digits[window](i);
        match digit.unsigned_abs() as usize {
            0 => Point::from(&G1Affine::zero()),
            size if digit > 0 => tables[window][size - 1],
            size => -tables[window][size - 1],
        }
    };
    (0..chunks)
        .into_par_iter()
        .flat_map_iter(|chunk| {
            let scalars = chunk * CHUNK..scalars.len().min((chunk + 1) * CHUNK);
            let len = scalars.len();
            let mut points: Vec<Point> =
                scalars.flat_map(|i| (0..count).map(move |window| (i, window))).map(|(i, window)| addend(i, window)).collect();
            sum_ranges(&mut points, (0..len).map(|i| i * count..(i + 1) * count));
            points.into_iter().step_by(count).map(G1Affine::from)
        })
        .collect()
}

/// For each window w the multiples 1, 2, .. of `2^(c w) base`.
fn tables(base: &G1Affine, windows: Windows) -> Vec<Vec<Point>> {
    let mut shifted = Vec::with_capacity(windows.count as usize);
    let mut point = G1Projective::from(*base);
    for _ in 0..windows.count {
        shifted.push(point);
        for _ in 0..windows.width {
            point.double_in_place();
        }
    }
    G1Projective::normalize_batch(&shifted)
        .into_par_iter()
        .map(|base| {
            let mut multiple = G1Projective::from(base);
            let multiples: Vec<G1Projective> = (0..windows.largest())
                .map(|_| {
                    let this = multiple;
                    multiple += base;
                    this
                })
                .collect();
            G1Projective::normalize_batch(&multiples).iter().map(Point::from).collect()
        })
        .collect()
}
