//! Prover of a sumcheck.

use crate::claim::{next_claim, Labels, Outcome};
use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use fedproof_transcript::ProverTranscript;

/// A function on the cube, bound variable by variable from the most significant one.
pub trait Integrand {
    /// Sums over the cube of the variables after the current one, with the current one at 0, 1, .., degree.
    /// The entry at 1 is only read if `with_one`.
    fn sums(&self, degree: usize, with_one: bool) -> Vec<Fr>;
    /// Binds the current variable.
    fn bind(&mut self, r: Fr);
}

/// Mask coefficients of a sumcheck and what its integrand sums to.
#[derive(Debug, Clone, Copy)]
pub struct Masking<'a> {
    /// g_{i,e}, variable by variable, e = 1..=degree.
    pub coefficients: &'a [Fr],
    /// Sum of the integrand if the caller knows it; else the first fold finds it.
    pub sum: Option<Fr>,
}

/// Coefficients of the polynomial of degree n-1 with the given values at 0, 1, .., n-1 (Newton's forward differences).
fn interpolate(values: &[Fr]) -> Vec<Fr> {
    let n = values.len();
    let mut differences = values.to_vec();
    let mut factorial = Fr::one();
    for k in 1..n {
        factorial *= Fr::from(k as u64);
        for i in (k..n).rev() {
            let previous = differences[i - 1];
            differences[i] -= previous;
        }
    }
    let mut inverse = factorial.inverse().unwrap_or_default();
    for k in (1..n).rev() {
        differences[k] *= inverse;
        inverse *= Fr::from(k as u64);
    }
    // Horner in the Newton basis: p = d_0 + x (d_1 + (x - 1) (d_2 + ...)).
    let mut out = vec![Fr::zero(); n];
    for k in (0..n).rev() {
        let node = Fr::from(k as u64);
        for i in (1..n).rev() {
            let lower = out[i - 1];
            out[i] = lower - node * out[i];
        }
        out[0] = differences[k] - node * out[0];
    }
    out
}

/// Runs the sumcheck of `integrand + g + constant`, the constant chosen so that the sum is `claim`.
pub fn prove<T: ProverTranscript, I: Integrand>(
    transcript: &mut T,
    labels: Labels,
    degrees: &[usize],
    masking: Masking<'_>,
    claim: Fr,
    integrand: &mut I,
) -> Outcome {
    let n = degrees.len();
    let mut masks = Vec::with_capacity(n);
    let mut rest = masking.coefficients;
    for &d in degrees {
        let (head, tail) = rest.split_at(d);
        masks.push(head);
        rest = tail;
    }
    let powers: Vec<Fr> = std::iter::successors(Some(Fr::one()), |p| Some(*p + p)).take(n + 1).collect();
    let totals: Vec<Fr> = masks.iter().map(|m| m.iter().sum()).collect();
    let mut after: Fr = totals.iter().sum();
    let sigma = if n > 0 { powers[n - 1] * after } else { Fr::zero() };
    let shift = |sum: Fr| (claim - sum - sigma) * powers[n].inverse().unwrap_or_default();
    let mut constant = masking.sum.map(shift);
    let (mut bound, mut last, mut point) = (Fr::zero(), claim, Vec::with_capacity(n));
    for (i, &d) in degrees.iter().enumerate() {
        after -= totals[i];
        let known = constant.is_some();
        let mut values = integrand.sums(d, !known);
        let constant = *constant.get_or_insert_with(|| shift(values[0] + values[1]));
        let scale = powers[n - 1 - i];
        let spread = if i + 1 < n { powers[n - 2 - i] * after } else { Fr::zero() };
        for (x, value) in values.iter_mut().enumerate() {
            *value += scale * (bound + mask_at(masks[i], Fr::from(x as u64)) + constant) + spread;
        }
        if known {
            values[1] = last - values[0];
        }
        let mut sent = interpolate(&values);
        sent.remove(1);
        transcript.send_scalars(labels.fold, i as u16, &sent);
        let r = transcript.challenge(labels.challenge, i as u16);
        integrand.bind(r);
        bound += mask_at(masks[i], r);
        last = next_claim(last, &sent, r);
        point.push(r);
    }
    Outcome { point, last }
}

/// `sum_e g_e x^e`, e from 1.
fn mask_at(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::zero(), |acc, &g| (acc + g) * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolation_recovers_coefficients() {
        for n in 1..12usize {
            let coefficients: Vec<Fr> = (0..n).map(|i| Fr::from((7 * i * i + 3) as u64)).collect();
            let values: Vec<Fr> =
                (0..n).map(|x| coefficients.iter().rev().fold(Fr::zero(), |acc, &c| acc * Fr::from(x as u64) + c)).collect();
            assert_eq!(interpolate(&values), coefficients);
        }
    }
}
