//! Relations of one row, and links between the rows of different regions.

use crate::checker::Checker;
use fedproof_program::{Columns, Direction, Loss, Region, SegmentKind};

/// Cells of a row.
struct Row {
    q: i128,
    sg: i128,
    ex: i128,
    a: i128,
    s: i128,
    /// R and G.
    remainder: i128,
    distance: i128,
}

impl Checker<'_> {
    fn cells(&self, row: usize) -> Row {
        let columns = &self.case.layout.columns;
        let [q, sg, ex, a, s] = [Columns::Q, Columns::SIGN, Columns::EXCESS, columns.a(), columns.s()].map(|c| self.at(c, row));
        Row { q, sg, ex, a, s, remainder: self.remainder(row), distance: self.distance(row) }
    }

    /// (y, v) of row `k` of the output layer's regions.
    fn target(&self, k: usize) -> (i128, i128) {
        let (p, layout) = (&self.case.program, &self.case.layout);
        let bits = layout.unit_bits[p.layers()];
        let (j, b, t) = (k & ((1 << bits) - 1), (k >> bits) % p.batch, (k >> bits) / p.batch);
        if t >= p.steps {
            return (0, 0);
        }
        let cell = |slot| i128::from(self.case.dataset.cell(layout, self.case.schedule.block(t), b, slot));
        (cell(layout.record.targets + j), cell(layout.record.valid))
    }

    /// w of row `k` of the output layer's regions.
    fn loss_weight(&self, k: usize) -> i128 {
        let (p, layout) = (&self.case.program, &self.case.layout);
        let weight = |j: usize| i128::from(p.loss_weights[j]);
        let width = 1usize << layout.unit_bits[p.layers()];
        let (j, first) = (k % width, k - k % width);
        let outputs = p.dims[p.layers()];
        if p.one_hot {
            return (0..outputs).map(|j| weight(j) * self.target(first + j).0).sum();
        }
        let (y, v) = self.target(k);
        if j < outputs {
            (weight(2 * j) << p.delta_bits) * v + (weight(2 * j + 1) - weight(2 * j)) * y
        } else {
            0
        }
    }

    /// Constraints and ranges of every row of every region.
    pub fn rows(&mut self) {
        let (p, layout) = (&self.case.program, &self.case.layout);
        let columns = &layout.columns;
        let half = 1i128 << (p.bits - 1);
        for region in &layout.regions {
            for k in 0..1usize << region.bits {
                let row = region.offset + k;
                let within = |column: usize, width: u32| (0..1 << width).contains(&self.at(column, row));
                let remainder = columns.limb_bits.iter().enumerate().all(|(k, &w)| within(columns.remainder(k), w));
                let excess = (0..columns.excess_limbs).all(|k| within(columns.excess_limb(k), p.limb_bits));
                let Row { q, sg, ex, distance, .. } = self.cells(row);
                self.require(remainder, "remainder range");
                self.require(excess, "excess range");
                self.require(sg * sg * sg == sg, "C1");
                let spare = if region.direction == Direction::Quotient { distance } else { 0 };
                self.require(ex == sg * (1 + distance) && (ex != 0 || distance == spare), "C2");
                self.require(sg * (2 * q + 1) == sg * sg * (2 * half - 1), "C3");
                self.require((-half..half).contains(&q), "activation");
                self.row_of(region, k);
            }
        }
    }

    /// What is particular to a region's kind.
    fn row_of(&mut self, region: &Region, k: usize) {
        let p = &self.case.program;
        let (row, last, scale) = (region.offset + k, p.layers(), p.delta_bits - p.activation_bits);
        let Row { q, ex, a, s, remainder, distance, .. } = self.cells(row);
        match region.direction {
            Direction::Forward if region.layer < last => {
                let expected = self.table_row(SegmentKind::Hidden(p.activations[region.layer - 1]), q);
                self.require(expected == Some((a, s)), "activation");
            }
            Direction::Forward => {
                let (y, v) = self.target(k);
                let residual = match p.loss {
                    Loss::Squared => (q << scale) - y,
                    Loss::Sigmoid | Loss::Softmax => a - y,
                    Loss::Huber => a,
                };
                if p.loss == Loss::Sigmoid {
                    let expected = self.table_row(SegmentKind::Sigmoid, q).map(|(a, _)| a);
                    self.require(expected == Some(a), "activation");
                }
                self.require(p.loss != Loss::Squared || a == 0, "zeros");
                if p.loss_weights.is_empty() {
                    self.require(s == residual * v, "C5");
                } else {
                    self.require(y * (1 - v) == 0, "C5");
                    self.require(s == 0, "zeros");
                }
            }
            Direction::Backward if p.activations[region.layer - 1].code() < 2 => self.require(a == q * s, "C4"),
            Direction::Backward => self.require(a == 0 && s == 0, "zeros"),
            Direction::Derivative => {
                let shift = if region.layer == last { p.delta_bits + 8 } else { p.bits - 2 };
                let holds = self.rescaled((a * s) << (p.weight_bits + p.kernel.fraction_bits() - shift), row);
                self.require(holds, "C6");
            }
            Direction::Exponential => {
                let expected = self.table_row(SegmentKind::Exponential, q).map(|(a, _)| a);
                self.require(expected == Some(a), "activation");
                self.require(s * s == s, "C9");
                self.require(s * (q + (1 << (p.bits - 1))) == 0, "C10");
                self.require(ex == 0 && distance == 0 && remainder == 0, "zeros");
            }
            Direction::Quotient => {
                self.require((a << (p.delta_bits + 1)) + s - 2 * q * s == remainder, "C7");
                self.require(2 * s - 1 - remainder == distance, "C8");
                self.require(ex == 0, "zeros");
            }
            Direction::Difference => {
                let expected = self.table_row(SegmentKind::Clamp, q).map(|(a, _)| a);
                self.require(expected == Some(a), "activation");
                self.require(remainder == 0 && s == 0, "zeros");
            }
        }
    }

    fn table_row(&self, kind: SegmentKind, q: i128) -> Option<(i128, i128)> {
        let (a, s) = self.case.table(kind);
        let index = usize::try_from(q + (1 << (self.case.program.bits - 1))).ok()?;
        Some(((*a.get(index)?).into(), s.get(index).copied().unwrap_or(0).into()))
    }

    /// Relation 8 of docs/protocol.md, section 3, on every row instead of at one point.
    pub fn links(&mut self) {
        let p = &self.case.program;
        for i in 1..p.layers() {
            for k in 0..1usize << self.region(i, Direction::Forward).bits {
                let [forward, backward] =
                    [Direction::Forward, Direction::Backward].map(|d| self.cells(self.region(i, d).offset + k));
                if p.activations[i - 1].code() < 2 {
                    self.require(forward.s == backward.s, "link s");
                } else {
                    let derivative = self.cells(self.region(i, Direction::Derivative).offset + k);
                    self.require(forward.s == derivative.s, "link s");
                    self.require(backward.q == derivative.a, "link q");
                }
            }
        }
        for k in 0..1usize << self.region(p.layers(), Direction::Forward).bits {
            self.output_links(k);
        }
        if p.loss == Loss::Softmax {
            self.softmax_links();
        }
    }

    fn output_links(&mut self, k: usize) {
        let p = &self.case.program;
        let last = p.layers();
        let cells = |checker: &Self, direction| checker.cells(checker.region(last, direction).offset + k);
        let forward = cells(self, Direction::Forward);
        let y = self.target(k).0;
        if !p.loss_weights.is_empty() {
            let derivative = cells(self, Direction::Derivative);
            let w = self.loss_weight(k);
            self.require(derivative.a == forward.a - y, "link residual");
            self.require(derivative.s == w, "link weight");
        }
        if p.loss == Loss::Huber {
            let difference = cells(self, Direction::Difference);
            let expected = (forward.q << (p.delta_bits - p.activation_bits)) - y;
            self.require(difference.q + difference.ex == expected, "link difference");
            self.require(difference.a == forward.a, "link clamped");
        }
    }

    fn softmax_links(&mut self) {
        let (p, layout) = (&self.case.program, &self.case.layout);
        let last = p.layers();
        let (outputs, width) = (p.dims[last], 1usize << layout.unit_bits[last]);
        for first in (0..1usize << self.region(last, Direction::Forward).bits).step_by(width) {
            let at = |direction, j| self.cells(self.region(last, direction).offset + first + j);
            let maximum = |j| at(Direction::Exponential, j).q + at(Direction::Forward, j).q;
            let same = (0..outputs).all(|j| maximum(j) == maximum(0));
            let marks: i128 = (0..outputs).map(|j| at(Direction::Exponential, j).s).sum();
            let sum: i128 = (0..outputs).map(|j| at(Direction::Exponential, j).a).sum();
            let all = |f: &dyn Fn(usize) -> bool| (0..width).all(f);
            let copied = all(&|j| at(Direction::Exponential, j).a == at(Direction::Quotient, j).a);
            let summed = all(&|j| at(Direction::Quotient, j).s == sum);
            let predicted = all(&|j| at(Direction::Quotient, j).q == at(Direction::Forward, j).a);
            let spare = (outputs..width).all(|j| at(Direction::Exponential, j).s == 0);
            self.require(same, "link maximum");
            self.require(copied, "link exponential");
            self.require(summed, "link sum");
            self.require(predicted, "link quotient");
            self.require(marks == 1 && spare, "link mark");
        }
    }
}
