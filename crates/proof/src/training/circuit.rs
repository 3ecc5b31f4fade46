//! Rows of the training proof: lookups and constraints C_1..C_10 (docs/protocol.md, section 3).

use crate::part::Part;
use crate::Key;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_lookup::{at, Challenges, Circuit, Value};
use fedproof_program::{
    Activation, Columns, Direction, Helper, Loss, Region, Segment, SegmentKind, Unit, CLAMP_TAG, EXPONENTIAL_TAG,
    LOSS_WEIGHT_BITS, SIGMOID_TAG,
};
use fedproof_sumcheck::{eq, eq_index, eq_table};

const EQ: usize = 0;
const SELECT: usize = 1;
const TAG: usize = 2;
const SELECT_A: usize = 3;
const SELECT_S: usize = 4;
const BACKWARD: usize = 5;
const OUTPUT: usize = 6;
/// Regions D, and the same times 2^(F'-sh).
const ROUNDED: usize = 7;
const PRODUCT: usize = 8;
/// P and Q.
const EXPONENTIAL: usize = 9;
const QUOTIENT: usize = 10;
const LANES: usize = 11;

/// The training rows of a key.
pub(crate) struct TrainingCircuit<'a> {
    key: &'a Key,
    half: Fr,
    /// 2^l.
    range: Fr,
    /// 2^lb.
    limb: Fr,
    /// 2^F' and half of it.
    scale: Fr,
    rounding: Fr,
    output_scale: Fr,
    /// 2^(fd+1).
    twice: Fr,
    /// Whether there is a region D.
    rounded: bool,
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
        let p = key.program();
        let power = |bits: u32| Fr::from(1u64 << bits);
        Self {
            key,
            half: power(p.bits - 1),
            range: power(p.bits),
            limb: power(p.limb_bits),
            scale: power(p.scale_bits()),
            rounding: power(p.scale_bits() - 1),
            output_scale: power(p.delta_bits - p.activation_bits),
            twice: power(p.delta_bits + 1),
            rounded: key.layout().regions.iter().any(|r| r.direction == Direction::Derivative),
        }
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
            (Direction::Exponential, ..) => (EXPONENTIAL_TAG, true, false),
            (Direction::Difference, ..) => (CLAMP_TAG, true, false),
            _ => (u64::from(program.bits), false, false),
        }
    }

    /// What the constraints need to know of a region.
    fn region_selectors(&self, region: &Region) -> Vec<(usize, Fr)> {
        let program = self.key.program();
        match region.direction {
            Direction::Forward if region.layer == program.layers() => vec![(OUTPUT, Fr::one())],
            Direction::Backward if !program.has_derivative_region(region.layer) => vec![(BACKWARD, Fr::one())],
            Direction::Derivative => {
                let shift = if region.layer == program.layers() {
                    program.delta_bits + LOSS_WEIGHT_BITS
                } else {
                    program.derivative_bits()
                };
                vec![(ROUNDED, Fr::one()), (PRODUCT, Fr::from(1u64 << (program.scale_bits() - shift)))]
            }
            Direction::Exponential => vec![(EXPONENTIAL, Fr::one())],
            Direction::Quotient => vec![(QUOTIENT, Fr::one())],
            _ => Vec::new(),
        }
    }

    /// Adds region values to publics: `at(region offset, bits)` is the region's indicator.
    fn each_region(&self, mut add: impl FnMut(&Region, usize, Fr)) {
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
            for (index, value) in self.region_selectors(region) {
                add(region, index, value);
            }
        }
    }

    fn public_count(&self) -> usize {
        LANES + 2 * self.columns().lanes
    }

    /// Publics of every row.
    pub fn publics_dense(&self, tau: &[Fr], gamma: Fr) -> Vec<Vec<Fr>> {
        let layout = self.key.layout();
        let rows = 1usize << layout.c;
        let mut out = vec![vec![Fr::zero(); rows]; self.public_count()];
        out[EQ] = eq_table(tau, Fr::one());
        self.each_region(|region, index, value| {
            out[index][region.offset..region.offset + (1 << region.bits)].fill(value);
        });
        let (square, cube) = (gamma * gamma, gamma * gamma * gamma);
        for segment in &layout.segments {
            let rows = segment.offset..segment.offset + (1 << segment.bits);
            out[LANES + 2 * segment.lane][rows.clone()].fill(Fr::one());
            let tag = gamma * Fr::from(segment.tag);
            let (a, s) = if segment.is_committed() { (Vec::new(), Vec::new()) } else { segment.values(self.key.program()) };
            for (index, tuple) in out[LANES + 2 * segment.lane + 1][rows].iter_mut().enumerate() {
                *tuple = tag + Fr::from(index as u64);
                for (power, value) in [(square, a.get(index)), (cube, s.get(index))] {
                    if let Some(&value) = value.filter(|v| **v != 0) {
                        *tuple += power * integer(value);
                    }
                }
            }
        }
        for (table, cells) in layout.key_tables.iter().zip(self.key.tables()) {
            let power = if table.derivatives { cube } else { square };
            let tuples = out[LANES + 2 * table.lane + 1].iter_mut().zip(cells);
            tuples.filter(|(_, v)| **v != 0).for_each(|(tuple, &v)| *tuple += power * integer(v));
        }
        out
    }

    /// Publics at the point r; `tables` are the revealed values vtab of the lanes with committed tables.
    pub fn publics_at(&self, tau: &[Fr], gamma: Fr, r: &[Fr], tables: &[Fr]) -> Vec<Fr> {
        let layout = self.key.layout();
        let mut out = vec![Fr::zero(); self.public_count()];
        let mut add = |index: usize, value: Fr| {
            if let Some(slot) = out.get_mut(index) {
                *slot += value;
            }
        };
        add(EQ, eq(tau, r));
        let prefix = |offset: usize, bits: usize| eq_index(offset >> bits, r.get(..r.len().saturating_sub(bits)).unwrap_or(&[]));
        self.each_region(|region, index, value| add(index, value * prefix(region.offset, region.bits)));
        for segment in &layout.segments {
            let at = prefix(segment.offset, segment.bits);
            add(LANES + 2 * segment.lane, at);
            add(LANES + 2 * segment.lane + 1, at * self.tuple_at(segment, gamma, r));
        }
        for (lane, &value) in layout.table_lanes().into_iter().zip(tables) {
            add(LANES + 2 * lane + 1, prefix(0, layout.vector_bits) * value);
        }
        out
    }

    /// `idx + gamma tag + gamma^2 a + gamma^3 s` at the low variables of r; committed values come from the key's tables.
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

    /// `sum_k 2^(lb k) column(first + k)`.
    fn limbs<V: Value>(&self, columns: &[V], first: usize, count: usize) -> V {
        (0..count).rev().fold(V::zero(), |acc, k| acc * self.limb + at(columns, first + k))
    }

    fn distance<V: Value>(&self, columns: &[V]) -> V {
        self.limbs(columns, self.columns().excess_limb(0), self.columns().excess_limbs)
    }

    fn remainder<V: Value>(&self, columns: &[V]) -> V {
        self.limbs(columns, self.columns().remainder(0), self.columns().limb_bits.len())
    }

    /// C_5 on an output row.
    fn output<V: Value>(&self, columns: &[V]) -> V {
        let (program, c) = (self.key.program(), self.columns());
        let (q, a, s) = (at(columns, Columns::Q), at(columns, c.a()), at(columns, c.s()));
        let (target, valid) = (at(columns, c.count()), at(columns, c.count() + 1));
        if program.is_weighted() {
            // One-hot targets of records that do not count are zero by their registration.
            return if program.one_hot { V::zero() } else { target - target * valid };
        }
        let difference = match program.loss {
            Loss::Sigmoid | Loss::Softmax => a - target,
            Loss::Squared => q * self.output_scale - target,
            Loss::Huber => a,
        };
        s - difference * valid
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
        let softmax = self.key.program().loss == Loss::Softmax;
        5 + usize::from(self.rounded) + if softmax { 4 } else { 0 }
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
        if sign.is_zero() {
            // Nothing saturated here: most rows.
            emit(V::zero());
            emit(excess);
            emit(V::zero());
        } else {
            let square = sign * sign;
            emit(square * sign - sign);
            emit(excess - sign * (self.distance(columns) + Fr::one()));
            emit(sign * (q + q + Fr::one()) - square * (self.range - Fr::one()));
        }
        let when = |index: usize, value: &dyn Fn() -> V| {
            let selector = at(publics, index);
            if selector.is_zero() {
                selector
            } else {
                selector * value()
            }
        };
        emit(when(BACKWARD, &|| a - q * s));
        emit(when(OUTPUT, &|| self.output(columns)));
        if self.rounded {
            let rescaled = || -((q + excess) * self.scale + self.remainder(columns)) + self.rounding;
            emit(when(PRODUCT, &|| a * s) + when(ROUNDED, &rescaled));
        }
        if self.key.program().loss == Loss::Softmax {
            emit(when(QUOTIENT, &|| a * self.twice + s - (q + q) * s - self.remainder(columns)));
            emit(when(QUOTIENT, &|| s + s - self.remainder(columns) - self.distance(columns) - Fr::one()));
            emit(when(EXPONENTIAL, &|| s * s - s));
            emit(when(EXPONENTIAL, &|| s * (q + self.half)));
        }
    }

    fn helper_sum<V: Value>(&self, sum: V) -> V {
        if self.key.keeps(Part::HelperSum) {
            sum
        } else {
            V::zero()
        }
    }
}
