//! [R-LINK]: columns of different regions that must agree (docs/protocol.md, section 3).

use super::relations::Builder;
use crate::part::{Link, Part};
use crate::relation::Table;
use crate::weight::Block;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_program::{Columns, Direction, Loss};
use fedproof_sumcheck::{eq_index, prefix_sum};

use Direction::{Backward, Derivative, Difference, Exponential, Forward, Quotient};

impl Builder<'_> {
    /// Writes them all.
    pub(super) fn links(&mut self) {
        let program = self.inputs.key.program();
        let (last, a, s) = (program.layers(), self.layout.columns.a(), self.layout.columns.s());
        for layer in 1..last {
            if program.has_derivative_region(layer) {
                self.equal(Link::Slope, layer, (s, Forward), (s, Derivative));
                self.equal(Link::Backward, layer, (Columns::Q, Backward), (a, Derivative));
            } else {
                self.equal(Link::Step, layer, (s, Forward), (s, Backward));
            }
        }
        if program.is_weighted() {
            self.weighted_delta();
        }
        match program.loss {
            Loss::Softmax => self.softmax(),
            Loss::Huber => self.huber(),
            Loss::Squared | Loss::Sigmoid => {}
        }
    }

    /// Adds `k column~(rho(layer))` on a region.
    fn at_rho(&mut self, layer: usize, (column, direction): (usize, Direction), k: Fr) {
        self.on_rows(layer, (column, direction), k, vec![Block::Eq(self.inputs.points.rho(layer))]);
    }

    /// Adds `k <tail, column>` on a region.
    fn on_rows(&mut self, layer: usize, (column, direction): (usize, Direction), k: Fr, tail: Vec<Block>) {
        let Some(region) = self.region(layer, direction) else { return self.relations.require(false) };
        let weight = self.region_weight(&region, tail);
        self.relations.table(Table::Column(column), k, weight);
    }

    /// One column on one region equals another on another region.
    fn equal(&mut self, link: Link, layer: usize, left: (usize, Direction), right: (usize, Direction)) {
        self.relations.begin(Part::Links(link), Fr::zero());
        self.at_rho(layer, left, Fr::one());
        self.at_rho(layer, right, -Fr::one());
    }

    /// `rho_t ‖ rho_b`, then these units.
    fn records(&self, units: Block) -> Vec<Block> {
        vec![Block::Eq([&self.inputs.points.rho_t[..], &self.inputs.points.rho_b].concat()), units]
    }

    /// Adds `k <slots, scheduled record>` at (rho_t, rho_b).
    fn scheduled_slots(&mut self, k: Fr, slots: Vec<Block>) {
        let points = self.inputs.points;
        let weight = self.data_weight(Some(points.rho_t.clone()), Block::Eq(points.rho_b.clone()), slots);
        self.relations.table(Table::Data, k, weight);
    }

    /// Blocks of the target slots with values by unit.
    fn target_slots(&self, units: Block) -> Vec<Block> {
        let bits = self.layout.unit_bits.last().copied().unwrap_or(0);
        let record = self.layout.record;
        vec![Block::Index(record.targets >> bits, record.bits.saturating_sub(bits)), units]
    }

    fn rho_unit(&self) -> Vec<Fr> {
        self.inputs.points.rho_j.last().cloned().unwrap_or_default()
    }

    /// Adds `y~(rho)`.
    fn target(&mut self) {
        let slots = self.target_slots(Block::Eq(self.rho_unit()));
        self.scheduled_slots(Fr::one(), slots);
    }

    /// a on D_L is the prediction less the target, s on it the record's weight.
    fn weighted_delta(&mut self) {
        let program = self.inputs.key.program();
        let (last, a, s) = (program.layers(), self.layout.columns.a(), self.layout.columns.s());
        self.relations.begin(Part::Links(Link::Residual), Fr::zero());
        self.at_rho(last, (a, Derivative), Fr::one());
        self.at_rho(last, (a, Forward), -Fr::one());
        self.target();

        self.relations.begin(Part::Links(Link::LossWeight), Fr::zero());
        self.at_rho(last, (s, Derivative), Fr::one());
        let mut values = vec![Fr::zero(); 1 << self.layout.unit_bits.last().copied().unwrap_or(0)];
        if program.one_hot {
            values.iter_mut().zip(&program.loss_weights).for_each(|(v, &w)| *v = Fr::from(w));
        } else {
            let unit = self.rho_unit();
            let mut negative = Fr::zero();
            for ((j, value), pair) in values.iter_mut().enumerate().zip(program.loss_weights.chunks_exact(2)) {
                let at = eq_index(j, &unit);
                negative += at * Fr::from(pair[0]);
                *value = at * (Fr::from(pair[1]) - Fr::from(pair[0]));
            }
            let valid = vec![Block::Index(self.layout.record.valid, self.layout.record.bits)];
            self.scheduled_slots(-negative * Fr::from(1u64 << program.delta_bits), valid);
        }
        let slots = self.target_slots(Block::Values(values));
        self.scheduled_slots(-Fr::one(), slots);
    }

    /// The maximum, the copies of the exponentials, their sum, the prediction, the mark of a maximum.
    fn softmax(&mut self) {
        let program = self.inputs.key.program();
        let (last, outputs, a, s) = (program.layers(), program.outputs(), self.layout.columns.a(), self.layout.columns.s());
        let bits = self.layout.unit_bits.last().copied().unwrap_or(0);
        let unit = self.rho_unit();
        self.relations.begin(Part::Links(Link::Maximum), Fr::zero());
        for direction in [Exponential, Forward] {
            let all = self.records(Block::EqBelow(unit.clone(), outputs));
            self.on_rows(last, (Columns::Q, direction), Fr::one(), all);
            let first = self.records(Block::Index(0, bits));
            self.on_rows(last, (Columns::Q, direction), -prefix_sum(&unit, outputs), first);
        }
        self.equal(Link::Exponential, last, (a, Exponential), (a, Quotient));
        self.relations.begin(Part::Links(Link::Sum), Fr::zero());
        self.at_rho(last, (s, Quotient), Fr::one());
        let real = self.records(Block::Below(outputs, bits));
        self.on_rows(last, (a, Exponential), -Fr::one(), real.clone());
        self.equal(Link::Quotient, last, (Columns::Q, Quotient), (a, Forward));
        self.relations.begin(Part::Links(Link::Mark), Fr::one());
        self.on_rows(last, (s, Exponential), Fr::one(), real);
    }

    /// q + ex on H_L is the prediction less the target; its clamp is copied.
    fn huber(&mut self) {
        let program = self.inputs.key.program();
        let (last, a) = (program.layers(), self.layout.columns.a());
        self.relations.begin(Part::Links(Link::Difference), Fr::zero());
        self.at_rho(last, (Columns::Q, Difference), Fr::one());
        self.at_rho(last, (Columns::EXCESS, Difference), Fr::one());
        self.at_rho(last, (Columns::Q, Forward), -Fr::from(1u64 << (program.delta_bits - program.activation_bits)));
        self.target();
        self.equal(Link::Clamped, last, (a, Difference), (a, Forward));
    }
}
