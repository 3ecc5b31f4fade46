//! Helper columns: the sum of fractions of each helper on each row.

use crate::circuit::{fractions, Challenges, Circuit};
use ark_bn254::Fr;
use ark_ff::{batch_inversion, Zero};
use rayon::prelude::*;

const CHUNK: usize = 1024;

/// `h_g` of every helper, from the other columns. A row whose denominator is zero (probability below 2^-230 per row) gets 0.
pub fn helper_columns<C: Circuit>(
    circuit: &C,
    columns: &[Vec<Fr>],
    publics: &[Vec<Fr>],
    challenges: &Challenges,
) -> Vec<Vec<Fr>> {
    let rows = columns.first().map_or(0, Vec::len);
    circuit
        .helpers()
        .iter()
        .map(|helper| {
            let mut out = vec![Fr::zero(); rows];
            out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
                let mut row = vec![Fr::zero(); columns.len()];
                let mut public = vec![Fr::zero(); publics.len()];
                let mut inverses = Vec::with_capacity(out.len());
                let start = chunk * CHUNK;
                for (offset, numerator) in out.iter_mut().enumerate() {
                    row.iter_mut().zip(columns).for_each(|(v, c)| *v = c[start + offset]);
                    public.iter_mut().zip(publics).for_each(|(v, c)| *v = c[start + offset]);
                    let (above, below) = fractions(circuit, helper, &row, &public, challenges);
                    *numerator = above;
                    inverses.push(if above.is_zero() { Fr::zero() } else { below });
                }
                batch_inversion(&mut inverses);
                out.iter_mut().zip(inverses).for_each(|(v, i)| *v *= i);
            });
            out
        })
        .collect()
}
