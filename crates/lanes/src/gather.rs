//! Eight points from and to memory.

use crate::point::Point;
use crate::radix::Prime;
use crate::vector::Lanes;
use std::arch::x86_64::*;

/// So many points ahead are asked for: positions are as good as random, and memory takes its time.
const AHEAD: usize = 24;

/// Appends to `out` for each item 2 i or 2 i + 1 the point i or its opposite.
pub(crate) fn gather(points: &[Point], items: &[u32], out: &mut Vec<Point>) {
    out.extend(items.iter().enumerate().map(|(number, item)| {
        if let Some(later) = items.get(number + AHEAD).and_then(|item| points.get((item >> 1) as usize)) {
            // SAFETY: a prefetch reads nothing, and SSE is part of x86_64.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(later).cast()) };
        }
        points[(item >> 1) as usize].negated_if(item & 1 == 1)
    }));
}

/// Positions of eight points.
pub(crate) type Positions = [u32; 8];

/// (x, y) of eight points.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn load<F: Prime>(points: &[Point], at: &Positions) -> (Lanes<F>, Lanes<F>) {
    let [a, b, c, d, e, f, g, h] = transpose(rows(points, at));
    (Lanes::split([a, b, c, d]), Lanes::split([e, f, g, h]))
}

/// x of eight points.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn load_x<F: Prime>(points: &[Point], at: &Positions) -> Lanes<F> {
    let rows = rows(points, at);
    let (even, odd) = pairs(rows);
    let [a, c] = first_half(even);
    let [b, d] = first_half(odd);
    Lanes::split([a, b, c, d])
}

/// Stores points of canonical coordinates. Of equal positions the last counts.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn store<F: Prime>(points: &mut [Point], at: &Positions, x: &Lanes<F>, y: &Lanes<F>) {
    let ([a, b, c, d], [e, f, g, h]) = (x.words(), y.words());
    let rows = transpose([a, b, c, d, e, f, g, h]);
    for (row, &at) in rows.into_iter().zip(at) {
        let place: &mut Point = &mut points[at as usize];
        // SAFETY: `place` is 64 bytes, aligned to 64 bytes, of which any value is valid.
        unsafe { _mm512_store_si512(std::ptr::from_mut(place).cast(), row) };
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn rows(points: &[Point], at: &Positions) -> [__m512i; 8] {
    let mut rows = [_mm512_setzero_si512(); 8];
    for (row, &at) in rows.iter_mut().zip(at) {
        let place: &Point = &points[at as usize];
        // SAFETY: `place` is 64 bytes, aligned to 64 bytes.
        *row = unsafe { _mm512_load_si512(std::ptr::from_ref(place).cast()) };
    }
    rows
}

/// Columns 0, 2, 4, 6 of two rows each, and columns 1, 3, 5, 7.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn pairs(rows: [__m512i; 8]) -> ([__m512i; 4], [__m512i; 4]) {
    let mut even = [_mm512_setzero_si512(); 4];
    let mut odd = even;
    for i in 0..4 {
        even[i] = _mm512_unpacklo_epi64(rows[2 * i], rows[2 * i + 1]);
        odd[i] = _mm512_unpackhi_epi64(rows[2 * i], rows[2 * i + 1]);
    }
    (even, odd)
}

/// Of four registers, of 128-bit pieces, the columns of pieces 0 and 1.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn first_half([a, b, c, d]: [__m512i; 4]) -> [__m512i; 2] {
    let (top, bottom) = (_mm512_shuffle_i64x2::<0x44>(a, b), _mm512_shuffle_i64x2::<0x44>(c, d));
    [_mm512_shuffle_i64x2::<0x88>(top, bottom), _mm512_shuffle_i64x2::<0xdd>(top, bottom)]
}

/// The same for pieces 2 and 3.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn second_half([a, b, c, d]: [__m512i; 4]) -> [__m512i; 2] {
    let (top, bottom) = (_mm512_shuffle_i64x2::<0xee>(a, b), _mm512_shuffle_i64x2::<0xee>(c, d));
    [_mm512_shuffle_i64x2::<0x88>(top, bottom), _mm512_shuffle_i64x2::<0xdd>(top, bottom)]
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn transpose(rows: [__m512i; 8]) -> [__m512i; 8] {
    let (even, odd) = pairs(rows);
    let ([a, c], [e, g]) = (first_half(even), second_half(even));
    let ([b, d], [f, h]) = (first_half(odd), second_half(odd));
    [a, b, c, d, e, f, g, h]
}
