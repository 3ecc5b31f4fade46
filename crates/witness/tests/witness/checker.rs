//! Every relation of docs/protocol.md, section 2, on every row, from the trace and the inputs alone.

use crate::case::Case;
use fedproof_program::{Columns, Direction, Kernel, Region};
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
    checker.links();
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

    pub fn region(&self, layer: usize, direction: Direction) -> Region {
        *self.case.layout.region(layer, direction).unwrap()
    }

    fn row(&self, layer: usize, direction: Direction, t: usize, b: usize, j: usize) -> usize {
        let bits = self.case.layout.unit_bits[layer];
        self.region(layer, direction).offset + ((t * self.case.program.batch + b) << bits) + j
    }

    fn shape(&mut self) {
        let layout = &self.case.layout;
        let long = layout.trace_rows.div_ceil(layout.n()) * layout.n();
        let lanes = layout.columns.multiplicity(0);
        let length = |k: usize| if k < lanes { long } else { layout.n() };
        self.require(self.trace.columns.len() == layout.columns.committed_first(), "shape");
        self.require(self.trace.columns.iter().enumerate().all(|(k, c)| c.len() == length(k)), "shape");
        let outside = |c: &Vec<i64>| c[layout.trace_rows..].iter().all(|&v| v == 0);
        let zero = self.trace.columns[..lanes].iter().all(outside);
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
        if self.case.layout.region(i, Direction::Derivative).is_some() {
            return self.at(Columns::Q, self.row(i, Direction::Derivative, t, b, j));
        }
        match i == self.case.program.layers() {
            true => self.at(columns.s(), self.row(i, Direction::Forward, t, b, j)),
            false => self.at(columns.a(), self.row(i, Direction::Backward, t, b, j)),
        }
    }

    /// R: what the limbs r hold.
    pub fn remainder(&self, row: usize) -> i128 {
        let columns = &self.case.layout.columns;
        let limb = |k: usize| self.at(columns.remainder(k), row) << (self.case.program.limb_bits as usize * k);
        (0..columns.limb_bits.len()).map(limb).sum()
    }

    /// G: what the limbs g hold.
    pub fn distance(&self, row: usize) -> i128 {
        let columns = &self.case.layout.columns;
        let limb = |k: usize| self.at(columns.excess_limb(k), row) << (self.case.program.limb_bits as usize * k);
        (0..columns.excess_limbs).map(limb).sum()
    }

    /// `X + 2^(F'-1) = (q + ex) 2^F' + R`.
    pub fn rescaled(&self, x: i128, row: usize) -> bool {
        let bits = self.case.program.weight_bits + self.case.program.kernel.fraction_bits();
        let kept = self.at(Columns::Q, row) + self.at(Columns::EXCESS, row);
        x + (1 << (bits - 1)) == (kept << bits) + self.remainder(row)
    }

    /// `W_t` in the weight table's order, from W_0 and all gradients before t; what is not in the explicit kernel counts as zero.
    fn weights_at(&self, initial: &[i128], gradients: &[Vec<i128>], t: usize) -> Vec<i128> {
        let p = &self.case.program;
        let (c, tap): (i128, Box<dyn Fn(usize) -> i128>) = match &p.kernel {
            Kernel::Plain(k) => (1, Box::new(|_| i128::from(*k))),
            Kernel::Explicit { fraction_bits, taps, decay } => {
                let c = if t == 0 { 1 << fraction_bits } else { decay[t.min(p.steps) - 1] };
                (c.into(), Box::new(|d| taps.get(d - 1).map_or(0, |&k| k.into())))
            }
        };
        let mut weights: Vec<i128> = initial.iter().map(|w| c * w).collect();
        for (u, g) in gradients.iter().enumerate().take(t) {
            weights.iter_mut().zip(g).for_each(|(w, g)| *w -= tap(t - u) * g);
        }
        weights
    }

    /// Products at explicit weights, which follow from the trace step by step.
    fn products(&mut self) {
        let (p, layout) = (&self.case.program, &self.case.layout);
        let wide = |table: Vec<i64>| table.into_iter().map(i128::from).collect::<Vec<_>>();
        let initial = wide(weight_table(p, layout, &self.case.weights));
        let mut gradients: Vec<Vec<i128>> = vec![];
        let cell = |i: usize, input: usize, unit: usize| layout.weights[i - 1].offset + (input << layout.unit_bits[i]) + unit;
        for t in 0..1 << layout.tb {
            let weights = self.weights_at(&initial, &gradients, t);
            let mut gradient = vec![0; initial.len()];
            for i in 1..=p.layers() {
                for b in 0..p.batch {
                    let input = self.input(i, t, b);
                    for j in 0..1 << layout.unit_bits[i] {
                        let z = input.iter().enumerate().map(|(k, x)| x * weights[cell(i, k, j)]).sum();
                        let holds = self.rescaled(z, self.row(i, Direction::Forward, t, b, j));
                        self.require(holds, "forward product");
                        if i < p.layers() {
                            let outs = 0..p.dims[i + 1];
                            let e = outs.map(|out| self.delta(i + 1, t, b, out) * weights[cell(i + 1, j, out)]).sum();
                            let holds = self.rescaled(e, self.row(i, Direction::Backward, t, b, j));
                            self.require(holds, "backward product");
                        }
                        for (k, x) in input.iter().enumerate().filter(|_| j < p.dims[i]) {
                            gradient[cell(i, k, j)] += x * self.delta(i, t, b, j);
                        }
                    }
                }
            }
            gradients.push(gradient);
        }
        let last = if matches!(p.kernel, Kernel::Plain(_)) { gradients.len() } else { p.steps };
        let expected = self.weights_at(&initial, &gradients, last);
        let out = wide(weight_table(p, layout, &self.trace.update));
        self.require(expected == out, "update");
    }
}
