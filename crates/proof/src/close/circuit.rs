//! Rows of the round-close proof: one cell of the weight table each.

use super::CloseKey;
use crate::part::Part;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_lookup::{at, Challenges, Circuit, Value};
use fedproof_program::{CloseLayout, Helper, Unit};
use fedproof_sumcheck::{eq, eq_index, eq_table, prefix_sum};
use std::ops::Range;

const EQ: usize = 0;
const ROWS: usize = 1;
const INSIDE: usize = 2;
const LANE_ROWS: usize = 3;
const LANE_TUPLE: usize = 4;
pub(crate) const PUBLICS: usize = 5;

pub(crate) struct CloseCircuit<'a> {
    key: CloseKey<'a>,
    divisor: Fr,
    half: Fr,
    most: Fr,
    limb: Fr,
}

impl<'a> CloseCircuit<'a> {
    /// Of a round with `count` updates.
    pub fn new(key: CloseKey<'a>, count: u64) -> Self {
        let program = key.program();
        // V5 keeps the count below 2^16, so m fits; a larger one is refused before anything depends on it.
        let m = u128::from(count) << program.kernel.fraction_bits();
        let power = |bits: u32| Fr::from(1u128 << bits);
        Self {
            key,
            divisor: Fr::from(m),
            half: Fr::from(m / 2),
            most: power(program.bound_bits) - Fr::one(),
            limb: power(key.shape().limb_bits as u32),
        }
    }

    /// Constraints including helpers.
    pub fn total_constraints(&self) -> usize {
        self.helpers().len() + self.constraints()
    }

    /// Whether a cell of the weight table belongs to a layer: padded rows and columns of a layer's own table do not.
    fn inside(&self, cell: usize) -> bool {
        let (program, layout) = (self.key.program(), self.key.layout());
        layout.weights.iter().enumerate().any(|(i, region)| {
            let Some(place) = cell.checked_sub(region.offset).filter(|place| place >> region.bits == 0) else { return false };
            let bits = layout.unit_bits.get(i + 1).copied().unwrap_or(0);
            let (inputs, units) = (program.dims[i], program.dims[i + 1]);
            place >> bits <= inputs && (place & ((1 << bits) - 1)) < units
        })
    }

    /// Publics of the rows of an aligned range, a power of two of them.
    pub fn publics_dense(&self, tau: &[Fr], gamma: Fr, rows: Range<usize>) -> Vec<Vec<Fr>> {
        let (shape, n) = (self.key.shape(), self.key.layout().n());
        let bits = rows.len().trailing_zeros() as usize;
        let (above, low) = tau.split_at(tau.len() - bits);
        let mut out = vec![vec![Fr::zero(); rows.len()]; PUBLICS];
        out[EQ] = eq_table(low, eq_index(rows.start >> bits, above));
        let lane = 1usize << shape.limb_bits;
        for (offset, row) in rows.enumerate() {
            if row < shape.vectors * n {
                out[ROWS][offset] = Fr::one();
            }
            if self.inside(row) {
                out[INSIDE][offset] = Fr::one();
            }
            if row < lane {
                out[LANE_ROWS][offset] = Fr::one();
                out[LANE_TUPLE][offset] = Fr::from(row as u64) + gamma * Fr::from(shape.limb_bits as u64);
            }
        }
        out
    }

    /// Publics at the point r.
    pub fn publics_at(&self, tau: &[Fr], gamma: Fr, r: &[Fr]) -> Vec<Fr> {
        let (program, layout, shape) = (self.key.program(), self.key.layout(), self.key.shape());
        let vector = r.get(..shape.vector_bits).unwrap_or(&[]);
        let tail = |bits: usize| r.split_at(r.len().saturating_sub(bits));
        let layers = layout.weights.iter().zip(layout.unit_bits.iter().skip(1)).zip(program.dims.iter().zip(&program.dims[1..]));
        let inside = layers.map(|((region, &unit_bits), (&inputs, &units))| {
            let (prefix, cell) = tail(region.bits);
            let (input, unit) = cell.split_at(cell.len().saturating_sub(unit_bits));
            eq_index(region.offset >> region.bits, prefix) * prefix_sum(input, inputs + 1) * prefix_sum(unit, units)
        });
        let inside = inside.sum();
        let (above, low) = tail(shape.limb_bits);
        let lane = eq_index(0, above);
        let index = low.iter().fold(Fr::zero(), |acc, &x| acc + acc + x);
        let tag = gamma * Fr::from(shape.limb_bits as u64);
        vec![eq(tau, r), prefix_sum(vector, shape.vectors), inside, lane, lane * (index + tag)]
    }

    /// The integer of some limbs.
    fn joined<V: Value>(&self, columns: &[V], limbs: Range<usize>) -> V {
        limbs.rev().fold(V::zero(), |acc, limb| acc * self.limb + at(columns, limb))
    }
}

impl Circuit for CloseCircuit<'_> {
    fn helpers(&self) -> &[Helper] {
        &self.key.shape.helpers
    }

    fn first_helper(&self) -> usize {
        self.key.shape().helper(0)
    }

    fn multiplicity(&self, _lane: usize) -> usize {
        self.key.shape().multiplicity()
    }

    fn constraints(&self) -> usize {
        7
    }

    fn eq<V: Value>(&self, publics: &[V]) -> V {
        at(publics, EQ)
    }

    fn selector<V: Value>(&self, publics: &[V]) -> V {
        at(publics, ROWS)
    }

    fn lane<V: Value>(&self, _lane: usize, publics: &[V]) -> (V, V) {
        (at(publics, LANE_ROWS), at(publics, LANE_TUPLE))
    }

    fn tuple<V: Value>(&self, unit: Unit, columns: &[V], _publics: &[V], challenges: &Challenges<V>) -> V {
        match unit {
            Unit::Limb { column, tag } => at(columns, column) + challenges.tag(tag),
            _ => V::zero(),
        }
    }

    fn constrain<V: Value>(&self, columns: &[V], publics: &[V], emit: &mut dyn FnMut(V)) {
        let shape = self.key.shape();
        let (rows, inside) = (at(publics, ROWS), at(publics, INSIDE));
        let column = |k: usize| at(columns, k);
        let (sum, next, sign) = (column(CloseLayout::SUM), column(CloseLayout::NEXT), column(CloseLayout::SIGN));
        let remainder = self.joined(columns, shape.remainder(0)..shape.complement(0));
        let complement = self.joined(columns, shape.complement(0)..shape.room(0));
        let room = self.joined(columns, shape.room(0)..shape.distance(0));
        let distance = self.joined(columns, shape.distance(0)..shape.multiplicity());
        let (square, most) = (sign * sign, rows * self.most);
        emit(square * sign - sign);
        emit(sum + rows * self.half - (next + sign * (distance + Fr::one())) * self.divisor - remainder);
        emit(rows * (self.divisor - Fr::one()) - remainder - complement);
        emit(most - next - room);
        emit((-square + Fr::one()) * (distance - next - most));
        emit(sign * (next - sign * self.most));
        emit((-inside + Fr::one()) * next);
    }

    fn helper_sum<V: Value>(&self, sum: V) -> V {
        if self.key.keeps(Part::HelperSum) {
            sum
        } else {
            V::zero()
        }
    }
}
