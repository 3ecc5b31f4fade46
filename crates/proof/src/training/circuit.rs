//! Rows of the training proof: lookups and constraints C_1..C_5 (docs/protocol.md, section 3).

use crate::part::Part;
use crate::Key;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_lookup::{at, Challenges, Circuit, Value};
use fedproof_program::{Activation, Columns, Direction, Helper, Loss, Segment, SegmentKind, Unit, SIGMOID_TAG};
use fedproof_sumcheck::{eq, eq_index, eq_table};

const EQ: usize = 0;
const SELECT: usize = 1;
const TAG: usize = 2;
const SELECT_A: usize = 3;
const SELECT_S: usize = 4;
const BACKWARD: usize = 5;
const OUTPUT: usize = 6;
const LANES: usize = 7;

/// The training rows of a key.
pub(crate) struct TrainingCircuit<'a> {
    key: &'a Key,
    half: Fr,
    limb: Fr,
    output_scale: Fr,
}

pub(crate) fn integer(value: i64) -> Fr {
    if value < 0 {
        -Fr::from(value.unsigned_abs())
    } else {
        Fr::from(value as u64)
    }
}

impl<'a> TrainingCircuit<'a> {
    pub fn new(key: &'a Key) -> Self {
        let program = key.program();
        let (half, limb) = (Fr::from(1u64 << (program.bits - 1)), Fr::from(1u64 << program.bits));
        Self { key, half, limb, output_scale: Fr::from(1u64 << (program.delta_bits - program.activation_bits)) }
    }

    fn columns(&self) -> &Columns {
        &self.key.layout().columns
    }

    /// Constraints including helpers.
    pub fn total_constraints(&self) -> usize {
        self.columns().helpers + self.constraints()
    }

    /// (tag, looks up a, looks up s) of the activation tuple on a region.
    fn region_lookup(&self, layer: usize, direction: Direction) -> (u64, bool, bool) {
        let program = self.key.program();
        match (direction, program.activations.get(layer - 1), program.loss) {
            (Direction::Forward, Some(activation), _) => (activation.tag(), true, true),
            (Direction::Forward, None, Loss::Sigmoid) => (SIGMOID_TAG, true, false),
            _ => (u64::from(program.bits), false, false),
        }
    }

    /// Adds region values to publics: `at(region offset, bits)` is the region's indicator.
    fn each_region(&self, mut add: impl FnMut(&fedproof_program::Region, usize, Fr)) {
        let last = self.key.program().layers();
        for region in &self.key.layout().regions {
            let (tag, a, s) = self.region_lookup(region.layer, region.direction);
            add(region, SELECT, Fr::one());
            add(region, TAG, Fr::from(tag));
            if a {
                add(region, SELECT_A, Fr::one());
            }
            if s {
                add(region, SELECT_S, Fr::one());
            }
            if region.direction == Direction::Backward {
                add(region, BACKWARD, Fr::one());
            } else if region.layer == last {
                add(region, OUTPUT, Fr::one());
            }
        }
    }

    fn public_count(&self) -> usize {
        LANES + 2 * self.columns().lanes
    }

    /// Publics of every row.
    pub fn publics_dense(&self, tau: &[Fr], gamma: Fr) -> Vec<Vec<Fr>> {
        let n = self.key.layout().n();
        let mut out = vec![vec![Fr::zero(); n]; self.public_count()];
        out[EQ] = eq_table(tau, Fr::one());
        self.each_region(|region, index, value| {
            out[index][region.offset..region.offset + (1 << region.bits)].fill(value);
        });
        let (square, cube) = (gamma * gamma, gamma * gamma * gamma);
        for segment in &self.key.layout().segments {
            let rows = segment.offset..segment.offset + (1 << segment.bits);
            out[LANES + 2 * segment.lane][rows.clone()].fill(Fr::one());
            let tuples = &mut out[LANES + 2 * segment.lane + 1][rows];
            let tag = gamma * Fr::from(segment.tag);
            let half = 1i64 << (self.key.program().bits - 1);
            for (index, tuple) in tuples.iter_mut().enumerate() {
                let (a, s) = match segment.kind {
                    SegmentKind::Range => (0, 0),
                    SegmentKind::Hidden(activation) => activation.apply(index as i64 - half),
                    SegmentKind::Sigmoid => (self.key.table().and_then(|t| t.get(index)).copied().unwrap_or(0), 0),
                };
                *tuple = tag + Fr::from(index as u64);
                if a != 0 {
                    *tuple += square * integer(a);
                }
                if s != 0 {
                    *tuple += cube * integer(s);
                }
            }
        }
        out
    }

    /// Publics at the point r; `table` is the revealed value of the key's table there.
    pub fn publics_at(&self, tau: &[Fr], gamma: Fr, r: &[Fr], table: Fr) -> Vec<Fr> {
        let mut out = vec![Fr::zero(); self.public_count()];
        let mut add = |index: usize, value: Fr| {
            if let Some(slot) = out.get_mut(index) {
                *slot += value;
            }
        };
        add(EQ, eq(tau, r));
        let prefix = |offset: usize, bits: usize| eq_index(offset >> bits, r.get(..r.len().saturating_sub(bits)).unwrap_or(&[]));
        self.each_region(|region, index, value| add(index, value * prefix(region.offset, region.bits)));
        for segment in &self.key.layout().segments {
            let at = prefix(segment.offset, segment.bits);
            add(LANES + 2 * segment.lane, at);
            add(LANES + 2 * segment.lane + 1, at * self.tuple_at(segment, gamma, r));
        }
        // The table is zero outside the sigmoid segment, which lies in lane 0.
        add(LANES + 1, gamma * gamma * table);
        out
    }

    /// `idx + gamma tag + gamma^2 a + gamma^3 s` at the low variables of r, for tables in closed form.
    fn tuple_at(&self, segment: &Segment, gamma: Fr, r: &[Fr]) -> Fr {
        let low = r.get(r.len().saturating_sub(segment.bits)..).unwrap_or(&[]);
        let two = Fr::from(2u64);
        let index = low.iter().fold(Fr::zero(), |acc, &x| acc * two + x);
        let (a, s) = match (segment.kind, low.split_first()) {
            (SegmentKind::Hidden(Activation::Identity), _) => (index - self.half, Fr::one()),
            (SegmentKind::Hidden(Activation::Relu), Some((&top, rest))) => {
                let below = rest.iter().fold(Fr::zero(), |acc, &x| acc * two + x);
                (top * below, top * (Fr::one() - eq_index(0, rest)))
            }
            _ => (Fr::zero(), Fr::zero()),
        };
        index + gamma * (Fr::from(segment.tag) + gamma * (a + gamma * s))
    }
}

impl Circuit for TrainingCircuit<'_> {
    fn helpers(&self) -> &[Helper] {
        &self.key.layout().helpers
    }

    fn first_helper(&self) -> usize {
        self.columns().committed_first()
    }

    fn multiplicity(&self, lane: usize) -> usize {
        self.columns().multiplicity(lane)
    }

    fn constraints(&self) -> usize {
        5
    }

    fn eq<V: Value>(&self, publics: &[V]) -> V {
        at(publics, EQ)
    }

    fn selector<V: Value>(&self, publics: &[V]) -> V {
        at(publics, SELECT)
    }

    fn lane<V: Value>(&self, lane: usize, publics: &[V]) -> (V, V) {
        (at(publics, LANES + 2 * lane), at(publics, LANES + 2 * lane + 1))
    }

    fn tuple<V: Value>(&self, unit: Unit, columns: &[V], publics: &[V], challenges: &Challenges<V>) -> V {
        match unit {
            Unit::Limb { column, tag } => at(columns, column) + challenges.tag(tag),
            Unit::Signed { column, bits } => at(columns, column) + self.half + challenges.tag(bits.into()),
            Unit::Activation => {
                let (select_a, select_s) = (at(publics, SELECT_A), at(publics, SELECT_S));
                let mut tuple = at(columns, Columns::Q) + self.half + at(publics, TAG) * challenges.gamma[1];
                if !select_a.is_zero() {
                    tuple += challenges.gamma[2] * select_a * at(columns, self.columns().a());
                }
                if !select_s.is_zero() {
                    tuple += challenges.gamma[3] * select_s * at(columns, self.columns().s());
                }
                tuple
            }
            Unit::Lane(_) => V::zero(),
        }
    }

    fn constrain<V: Value>(&self, columns: &[V], publics: &[V], emit: &mut dyn FnMut(V)) {
        let c = self.columns();
        let (q, sign, excess) = (at(columns, Columns::Q), at(columns, Columns::SIGN), at(columns, Columns::EXCESS));
        let (a, s) = (at(columns, c.a()), at(columns, c.s()));
        let (target, valid) = (at(columns, c.count()), at(columns, c.count() + 1));
        if sign.is_zero() {
            // Nothing saturated here: most rows.
            emit(V::zero());
            emit(excess);
            emit(V::zero());
        } else {
            let square = sign * sign;
            emit(square * sign - sign);
            let distance = (0..c.excess_limbs).rev().fold(V::zero(), |acc, k| acc * self.limb + at(columns, c.excess_limb(k)));
            emit(excess - sign * (distance + Fr::one()));
            emit(sign * (q + q + Fr::one()) - square * (self.limb - Fr::one()));
        }
        let (backward, output) = (at(publics, BACKWARD), at(publics, OUTPUT));
        emit(if backward.is_zero() { backward } else { backward * (a - q * s) });
        if output.is_zero() {
            emit(output);
            return;
        }
        let prediction = match self.key.program().loss {
            Loss::Sigmoid => a,
            Loss::Squared => q * self.output_scale,
        };
        emit(output * (s - (prediction - target) * valid));
    }

    fn helper_sum<V: Value>(&self, sum: V) -> V {
        if self.key.keeps(Part::HelperSum) {
            sum
        } else {
            V::zero()
        }
    }
}
