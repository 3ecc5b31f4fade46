//! Many multiples of one base.

use super::affine::Portable;
use super::digits::{Digits, Full, Windows};
use super::kernel::{Kernel, Memory};
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AdditiveGroup, AffineRepr, CurveGroup};
use fedproof_lanes::Ifma;
use rayon::prelude::*;

/// Scalars handled together.
const CHUNK: usize = 512;

/// `scalar * base` for every scalar.
pub(crate) fn multiples(base: &G1Affine, scalars: &[Fr]) -> Vec<G1Affine> {
    match Ifma::detect() {
        Some(ifma) => multiples_with(ifma, base, scalars),
        None => multiples_with(Portable, base, scalars),
    }
}

/// `scalar * base` for every scalar: a table of the multiples of `2^(c w) base` has the addend of each digit.
pub(super) fn multiples_with<K: Kernel>(kernel: K, base: &G1Affine, scalars: &[Fr]) -> Vec<G1Affine> {
    let digits = Full::new(scalars);
    // An entry of a table costs about three additions.
    let windows =
        Windows::cheapest(digits.bits(), |windows| windows.count as usize * (scalars.len() + 3 * windows.largest() as usize));
    let tables = tables::<K::Point>(base, windows);
    let digits: Vec<_> = (0..windows.count).map(|window| digits.window(windows, window)).collect();
    let count = digits.len();
    let chunks = scalars.len().div_ceil(CHUNK);
    let addend = |i: usize, window: usize| {
        let digit = digits[window](i);
        match digit.unsigned_abs() as usize {
            0 => K::Point::from(&G1Affine::zero()),
            size => kernel.negated_if(tables[window][size - 1], digit < 0),
        }
    };
    (0..chunks)
        .into_par_iter()
        .flat_map_iter(|chunk| {
            let scalars = chunk * CHUNK..scalars.len().min((chunk + 1) * CHUNK);
            let len = scalars.len();
            let mut points: Vec<K::Point> =
                scalars.flat_map(|i| (0..count).map(move |window| (i, window))).map(|(i, window)| addend(i, window)).collect();
            kernel.sum_ranges(
                &mut points,
                (0..len).map(|i| (i * count) as u32..((i + 1) * count) as u32),
                &mut Memory::default(),
            );
            points.into_iter().step_by(count).map(Into::into)
        })
        .collect()
}

/// For each window w the multiples 1, 2, .. of `2^(c w) base`.
fn tables<P: Send + for<'a> From<&'a G1Affine>>(base: &G1Affine, windows: Windows) -> Vec<Vec<P>> {
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
            G1Projective::normalize_batch(&multiples).iter().map(P::from).collect()
        })
        .collect()
}
