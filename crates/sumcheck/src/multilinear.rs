//! Multilinear extensions. Points list the most significant variable first (docs/protocol.md, section 0).

use ark_bn254::Fr;
use ark_ff::{One, Zero};
use rayon::prelude::*;

const PARALLEL: usize = 4096;

fn eq_one(a: Fr, b: Fr) -> Fr {
    let ab = a * b;
    Fr::one() - a - b + ab + ab
}

/// `eq(p, q)`.
pub fn eq(p: &[Fr], q: &[Fr]) -> Fr {
    p.iter().zip(q).fold(Fr::one(), |acc, (&a, &b)| acc * eq_one(a, b))
}

/// Bit of `value` that variable `i` of `n` stands for.
fn bit(value: usize, n: usize, i: usize) -> bool {
    let shift = n - 1 - i;
    shift < usize::BITS as usize && value >> shift & 1 == 1
}

/// `eqbits(value, p)`.
pub fn eq_index(value: usize, p: &[Fr]) -> Fr {
    let n = p.len();
    p.iter().enumerate().fold(Fr::one(), |acc, (i, &x)| acc * if bit(value, n, i) { x } else { Fr::one() - x })
}

/// `bits(value, n)` as a point.
pub fn bit_point(value: usize, n: usize) -> Vec<Fr> {
    (0..n).map(|i| Fr::from(u64::from(bit(value, n, i)))).collect()
}

/// Whether d reaches past the last index of n variables.
fn covers(d: usize, n: usize) -> bool {
    n < usize::BITS as usize && d >= 1 << n
}

/// `mlt(p, d) = sum_{i<d} eqbits(i, p)`.
pub fn prefix_sum(p: &[Fr], d: usize) -> Fr {
    if covers(d, p.len()) {
        return Fr::one();
    }
    let (mut total, mut prefix) = (Fr::zero(), Fr::one());
    for (i, &x) in p.iter().enumerate() {
        if bit(d, p.len(), i) {
            total += prefix * (Fr::one() - x);
            prefix *= x;
        } else {
            prefix *= Fr::one() - x;
        }
    }
    total
}

/// `meq(p, q, d) = sum_{i<d} eqbits(i, p) eqbits(i, q)`.
pub fn prefix_eq(p: &[Fr], q: &[Fr], d: usize) -> Fr {
    if covers(d, p.len()) {
        return eq(p, q);
    }
    let n = p.len();
    let mut suffix = vec![Fr::one(); n + 1];
    for i in (0..n).rev() {
        suffix[i] = suffix[i + 1] * eq_one(p[i], q[i]);
    }
    let (mut total, mut prefix) = (Fr::zero(), Fr::one());
    for i in 0..n {
        let high = p[i] * q[i];
        let low = Fr::one() - p[i] - q[i] + high;
        if bit(d, n, i) {
            total += prefix * low * suffix[i + 1];
            prefix *= high;
        } else {
            prefix *= low;
        }
    }
    total
}

/// Multilinear extension of `[s < t]`.
pub fn less_than(s: &[Fr], t: &[Fr]) -> Fr {
    let (mut total, mut prefix) = (Fr::zero(), Fr::one());
    for (&a, &b) in s.iter().zip(t) {
        let ab = a * b;
        total += prefix * (b - ab);
        prefix *= Fr::one() - a - b + ab + ab;
    }
    total
}

/// All `eqbits(i, p)`, scaled by `scale`.
pub fn eq_table(p: &[Fr], scale: Fr) -> Vec<Fr> {
    let mut table = vec![Fr::zero(); 1 << p.len()];
    table[0] = scale;
    // Least significant variable last: each pass doubles the filled prefix of a table whose stride shrinks.
    let mut filled = 1;
    for &x in p.iter().rev() {
        let (low, rest) = table.split_at_mut(filled);
        let high = &mut rest[..filled];
        if filled >= PARALLEL {
            low.par_iter_mut().zip(high.par_iter_mut()).for_each(|(l, h)| {
                *h = *l * x;
                *l -= *h;
            });
        } else {
            low.iter_mut().zip(high.iter_mut()).for_each(|(l, h)| {
                *h = *l * x;
                *l -= *h;
            });
        }
        filled *= 2;
    }
    table
}

/// Binds the most significant variable: `t[i] += r (t[i + half] - t[i])`, then halves the table.
pub fn fold_in_place(table: &mut Vec<Fr>, r: Fr) {
    let half = table.len() / 2;
    let (low, high) = table.split_at_mut(half);
    if half >= PARALLEL {
        low.par_iter_mut().zip(high.par_iter()).with_min_len(1024).for_each(|(l, h)| *l += r * (*h - *l));
    } else {
        low.iter_mut().zip(high.iter()).for_each(|(l, h)| *l += r * (*h - *l));
    }
    table.truncate(half);
}

/// Value of the multilinear extension of `table` at `point`.
pub fn evaluate(table: &[Fr], point: &[Fr]) -> Fr {
    let mut t = table.to_vec();
    for &r in point {
        fold_in_place(&mut t, r);
    }
    t.first().copied().unwrap_or_default()
}
