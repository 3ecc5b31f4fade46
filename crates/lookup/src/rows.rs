//! Sums of the integrand over pairs of rows.

use crate::circuit::{combine, Challenges, Circuit};
use crate::value::Value;
use ark_bn254::Fr;
use ark_ff::One;

/// One line of columns or publics, moving from a pair's first row to its second and beyond.
struct Line<V> {
    values: Vec<V>,
    /// None for steps of zero, which most are.
    steps: Vec<Option<V>>,
}

impl<V: Value> Line<V> {
    fn new(width: usize) -> Self {
        Self { values: vec![V::zero(); width], steps: vec![None; width] }
    }

    fn load(&mut self, pair: impl Fn(usize) -> (V, V)) {
        for (k, (value, step)) in self.values.iter_mut().zip(&mut self.steps).enumerate() {
            let (low, high) = pair(k);
            let difference = high - low;
            (*value, *step) = (low, (!difference.is_zero()).then_some(difference));
        }
    }

    fn advance(&mut self) {
        for (value, step) in self.values.iter_mut().zip(&self.steps) {
            if let Some(step) = step {
                *value += *step;
            }
        }
    }
}

/// Sums so far at 0, 1, .., degree, and the lines at work.
pub(crate) struct Sums<V> {
    pub(crate) at: Vec<V>,
    columns: Line<V>,
    publics: Line<V>,
}

impl<V: Value> Sums<V> {
    pub(crate) fn new(degree: usize, columns: usize, publics: usize) -> Self {
        Self { at: vec![V::zero(); degree + 1], columns: Line::new(columns), publics: Line::new(publics) }
    }

    /// Adds a pair of rows; the sum at 1 is only correct if `with_one`. `masks` is for the last variable: `m x (1 - x)` on each column.
    pub(crate) fn add<C: Circuit>(
        &mut self,
        circuit: &C,
        challenges: &Challenges<V>,
        with_one: bool,
        masks: Option<&[Fr]>,
        column: impl Fn(usize) -> (V, V),
        public: impl Fn(usize) -> (V, V),
    ) {
        self.columns.load(column);
        self.publics.load(public);
        for x in 0..self.at.len() {
            if x > 0 {
                self.columns.advance();
                self.publics.advance();
            }
            if x == 1 && !with_one {
                continue;
            }
            let (columns, publics) = (&self.columns.values, &self.publics.values);
            let value = match masks {
                None => combine(circuit, columns, publics, challenges),
                Some(masks) => {
                    let point = Fr::from(x as u64);
                    let weight = point * (Fr::one() - point);
                    let masked: Vec<V> = columns.iter().zip(masks).map(|(value, mask)| *value + weight * mask).collect();
                    combine(circuit, &masked, publics, challenges)
                }
            };
            self.at[x] += value;
        }
    }
}
