//! What a proof looks up and constrains on each row, and the integrand at one point.

use crate::value::Value;
use ark_bn254::Fr;
use ark_ff::One;
use fedproof_program::{Helper, Unit};

/// A value of a row, 0 where there is none: circuits index by the layout, which prover and verifier compute alike.
pub fn at<V: Value>(values: &[V], index: usize) -> V {
    values.get(index).copied().unwrap_or_else(V::zero)
}

/// Challenges of the row argument.
#[derive(Debug, Clone)]
pub struct Challenges<V = Fr> {
    /// Shift of the denominators.
    pub alpha: V,
    /// Powers 0..=3 of the tuple challenge.
    pub gamma: [V; 4],
    /// Powers 0.. of the constraint challenge (power 0 is not used by any constraint).
    pub chi: Vec<V>,
    /// gamma times every tag.
    tags: Vec<V>,
}

/// Tags are below this (docs/protocol.md, section 2).
const TAGS: u64 = 64;

impl Challenges {
    /// Powers for `constraints` row constraints (helpers included).
    pub fn new(alpha: Fr, gamma: Fr, chi: Fr, constraints: usize) -> Self {
        let square = gamma * gamma;
        let chi = std::iter::successors(Some(Fr::one()), |p| Some(*p * chi)).take(constraints + 1).collect();
        let tags = (0..TAGS).map(|t| gamma * Fr::from(t)).collect();
        Self { alpha, gamma: [Fr::one(), gamma, square, square * gamma], chi, tags }
    }

    /// The same for circuits on other values.
    pub(crate) fn to_values<V: Value>(&self) -> Challenges<V> {
        let all = |scalars: &[Fr]| scalars.iter().map(|scalar| V::from(*scalar)).collect();
        Challenges { alpha: self.alpha.into(), gamma: self.gamma.map(V::from), chi: all(&self.chi), tags: all(&self.tags) }
    }
}

impl<V: Value> Challenges<V> {
    /// `gamma tag`.
    pub fn tag(&self, tag: u64) -> V {
        self.tags.get(tag as usize).copied().unwrap_or_else(|| self.gamma[1] * Fr::from(tag))
    }
}

/// The rows of a proof. `columns` are the private (or committed) values of a row, `publics` those that both sides know; both can also be
/// values of multilinear extensions at any point.
pub trait Circuit: Sync {
    /// Lookup units by helper.
    fn helpers(&self) -> &[Helper];
    /// Position of the first helper among the columns.
    fn first_helper(&self) -> usize;
    /// Position of the multiplicities of a lane among the columns.
    fn multiplicity(&self, lane: usize) -> usize;
    /// Number of constraints besides the helpers'.
    fn constraints(&self) -> usize;
    /// eq(tau, .) at this row.
    fn eq<V: Value>(&self, publics: &[V]) -> V;
    /// Selector of rows that look up.
    fn selector<V: Value>(&self, publics: &[V]) -> V;
    /// (selector, tuple) of a lane.
    fn lane<V: Value>(&self, lane: usize, publics: &[V]) -> (V, V);
    /// Tuple x of a lookup unit (not called for lanes).
    fn tuple<V: Value>(&self, unit: Unit, columns: &[V], publics: &[V], challenges: &Challenges<V>) -> V;
    /// Values of the constraints C_1.., handed to `emit` in order.
    fn constrain<V: Value>(&self, columns: &[V], publics: &[V], emit: &mut dyn FnMut(V));
    /// What the sum of a row's helpers adds to the integrand: itself. Only tests of weakened protocols differ.
    fn helper_sum<V: Value>(&self, sum: V) -> V {
        sum
    }
}

/// `(numerator, denominator)` of the sum of fractions of one helper.
pub(crate) fn fractions<C: Circuit + ?Sized, V: Value>(
    circuit: &C,
    helper: &Helper,
    columns: &[V],
    publics: &[V],
    challenges: &Challenges<V>,
) -> (V, V) {
    // Sums of fractions 1/d over the lookups, m/d over the lanes, over the common product of all d so far.
    let (mut looked, mut tabled, mut product): (Option<V>, Option<V>, Option<V>) = (None, None, None);
    for &unit in helper {
        let (denominator, multiplicity) = match unit {
            Unit::Lane(p) => {
                let (selector, tuple) = circuit.lane(p, publics);
                let value = at(columns, circuit.multiplicity(p));
                (challenges.alpha + tuple, Some(selector * value))
            }
            _ => (challenges.alpha + circuit.tuple(unit, columns, publics, challenges), None),
        };
        let others = product.unwrap_or_else(V::one);
        for sum in [&mut looked, &mut tabled].into_iter().flatten() {
            *sum *= denominator;
        }
        match multiplicity {
            None => looked = Some(looked.map_or(others, |l| l + others)),
            Some(m) if m.is_zero() => {}
            Some(m) => {
                let term = product.map_or(m, |p| m * p);
                tabled = Some(tabled.map_or(term, |t| t + term));
            }
        }
        product = Some(product.map_or(denominator, |p| p * denominator));
    }
    let selector = circuit.selector(publics);
    let looked = looked.filter(|_| !selector.is_zero()).map_or_else(V::zero, |l| selector * l);
    (looked - tabled.unwrap_or_else(V::zero), product.unwrap_or_else(V::one))
}

/// The integrand at one row or point.
pub fn combine<C: Circuit + ?Sized, V: Value>(circuit: &C, columns: &[V], publics: &[V], challenges: &Challenges<V>) -> V {
    let mut powers = challenges.chi.iter().skip(1);
    let mut next = || powers.next().copied().unwrap_or_else(V::zero);
    let (mut sum, mut total) = (V::zero(), V::zero());
    // Rows that neither look up nor hold a table cost nothing (their helpers are zero).
    let idle = circuit.selector(publics).is_zero();
    for (helper, &h) in circuit.helpers().iter().zip(columns.iter().skip(circuit.first_helper())) {
        let power = next();
        let unused = |unit: &Unit| !matches!(unit, Unit::Lane(p) if !circuit.lane(*p, publics).0.is_zero());
        if idle && h.is_zero() && helper.iter().all(unused) {
            continue;
        }
        let (numerator, denominator) = fractions(circuit, helper, columns, publics, challenges);
        total += power * (h * denominator - numerator);
        sum += h;
    }
    circuit.constrain(columns, publics, &mut |value| {
        let power = next();
        if !value.is_zero() {
            total += power * value;
        }
    });
    circuit.eq(publics) * total + circuit.helper_sum(sum)
}
