//! Exact integer products. A row is computed in 64 bits when its own magnitudes prove that nothing exceeds 2^62, else in 128.

use rayon::prelude::*;

/// Multiplications below which a product is not worth other threads.
const SERIAL: usize = 1 << 14;

/// Rows that share one pass over the other matrix.
const GROUP: usize = 16;

/// Columns whose sums stay in the fastest cache.
const TILE: usize = 64;

fn magnitude(cells: &[i64]) -> u128 {
    cells.iter().map(|v| v.unsigned_abs()).max().unwrap_or(0).into()
}

/// Whether sums of `row` times integers up to `magnitude` stay below 2^62.
fn fits(row: &[i64], magnitude: u128) -> bool {
    let norm: u128 = row.iter().map(|v| u128::from(v.unsigned_abs())).sum();
    norm.checked_mul(magnitude).is_some_and(|m| m < 1 << 62)
}

/// Calls `f(chunk index, chunk of out)` for chunks of `size`, on all threads when `work` is large.
fn each_chunk<T: Send>(out: &mut [T], size: usize, work: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    if work < SERIAL {
        out.chunks_mut(size).enumerate().for_each(|(i, chunk)| f(i, chunk));
    } else {
        out.par_chunks_mut(size).enumerate().for_each(|(i, chunk)| f(i, chunk));
    }
}

/// Adds `sum_k x_k row_k` to `sums`, four rows at a time; wraps around at 2^64.
fn accumulate<'a>(sums: &mut [i64], terms: &[(i64, usize)], row: impl Fn(usize) -> &'a [i64]) {
    let width = sums.len();
    let quads = terms.chunks_exact(4);
    for &(x, k) in quads.remainder() {
        let w = &row(k)[..width];
        for (s, &w) in sums.iter_mut().zip(w) {
            *s = s.wrapping_add(x.wrapping_mul(w));
        }
    }
    for quad in quads {
        let [x0, x1, x2, x3] = [quad[0].0, quad[1].0, quad[2].0, quad[3].0];
        let [w0, w1, w2, w3] = [quad[0].1, quad[1].1, quad[2].1, quad[3].1].map(|k| &row(k)[..width]);
        for (j, s) in sums.iter_mut().enumerate() {
            let low = x0.wrapping_mul(w0[j]).wrapping_add(x1.wrapping_mul(w1[j]));
            let high = x2.wrapping_mul(w2[j]).wrapping_add(x3.wrapping_mul(w3[j]));
            *s = s.wrapping_add(low.wrapping_add(high));
        }
    }
}

/// The integers that are not zero, with their places.
fn live(cells: impl Iterator<Item = i64>) -> Vec<(i64, usize)> {
    cells.enumerate().filter(|&(_, x)| x != 0).map(|(k, x)| (x, k)).collect()
}

/// `left` (n, inner) times `right` (inner, columns).
pub(crate) fn product(left: &[i64], inner: usize, right: &[i64], columns: usize) -> Vec<i128> {
    let rows = left.len() / inner;
    let largest = magnitude(right);
    let mut out = vec![0i128; rows * columns];
    each_chunk(&mut out, GROUP * columns, rows * right.len(), |g, out| {
        let group = left[g * GROUP * inner..].chunks_exact(inner).zip(out.chunks_exact_mut(columns));
        let (narrow, wide): (Vec<_>, Vec<_>) = group.partition(|(row, _)| fits(row, largest));
        let mut narrow: Vec<_> = narrow.into_iter().map(|(row, out)| (live(row.iter().copied()), out)).collect();
        for first in (0..columns).step_by(TILE) {
            let tile = first..columns.min(first + TILE);
            for (terms, out) in &mut narrow {
                let mut sums = [0i64; TILE];
                accumulate(&mut sums[..tile.len()], terms, |k| &right[k * columns..][tile.clone()]);
                out[tile.clone()].iter_mut().zip(sums).for_each(|(o, s)| *o = s.into());
            }
        }
        for (row, out) in wide {
            for (&x, w) in row.iter().zip(right.chunks_exact(columns)).filter(|(&x, _)| x != 0) {
                out.iter_mut().zip(w).for_each(|(o, &w)| *o = o.wrapping_add(i128::from(x) * i128::from(w)));
            }
        }
    });
    out
}

/// The first `used` columns of `left` (n, stride) times the transpose of `right` (rows, stride): (n, width), zero from column `rows` on.
pub(crate) fn product_transposed(left: &[i64], used: usize, right: &[i64], stride: usize, width: usize) -> Vec<i128> {
    let rows = left.len() / stride;
    let largest = magnitude(right);
    let mut out = vec![0i128; rows * width];
    each_chunk(&mut out, GROUP * width, rows * right.len(), |g, out| {
        let group = left[g * GROUP * stride..].chunks_exact(stride).map(|row| &row[..used]).zip(out.chunks_exact_mut(width));
        let mut group: Vec<_> = group.map(|(row, out)| (row, fits(row, largest), out)).collect();
        for (k, w) in right.chunks_exact(stride).enumerate().take(width) {
            for (row, narrow, out) in &mut group {
                let pairs = row.iter().zip(w);
                out[k] = if *narrow {
                    pairs.map(|(&x, &w)| x * w).sum::<i64>().into()
                } else {
                    pairs.fold(0i128, |s, (&x, &w)| s.wrapping_add(i128::from(x) * i128::from(w)))
                };
            }
        }
    });
    out
}

/// Transpose of `left` (n, inner) times the first `used` columns of `right` (n, stride): (inner, stride), zero from column `used` on.
/// Wraps around at 2^64, which no program within its bounds reaches.
pub(crate) fn gradient(left: &[i64], inner: usize, right: &[i64], stride: usize, used: usize) -> Vec<i64> {
    let mut out = vec![0i64; inner * stride];
    let rows: Vec<(usize, &[i64])> =
        right.chunks_exact(stride).map(|d| &d[..used]).enumerate().filter(|(_, d)| d.iter().any(|&v| v != 0)).collect();
    each_chunk(&mut out, GROUP * stride, rows.len() * inner * stride, |g, out| {
        for (i, out) in out.chunks_exact_mut(stride).enumerate() {
            let terms = live(rows.iter().map(|&(b, _)| left[b * inner + g * GROUP + i]));
            for (k, out) in out[..used].chunks_mut(TILE).enumerate() {
                accumulate(out, &terms, |b| &rows[b].1[k * TILE..]);
            }
        }
    });
    out
}
