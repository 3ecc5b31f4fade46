//! All linear relations of a training proof, in transcript order. Used by prover and verifier alike: whoever audits soundness reads this
//! file next to docs/protocol.md, section 3.

use super::circuit::TrainingCircuit;
use super::contraction::delta_place;
use super::kernel::{decay_at, last_decay, last_taps_at, taps_at};
use super::{FirstChallenges, PointChallenges, Revealed};
use crate::part::Part;
use crate::relation::{power_of_two, Relations, Table};
use crate::weight::{Block, ScheduleWeight, Weight};
use crate::{Key, TrainingStatement};
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_lookup::{combine, Challenges};
use fedproof_program::{Columns, Direction, Layout, Region, Stage, Term, TermKind};
use fedproof_sumcheck::{eq, eq_index, Outcome};

/// Everything that the relations depend on.
pub(crate) struct Inputs<'a> {
    pub key: &'a Key,
    pub statement: &'a TrainingStatement,
    pub first: &'a FirstChallenges,
    pub points: &'a PointChallenges,
    pub kappa: Fr,
    pub xi: Fr,
    pub s1a: &'a Outcome,
    pub s1b: &'a Outcome,
    pub s2: &'a Outcome,
    pub revealed: &'a Revealed,
}

/// `(pin, pout)`: where a term reads its layer's weights.
pub(crate) fn weight_point(layout: &Layout, points: &PointChallenges, s1a: &[Fr], term: Term) -> (Vec<Fr>, Vec<Fr>) {
    let inner = || s1a.get(layout.tb..layout.tb + layout.inner_bits(term)).unwrap_or(&[]).to_vec();
    match term.kind {
        TermKind::Forward => (inner(), points.rho_j[term.layer].clone()),
        TermKind::Backward => {
            let unit = &points.rho_j[term.layer - 1];
            let mut input = vec![Fr::zero(); layout.input_bits[term.layer] - unit.len()];
            input.extend_from_slice(unit);
            (input, inner())
        }
        TermKind::Output => {
            let region = layout.weights[term.layer - 1];
            let tail = &points.u[points.u.len() - region.bits..];
            let (input, unit) = tail.split_at(layout.input_bits[term.layer]);
            (input.to_vec(), unit.to_vec())
        }
    }
}

/// Coefficients of the terms of S1b: powers of kappa, and kappa^(2L-1) eqbits(prefix, u) for the parts of W_out.
pub(crate) fn s1b_coefficients(layout: &Layout, points: &PointChallenges, kappa: Fr) -> Vec<Fr> {
    let powers: Vec<Fr> = std::iter::successors(Some(Fr::one()), |p| Some(*p * kappa)).take(layout.terms_a.len() + 1).collect();
    let output = powers[layout.terms_a.len()];
    let part = |term: &Term| {
        let region = layout.weights[term.layer - 1];
        output * eq_index(region.offset >> region.bits, &points.u[..points.u.len() - region.bits])
    };
    let (a, o) = layout.terms_b.split_at(layout.terms_a.len());
    a.iter().zip(&powers).map(|(_, &p)| p).chain(o.iter().map(part)).collect()
}

pub(super) struct Builder<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) layout: &'a Layout,
    pub(super) relations: Relations,
}

/// Writes down all relations.
pub(crate) fn training_relations(inputs: &Inputs<'_>) -> Relations {
    let layout = inputs.key.layout();
    let relations = Relations::new(inputs.xi, layout.masks.len()).without(inputs.key.removed());
    let mut b = Builder { inputs, layout, relations };
    b.shapes();
    b.contractions();
    b.virtual_weights();
    b.rows();
    b.links();
    b.count();
    b.degree();
    b.relations
}

impl Builder<'_> {
    /// As many values and variables as the layout says: then no relation below is skipped.
    fn shapes(&mut self) {
        let (inputs, masks) = (self.inputs, &self.layout.masks);
        for (stage, outcome, values) in [
            (Stage::S1a, inputs.s1a, &inputs.revealed.s1a),
            (Stage::S1b, inputs.s1b, &inputs.revealed.s1b),
            (Stage::S2, inputs.s2, &inputs.revealed.s2),
        ] {
            let fits = outcome.point.len() == masks.variables(stage) && values.len() == masks.value_count(stage);
            self.relations.require(fits);
        }
        self.relations.require(inputs.revealed.tables.len() == self.layout.table_lanes().len());
    }

    pub(super) fn region_weight(&mut self, region: &Region, tail: Vec<Block>) -> usize {
        let mut blocks = vec![Block::Index(region.offset >> region.bits, self.layout.c - region.bits)];
        blocks.extend(tail);
        self.relations.weight(Weight(blocks))
    }

    pub(super) fn region(&self, layer: usize, direction: Direction) -> Option<Region> {
        self.layout.region(layer, direction).copied()
    }

    /// Weight on the dataset: scheduled block, record, slot.
    pub(super) fn data_weight(&mut self, steps: Option<Vec<Fr>>, record: Block, slot: Vec<Block>) -> usize {
        let program = self.inputs.key.program();
        let schedule = ScheduleWeight {
            schedule: self.inputs.statement.schedule.clone(),
            steps: program.steps,
            step_bits: self.layout.tb,
            point: steps,
        };
        let mut blocks = Vec::new();
        if let Some(zeros) = self.layout.vector_bits.checked_sub(self.layout.data_bits()) {
            blocks.push(Block::Index(0, zeros));
        }
        blocks.extend([Block::Schedule(schedule), record]);
        blocks.extend(slot);
        self.relations.weight(Weight(blocks))
    }

    /// Adds A'_layer at (step, record, input).
    fn activation(&mut self, layer: usize, step: &[Fr], record: &[Fr], input: &[Fr]) {
        let program = self.inputs.key.program();
        let width = program.dims[layer];
        self.relations.constant(Fr::from(1u64 << program.activation_bits) * eq_index(width, input));
        if layer == 0 {
            let slots = self.layout.record.bits - input.len();
            let slot = vec![Block::Index(0, slots), Block::EqBelow(input.to_vec(), width)];
            let weight = self.data_weight(Some(step.to_vec()), Block::Eq(record.to_vec()), slot);
            self.relations.table(Table::Data, Fr::one(), weight);
        } else if let Some(region) = self.region(layer, Direction::Forward) {
            let (extra, unit) = input.split_at(input.len() - self.layout.unit_bits[layer]);
            let cut = eq_index(0, extra);
            let row = [step, record].concat();
            let weight = self.region_weight(&region, vec![Block::Eq(row), Block::EqBelow(unit.to_vec(), width)]);
            self.relations.table(Table::Column(self.layout.columns.a()), cut, weight);
        } else {
            self.relations.require(false);
        }
    }

    /// Adds delta_layer at (step, record, unit).
    fn delta(&mut self, layer: usize, step: &[Fr], record: &[Fr], unit: &[Fr]) {
        let program = self.inputs.key.program();
        let (direction, column) = delta_place(self.inputs.key, layer);
        if let Some(region) = self.region(layer, direction) {
            let row = [step, record].concat();
            let weight = self.region_weight(&region, vec![Block::Eq(row), Block::EqBelow(unit.to_vec(), program.dims[layer])]);
            self.relations.table(Table::Column(column), Fr::one(), weight);
        } else {
            self.relations.require(false);
        }
    }

    /// Adds `k X~(rho)`, X the product that a region rescales.
    fn product(&mut self, layer: usize, direction: Direction, k: Fr) {
        let Some(region) = self.region(layer, direction) else { return self.relations.require(false) };
        let program = self.inputs.key.program();
        let weight = self.region_weight(&region, vec![Block::Eq(self.inputs.points.rho(layer))]);
        let scale = k * power_of_two(program.scale_bits() as usize);
        self.relations.table(Table::Column(Columns::Q), scale, weight);
        self.relations.table(Table::Column(Columns::EXCESS), scale, weight);
        for limb in 0..self.layout.columns.limb_bits.len() {
            let place = k * power_of_two(program.limb_bits as usize * limb);
            self.relations.table(Table::Column(self.layout.columns.remainder(limb)), place, weight);
        }
        self.relations.constant(-k * power_of_two(program.scale_bits() as usize - 1));
    }

    /// [R-X], [R-S1A].
    fn contractions(&mut self) {
        let (inputs, layout) = (self.inputs, self.layout);
        let r = &inputs.s1a.point;
        let (step, record) = (r.get(..layout.tb).unwrap_or(&[]), &inputs.points.rho_b);
        let first = r.first().copied().unwrap_or_default();
        let mut etas = std::iter::successors(Some(Fr::one()), |p| Some(*p * inputs.points.eta));
        let (mut value, mut sums) = (Fr::zero(), Vec::new());
        for (k, (&term, pair)) in layout.terms_a.iter().zip(inputs.revealed.s1a.chunks_exact(2)).enumerate() {
            let &[x, w] = pair else { continue };
            let eta = etas.next().unwrap_or_default();
            value += eta * x * w;
            self.relations.value(&layout.masks, Stage::S1a, 2 * k, x, first);
            let inner = layout.inner_bits(term);
            let at = r.get(layout.tb..layout.tb + inner).unwrap_or(&[]);
            if term.kind == TermKind::Forward {
                self.activation(term.layer - 1, step, record, at);
                sums.push((term.layer, Direction::Forward, eta, inner));
            } else {
                self.delta(term.layer, step, record, at);
                sums.push((term.layer - 1, Direction::Backward, eta, inner));
            }
        }
        let rest = inputs.s1a.last - eq(&inputs.points.rho_t, step) * value;
        self.relations.closing(&layout.masks, Stage::S1a, r, rest);
        for (layer, direction, eta, inner) in sums {
            self.product(layer, direction, eta * power_of_two(r.len() - layout.tb - inner));
        }
    }

    /// [R-AD], [R-S1B].
    fn virtual_weights(&mut self) {
        let (inputs, layout) = (self.inputs, self.layout);
        let r = &inputs.s1b.point;
        let (step, record) = r.split_at(layout.tb.min(r.len()));
        let first = r.first().copied().unwrap_or_default();
        let later = inputs.s1a.point.get(..layout.tb).unwrap_or(&[]);
        let (earlier, end) = (taps_at(inputs.key, later, step), last_taps_at(inputs.key, step));
        let coefficients = s1b_coefficients(layout, inputs.points, inputs.kappa);
        let mut value = Fr::zero();
        for (k, (&term, pair)) in layout.terms_b.iter().zip(inputs.revealed.s1b.chunks_exact(2)).enumerate() {
            let &[a, d] = pair else { continue };
            let kernel = if term.kind == TermKind::Output { end } else { earlier };
            value += coefficients[k] * kernel * a * d;
            let (pin, pout) = weight_point(layout, inputs.points, &inputs.s1a.point, term);
            self.relations.value(&layout.masks, Stage::S1b, 2 * k, a, first);
            self.activation(term.layer - 1, step, record, &pin);
            self.relations.value(&layout.masks, Stage::S1b, 2 * k + 1, d, first);
            self.delta(term.layer, step, record, &pout);
        }
        self.relations.closing(&layout.masks, Stage::S1b, r, inputs.s1b.last - value);
        // Lin: what each revealed weight and W_out differ from c W_0.
        let decay = decay_at(inputs.key, later);
        let masked = inputs.s1a.point.first().copied().unwrap_or_default();
        let bump = masked * (Fr::one() - masked);
        for (k, (&term, pair)) in layout.terms_a.iter().zip(inputs.revealed.s1a.chunks_exact(2)).enumerate() {
            let &[_, w] = pair else { continue };
            let (pin, pout) = weight_point(layout, inputs.points, &inputs.s1a.point, term);
            let region = layout.weights[term.layer - 1];
            let prefix =
                Block::Index(region.offset >> region.bits, layout.weight_vector_bits() + layout.vector_bits - region.bits);
            let weight = self.relations.weight(Weight(vec![prefix, Block::Eq([pin, pout].concat())]));
            self.relations.table(Table::Start, coefficients[k] * decay, weight);
            self.relations.constant(-coefficients[k] * w);
            self.relations.mask(layout.masks.value(Stage::S1a, 2 * k + 1), coefficients[k] * bump);
        }
        let output = coefficients[..layout.terms_a.len()].iter().fold(Fr::one(), |acc, _| acc * inputs.kappa);
        let weight = self.relations.weight(Weight(vec![Block::Eq(inputs.points.u.clone())]));
        self.relations.table(Table::Start, output * last_decay(inputs.key), weight);
        self.relations.table(Table::Update, -output, weight);
    }

    /// [R-S2], [R-COL], [R-TAB].
    fn rows(&mut self) {
        let (inputs, layout) = (self.inputs, self.layout);
        let (revealed, r) = (inputs.revealed, &inputs.s2.point);
        let circuit = TrainingCircuit::new(inputs.key);
        let (gamma, chi) = (inputs.first.gamma, inputs.points.chi);
        let challenges = Challenges::new(inputs.first.alpha, gamma, chi, circuit.total_constraints());
        let challenges = inputs.key.weakened(challenges, layout.columns.helpers);
        let publics = circuit.publics_at(&inputs.points.tau, gamma, r, &revealed.tables);
        let value = combine(&circuit, &revealed.s2, &publics, &challenges);
        self.relations.closing(&layout.masks, Stage::S2, r, inputs.s2.last - value);
        let last = r.last().copied().unwrap_or_default();
        let columns = layout.columns.count();
        let at_r = self.relations.weight(Weight(vec![Block::Eq(r.clone())]));
        for (k, &value) in revealed.s2.iter().enumerate() {
            self.relations.value(&layout.masks, Stage::S2, k, value, last);
            if k < columns {
                self.relations.table(Table::Column(k), Fr::one(), at_r);
            } else {
                self.scheduled(k > columns);
            }
        }
        let (square, cube) = (gamma * gamma, gamma * gamma * gamma);
        let low = r.get(layout.row_vector_bits()..).unwrap_or(&[]).to_vec();
        for (lane, &value) in layout.table_lanes().into_iter().zip(&revealed.tables) {
            self.relations.begin(Part::KeyTable, value);
            let weight = self.relations.weight(Weight(vec![Block::Eq(low.clone())]));
            for (index, table) in layout.key_tables.iter().enumerate().filter(|(_, t)| t.lane == lane) {
                self.relations.table(Table::Key(index), if table.derivatives { cube } else { square }, weight);
            }
        }
    }

    /// Adds the virtual column of targets, or of valid flags, at the point of S2.
    fn scheduled(&mut self, valid: bool) {
        let (inputs, layout) = (self.inputs, self.layout);
        let last = inputs.key.program().layers();
        let Some(region) = self.region(last, Direction::Forward) else { return self.relations.require(false) };
        let r = &inputs.s2.point;
        let (prefix, row) = r.split_at(layout.c - region.bits);
        let cut = eq_index(region.offset >> region.bits, prefix);
        let (step, rest) = row.split_at(layout.tb);
        let (record, unit) = rest.split_at(layout.bb);
        let slot = if valid {
            vec![Block::Index(layout.record.valid, layout.record.bits)]
        } else {
            vec![Block::Index(layout.record.targets >> unit.len(), layout.record.bits - unit.len()), Block::Eq(unit.to_vec())]
        };
        let weight = self.data_weight(Some(step.to_vec()), Block::Eq(record.to_vec()), slot);
        self.relations.table(Table::Data, cut, weight);
    }

    /// [R-COUNT].
    fn count(&mut self) {
        self.relations.begin(Part::Count, Fr::from(self.inputs.statement.count));
        let slot = vec![Block::Index(self.layout.record.valid, self.layout.record.bits)];
        let weight = self.data_weight(None, Block::Ones(self.layout.bb), slot);
        self.relations.table(Table::Data, Fr::one(), weight);
    }

    /// [R-DEG].
    fn degree(&mut self) {
        let (zeta, omega) = (self.inputs.first.zeta, self.inputs.first.omega);
        self.relations.begin(Part::Degree, self.inputs.revealed.degree);
        let vectors: Vec<Fr> =
            std::iter::successors(Some(Fr::one()), |p| Some(*p * omega)).take(self.layout.weight_vectors).collect();
        let mut padded = vectors.clone();
        padded.resize(1 << self.layout.weight_vector_bits(), Fr::zero());
        let blocks = vec![Block::Values(padded), Block::Powers(zeta, self.layout.vector_bits)];
        let weight = self.relations.weight(Weight(blocks));
        self.relations.table(Table::Update, Fr::one(), weight);
        let beyond = (0..self.layout.vector_bits).fold(zeta, |p, _| p * p);
        for (&(first, count), &factor) in self.layout.masks.update_blinds().iter().zip(&vectors) {
            let mut power = factor * beyond;
            for index in first..first + count {
                self.relations.mask(index, power);
                power *= zeta;
            }
        }
    }
}
