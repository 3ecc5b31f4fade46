//! Exact integer products. A row is computed in 64 bits when its own magnitudes prove that nothing exceeds 2^62, else in 128.

use rayon::prelude::*;

/// Multiplications below which a product is not worth other threads.
const SERIAL: usize = 1 << 14;

fn magnitude(cells: &[i64]) -> u128 {
    cells.iter().map(|v| v.unsigned_abs()).max().unwrap_or(0).into()
}

/// Whether sums of `row` times integers up to `magnitude` stay below 2^62.
fn fits(row: &[i64], magnitude: u128) -> bool {
    let norm: u128 = row.iter().map(|v| u128::from(v.unsigned_abs())).sum();
    norm.checked_mul(magnitude).is_some_and(|m| m < 1 << 62)
}

/// Calls `f(row index, row of out)` for rows of `width`, on all threads when `work` is large.
fn each_row<T: Send>(out: &mut [T], width: usize, work: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    if work < SERIAL {
        out.chunks_exact_mut(width).enumerate().for_each(|(i, row)| f(i, row));
    } else {
        out.par_chunks_exact_mut(width).enumerate().for_each(|(i, row)| f(i, row));
    }
}

/// `left` (n, inner) times `right` (inner, columns).
pub(crate) fn product(left: &[i64], inner: usize, right: &[i64], columns: usize) -> Vec<i128> {
    let rows = left.len() / inner;
    let largest = magnitude(right);
    let mut out = vec![0i128; rows * columns];
    each_row(&mut out, columns, rows * right.len(), |b, out| {
        let row = &left[b * inner..(b + 1) * inner];
        let pairs = row.iter().zip(right.chunks_exact(columns)).filter(|(&x, _)| x != 0);
        if fits(row, largest) {
            let mut sums = vec![0i64; columns];
            for (&x, w) in pairs {
                sums.iter_mut().zip(w).for_each(|(s, &w)| *s += x * w);
            }
            out.iter_mut().zip(sums).for_each(|(o, s)| *o = s.into());
        } else {
            for (&x, w) in pairs {
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
    each_row(&mut out, width, rows * right.len(), |b, out| {
        let row = &left[b * stride..b * stride + used];
        let narrow = fits(row, largest);
        for (o, w) in out.iter_mut().zip(right.chunks_exact(stride)) {
            let pairs = row.iter().zip(w);
            *o = if narrow {
                pairs.map(|(&x, &w)| x * w).sum::<i64>().into()
            } else {
                pairs.fold(0i128, |s, (&x, &w)| s.wrapping_add(i128::from(x) * i128::from(w)))
            };
        }
    });
    out
}

/// Transpose of `left` (n, inner) times the first `used` columns of `right` (n, stride): (inner, stride), zero from column `used` on.
/// Wraps around at 2^64, which no program within its bounds reaches.
pub(crate) fn gradient(left: &[i64], inner: usize, right: &[i64], stride: usize, used: usize) -> Vec<i64> {
    let mut out = vec![0i64; inner * stride];
    let live: Vec<(usize, &[i64])> =
        right.chunks_exact(stride).map(|d| &d[..used]).enumerate().filter(|(_, d)| d.iter().any(|&v| v != 0)).collect();
    each_row(&mut out, stride, live.len() * inner * stride, |i, out| {
        for (b, delta) in &live {
            let x = left[b * inner + i];
            if x != 0 {
                out.iter_mut().zip(*delta).for_each(|(o, &d)| *o = o.wrapping_add(x.wrapping_mul(d)));
            }
        }
    });
    out
}
