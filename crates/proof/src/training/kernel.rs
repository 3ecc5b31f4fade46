//! The optimiser's kernel as multilinear extensions: `W_t = c_t W_0 - sum_{u<t} kappa_{t-u} G_u` (docs/protocol.md, section 3, S1b).

use super::circuit::integer;
use crate::Key;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_program::Kernel;
use fedproof_sumcheck::{eq_table, less_than};

/// `sum_{t>u} eq(later, t) eq(earlier, u) kappa_{t-u}`.
pub(crate) fn taps_at(key: &Key, later: &[Fr], earlier: &[Fr]) -> Fr {
    match &key.program().kernel {
        Kernel::Plain(rate) => Fr::from(*rate) * less_than(earlier, later),
        Kernel::Explicit { taps, .. } => {
            let distances = distance_weights(later, earlier);
            distances.iter().skip(1).zip(taps).map(|(&weight, &tap)| weight * integer(tap)).sum()
        }
    }
}

/// For every d >= 0 the sum of `eq(later, t) eq(earlier, u)` over t - u = d. Bit by bit, most significant first: a pair of bits takes the
/// difference d of the prefixes to `2 d + (bit of t) - (bit of u)`; one that is negative stays so.
fn distance_weights(later: &[Fr], earlier: &[Fr]) -> Vec<Fr> {
    let mut weights = vec![Fr::one()];
    for (&t, &u) in later.iter().zip(earlier) {
        let both = t * u;
        let (up, down, same) = (t - both, u - both, Fr::one() - t - u + both + both);
        let mut next = vec![Fr::zero(); 2 * weights.len()];
        for (pair, &weight) in next.chunks_exact_mut(2).zip(&weights) {
            if let [even, odd] = pair {
                *even += weight * same;
                *odd += weight * up;
            }
        }
        for (odd, &weight) in next.iter_mut().skip(1).step_by(2).zip(weights.iter().skip(1)) {
            *odd += weight * down;
        }
        weights = next;
    }
    weights
}

/// `sum_{u<T} eq(earlier, u) kappa_{T-u}`; the plain kernel is constant.
pub(crate) fn last_taps_at(key: &Key, earlier: &[Fr]) -> Fr {
    match &key.program().kernel {
        Kernel::Plain(rate) => Fr::from(*rate),
        Kernel::Explicit { taps, .. } => {
            eq_table(earlier, Fr::one()).iter().zip(taps.iter().rev()).map(|(&e, &k)| e * integer(k)).sum()
        }
    }
}

/// `sum_t eq(point, t) c_t`.
pub(crate) fn decay_at(key: &Key, point: &[Fr]) -> Fr {
    match &key.program().kernel {
        Kernel::Plain(_) => Fr::one(),
        kernel => eq_table(point, Fr::one()).iter().enumerate().map(|(t, &e)| e * integer(kernel.decay(t))).sum(),
    }
}

/// c_T.
pub(crate) fn last_decay(key: &Key) -> Fr {
    integer(key.program().kernel.decay(key.program().steps))
}

/// [`taps_at`] for every u on the cube.
pub(crate) fn taps_row(key: &Key, later: &[Fr]) -> Vec<Fr> {
    let kernel = &key.program().kernel;
    let weights = eq_table(later, Fr::one());
    let steps = weights.len();
    if let Kernel::Plain(rate) = kernel {
        let mut sum = Fr::zero();
        let mut out = vec![Fr::zero(); steps];
        for (value, &weight) in out.iter_mut().zip(&weights).rev() {
            *value = sum;
            sum += weight * Fr::from(*rate);
        }
        return out;
    }
    (0..steps).map(|u| (u + 1..steps).map(|t| weights[t] * integer(kernel.tap(t - u))).sum()).collect()
}

/// [`last_taps_at`] for every u on the cube.
pub(crate) fn last_taps_row(key: &Key, steps: usize) -> Vec<Fr> {
    let (kernel, end) = (&key.program().kernel, key.program().steps);
    let plain = matches!(kernel, Kernel::Plain(_));
    (0..steps)
        .map(|u| if plain { integer(kernel.tap(1)) } else { end.checked_sub(u).map_or(Fr::zero(), |d| integer(kernel.tap(d))) })
        .collect()
}
