//! Every relation of docs/protocol.md, section 2, on every row, from the trace and the inputs alone.

use crate::case::Case;
use fedproof_program::{sigmoid_table, Activation, Columns, Direction, Loss, Region};
use fedproof_witness::{weight_table, Trace};
use std::collections::BTreeSet;

pub struct Checker<'a> {
    pub case: &'a Case,
    pub trace: &'a Trace,
    broken: BTreeSet<&'static str>,
}

/// Names of the violated relations.
pub fn violations(case: &Case, trace: &Trace) -> BTreeSet<&'static str> {
    let mut checker = Checker { case, trace, broken: BTreeSet::new() };
    checker.shape();
    checker.products();
    checker.rows();
    checker.multiplicities();
    checker.broken
}

impl Checker<'_> {
    pub fn require(&mut self, holds: bool, relation: &'static str) {
        if !holds {
            self.broken.insert(relation);
        }
    }

    pub fn at(&self, column: usize, row: usize) -> i128 {
        self.trace.columns[column][row].into()
    }

    fn region(&self, layer: usize, direction: Direction) -> Region {
        *self.case.layout.region(layer, direction).unwrap()
    }

    fn row(&self, layer: usize, direction: Direction, t: usize, b: usize, j: usize) -> usize {
        let bits = self.case.layout.unit_bits[layer];
        self.region(layer, direction).offset + ((t * self.case.program.batch + b) << bits) + j
    }

    fn shape(&mut self) {
        let layout = &self.case.layout;
        self.require(self.trace.columns.len() == layout.columns.committed_first(), "shape");
        self.require(self.trace.columns.iter().all(|c| c.len() == layout.n()), "shape");
        let outside = |c: &Vec<i64>| c[layout.trace_rows..].iter().all(|&v| v == 0);
        let zero = self.trace.columns[..layout.columns.multiplicity(0)].iter().all(outside);
        self.require(zero, "zero outside regions");
    }

    /// `A'_{i-1}` of a record, 2^I_i slots.
    fn input(&self, i: usize, t: usize, b: usize) -> Vec<i128> {
        let p = &self.case.program;
        let mut slots = vec![0; 1 << self.case.layout.input_bits[i]];
        for (k, slot) in slots.iter_mut().enumerate().take(p.dims[i - 1]) {
            *slot = match i {
                1 if t >= p.steps => 0,
                1 => self.case.record(t, b).1[k].into(),
                _ => self.at(self.case.layout.columns.a(), self.row(i - 1, Direction::Forward, t, b, k)),
            };
        }
        slots[p.dims[i - 1]] = 1 << p.activation_bits;
        slots
    }

    fn delta(&self, i: usize, t: usize, b: usize, j: usize) -> i128 {
        let columns = &self.case.layout.columns;
        match i == self.case.program.layers() {
            true => self.at(columns.s(), self.row(i, Direction::Forward, t, b, j)),
            false => self.at(columns.a(), self.row(i, Direction::Backward, t, b, j)),
        }
    }

    /// `X + 2^(F-1) = (q + ex) 2^F + rem`.
    fn rescaled(&self, x: i128, row: usize) -> bool {
        let (p, columns) = (&self.case.program, &self.case.layout.columns);
        let limb = |k: usize| self.at(columns.remainder(k), row) << (p.bits as usize * k);
        let rem: i128 = (0..columns.limb_bits.len()).map(limb).sum();
        let kept = self.at(Columns::Q, row) + self.at(Columns::EXCESS, row);
        x + (1 << (p.weight_bits - 1)) == (kept << p.weight_bits) + rem
    }

    /// Products at explicit weights, which follow from the trace step by step.
    fn products(&mut self) {
        let (p, layout) = (&self.case.program, &self.case.layout);
        let wide = |table: Vec<i64>| table.into_iter().map(i128::from).collect::<Vec<_>>();
        let mut weights = wide(weight_table(p, layout, &self.case.weights));
        let cell = |i: usize, input: usize, unit: usize| layout.weights[i - 1].offset + (input << layout.unit_bits[i]) + unit;
        for t in 0..1 << layout.tb {
            let old = weights.clone();
            for i in 1..=p.layers() {
                for b in 0..p.batch {
                    let input = self.input(i, t, b);
                    for j in 0..1 << layout.unit_bits[i] {
                        let z = input.iter().enumerate().map(|(k, x)| x * old[cell(i, k, j)]).sum();
                        let holds = self.rescaled(z, self.row(i, Direction::Forward, t, b, j));
                        self.require(holds, "forward product");
                        if i < p.layers() {
                            let outs = 0..p.dims[i + 1];
                            let e = outs.map(|out| self.delta(i + 1, t, b, out) * old[cell(i + 1, j, out)]).sum();
                            let holds = self.rescaled(e, self.row(i, Direction::Backward, t, b, j));
                            self.require(holds, "backward product");
                        }
                        for (k, x) in input.iter().enumerate().filter(|_| j < p.dims[i]) {
                            weights[cell(i, k, j)] -= i128::from(p.rate) * x * self.delta(i, t, b, j);
                        }
                    }
                }
            }
        }
        let out = wide(weight_table(p, layout, &self.trace.update));
        self.require(weights == out, "update");
    }

    /// C_1 to C_5, the link and the range of every limb.
    fn rows(&mut self) {
        let (p, layout) = (&self.case.program, &self.case.layout);
        let columns = &layout.columns;
        for region in &layout.regions {
            let (i, forward) = (region.layer, region.direction == Direction::Forward);
            let bits = layout.unit_bits[i];
            for k in 0..1usize << region.bits {
                let row = region.offset + k;
                let (j, b, t) = (k & ((1 << bits) - 1), (k >> bits) % p.batch, (k >> bits) / p.batch);
                let [q, sg, ex, a, s] =
                    [Columns::Q, Columns::SIGN, Columns::EXCESS, columns.a(), columns.s()].map(|c| self.at(c, row));
                let within = |column: usize, width: u32| (0..1 << width).contains(&self.at(column, row));
                let remainder = columns.limb_bits.iter().enumerate().all(|(k, &w)| within(columns.remainder(k), w));
                let excess = (0..columns.excess_limbs).all(|k| within(columns.excess_limb(k), p.bits));
                let distance: i128 =
                    (0..columns.excess_limbs).map(|k| self.at(columns.excess_limb(k), row) << (p.bits as usize * k)).sum();
                self.require(remainder, "remainder range");
                self.require(excess, "excess range");
                self.require(sg * sg * sg == sg, "C1");
                self.require(ex == sg * (1 + distance), "C2");
                self.require(sg * (2 * q + 1) == sg * sg * ((1 << p.bits) - 1), "C3");
                let half = 1i128 << (p.bits - 1);
                self.require((-half..half).contains(&q), "activation");
                if !forward {
                    self.require(a == q * s, "C4");
                    let original = self.at(columns.s(), layout.region(i, Direction::Forward).unwrap().offset + k);
                    self.require(s == original, "link");
                } else if i < p.layers() {
                    let relu = p.activations[i - 1] == Activation::Relu;
                    let (value, slope) = if relu { (q.max(0), i128::from(q > 0)) } else { (q, 1) };
                    self.require((a, s) == (value, slope), "activation");
                } else {
                    let (mut y, mut v) = (0, 0);
                    if t < p.steps {
                        let cell = |slot| i128::from(self.case.dataset.cell(layout, self.case.schedule.block(t), b, slot));
                        (y, v) = (cell(layout.record.targets + j), cell(layout.record.valid));
                    }
                    if p.loss == Loss::Squared {
                        let prediction = q << (p.delta_bits - p.activation_bits);
                        self.require(s == (prediction - y) * v, "C5");
                    } else {
                        let table = sigmoid_table(p.bits, p.activation_bits, p.delta_bits);
                        let value = usize::try_from(q + half).ok().and_then(|at| table.get(at));
                        self.require(value.is_some_and(|&v| i128::from(v) == a), "activation");
                        self.require(s == (a - y) * v, "C5");
                    }
                }
            }
        }
    }
}
