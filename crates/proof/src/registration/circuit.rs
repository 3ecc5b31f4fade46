//! Rows of the registration proof: one dataset vector per column.

use crate::part::Part;
use crate::Key;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_lookup::{at, Challenges, Circuit, Value};
use fedproof_program::{Helper, Unit};
use fedproof_sumcheck::{eq, eq_index, eq_table, prefix_sum};

const EQ: usize = 0;
const LOOKED_UP: usize = 1;
const TARGET: usize = 2;
const VALID: usize = 3;
const LANE_ROWS: usize = 4;
const LANE_TUPLE: usize = 5;
const COUNT: usize = 6;

pub(crate) struct RegistrationCircuit<'a> {
    key: &'a Key,
    half: Fr,
    one: Fr,
}

impl<'a> RegistrationCircuit<'a> {
    pub fn new(key: &'a Key) -> Self {
        let program = key.program();
        Self { key, half: Fr::from(1u64 << (program.bits - 1)), one: Fr::from(1u64 << program.delta_bits) }
    }

    /// Constraints including helpers.
    pub fn total_constraints(&self) -> usize {
        self.helpers().len() + self.constraints()
    }

    fn target_in_range(&self) -> bool {
        self.key.registration().targets_in_range
    }

    /// Publics of every row. Records fill a vector from its first cell on.
    pub fn publics_dense(&self, tau: &[Fr], gamma: Fr) -> Vec<Vec<Fr>> {
        let (program, layout) = (self.key.program(), self.key.layout());
        let n = layout.n();
        let mut out = vec![vec![Fr::zero(); n]; COUNT];
        out[EQ] = eq_table(tau, Fr::one());
        let used = n.min(1 << layout.data_bits());
        let slots = 1usize << layout.record.bits;
        let targets = layout.record.targets..layout.record.targets + program.outputs();
        let mut select = |column: usize, selected: &dyn Fn(usize) -> bool| {
            let cells = out[column].iter_mut().take(used).enumerate();
            cells.filter(|(cell, _)| selected(cell & (slots - 1))).for_each(|(_, v)| *v = Fr::one());
        };
        let in_range = self.target_in_range();
        select(LOOKED_UP, &|slot| slot < program.dims[0] || (in_range && targets.contains(&slot)));
        select(TARGET, &|slot| !in_range && targets.contains(&slot));
        select(VALID, &|slot| slot == layout.record.valid);
        let rows = 1usize << program.bits;
        out[LANE_ROWS][..rows].fill(Fr::one());
        let tuples = out[LANE_TUPLE].iter_mut().take(rows).enumerate();
        tuples.for_each(|(row, tuple)| *tuple = Fr::from(row as u64) + gamma * Fr::from(program.bits));
        out
    }

    /// Publics at the point r.
    pub fn publics_at(&self, tau: &[Fr], gamma: Fr, r: &[Fr]) -> Vec<Fr> {
        let (program, layout) = (self.key.program(), self.key.layout());
        let unused = layout.vector_bits.saturating_sub(layout.data_bits());
        let records = eq_index(0, r.get(..unused).unwrap_or(&[]));
        let slot = r.get(layout.vector_bits.saturating_sub(layout.record.bits)..).unwrap_or(&[]);
        let unit_bits = layout.unit_bits.last().copied().unwrap_or(0);
        let (head, unit) = slot.split_at(slot.len().saturating_sub(unit_bits));
        let targets = eq_index(layout.record.targets >> unit_bits, head) * prefix_sum(unit, program.outputs());
        let (in_range, in_set) = if self.target_in_range() { (targets, Fr::zero()) } else { (Fr::zero(), targets) };
        let bits = program.bits as usize;
        let (above, low) = r.split_at(r.len().saturating_sub(bits));
        let lane = eq_index(0, above);
        let index = low.iter().fold(Fr::zero(), |acc, &x| acc + acc + x);
        vec![
            eq(tau, r),
            records * (prefix_sum(slot, program.dims[0]) + in_range),
            records * in_set,
            records * eq_index(layout.record.valid, slot),
            lane,
            lane * (index + gamma * Fr::from(program.bits)),
        ]
    }
}

impl Circuit for RegistrationCircuit<'_> {
    fn helpers(&self) -> &[Helper] {
        &self.key.registration().helpers
    }

    fn first_helper(&self) -> usize {
        self.key.registration().helper(0)
    }

    fn multiplicity(&self, _lane: usize) -> usize {
        self.key.registration().multiplicity()
    }

    fn constraints(&self) -> usize {
        let data = self.key.registration().data;
        if self.target_in_range() {
            data
        } else {
            2 * data
        }
    }

    fn eq<V: Value>(&self, publics: &[V]) -> V {
        at(publics, EQ)
    }

    fn selector<V: Value>(&self, publics: &[V]) -> V {
        at(publics, LOOKED_UP)
    }

    fn lane<V: Value>(&self, _lane: usize, publics: &[V]) -> (V, V) {
        (at(publics, LANE_ROWS), at(publics, LANE_TUPLE))
    }

    fn tuple<V: Value>(&self, unit: Unit, columns: &[V], _publics: &[V], challenges: &Challenges<V>) -> V {
        match unit {
            Unit::Signed { column, bits } => at(columns, column) + self.half + challenges.tag(bits.into()),
            _ => V::zero(),
        }
    }

    fn constrain<V: Value>(&self, columns: &[V], publics: &[V], emit: &mut dyn FnMut(V)) {
        let data = || columns.iter().take(self.key.registration().data);
        if !self.target_in_range() {
            data().for_each(|&d| emit(at(publics, TARGET) * d * (d - self.one)));
        }
        data().for_each(|&d| emit(at(publics, VALID) * d * (d - Fr::one())));
    }

    fn helper_sum<V: Value>(&self, sum: V) -> V {
        if self.key.keeps(Part::HelperSum) {
            sum
        } else {
            V::zero()
        }
    }
}
