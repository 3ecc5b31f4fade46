//! The output layer of one step: predictions, and the deltas of the loss.

use crate::execute::Run;
use crate::rescale::Rescaled;
use crate::{ExecuteError, Quantity};
use fedproof_program::{Direction, Loss, SegmentKind, LOSS_WEIGHT_BITS};

/// What a step's records say, padded units included.
struct Targets {
    /// (B, 2^J_L).
    labels: Vec<i64>,
    /// (B).
    valid: Vec<i64>,
}

impl Run<'_> {
    fn targets(&self, t: usize) -> Targets {
        let (last, record) = (self.program.layers(), self.layout.record);
        let width = 1 << self.layout.unit_bits[last];
        let records = self.records(t);
        let mut labels: Vec<i64> = Vec::with_capacity(records.len() * width);
        for r in &records {
            match r {
                Some(cells) => labels.extend(&cells[record.targets..record.targets + width]),
                None => labels.resize(labels.len() + width, 0),
            }
        }
        let mut valid: Vec<i64> = records.iter().map(|r| r.map_or(0, |cells| cells[record.valid])).collect();
        self.fault(Quantity::Label, last, t, &mut labels);
        self.fault(Quantity::Valid, last, t, &mut valid);
        Targets { labels, valid }
    }

    /// delta_L from the pre-activations `q` of the output layer; fills its rows.
    pub(crate) fn output(&mut self, t: usize, q: &[i64]) -> Result<Vec<i64>, ExecuteError> {
        let last = self.program.layers();
        let targets = self.targets(t);
        let scale = 1i64 << (self.program.delta_bits - self.program.activation_bits);
        let mut a = match self.program.loss {
            Loss::Squared => vec![0; q.len()],
            Loss::Sigmoid => {
                let table = self.tables.get(SegmentKind::Sigmoid);
                q.iter().map(|&q| table.at(q).0).collect()
            }
            Loss::Softmax => self.softmax(t, q),
            Loss::Huber => self.huber(t, q, &targets.labels, scale)?,
        };
        self.fault(Quantity::Activation, last, t, &mut a);
        let row = self.row(last, Direction::Forward, t);
        self.write(self.layout.columns.a(), row, &a);
        let residual = |(k, y): (usize, &i64)| match self.program.loss {
            Loss::Squared => q[k].wrapping_mul(scale).wrapping_sub(*y),
            Loss::Sigmoid | Loss::Softmax => a[k].wrapping_sub(*y),
            Loss::Huber => a[k],
        };
        let mut residual: Vec<i64> = targets.labels.iter().enumerate().map(residual).collect();
        if self.program.is_weighted() {
            self.fault(Quantity::Residual, last, t, &mut residual);
            let mut w = self.loss_weights(&targets);
            self.fault(Quantity::LossWeight, last, t, &mut w);
            return self.derive(t, last, &residual, &w, self.program.delta_bits + LOSS_WEIGHT_BITS);
        }
        let width = 1 << self.layout.unit_bits[last];
        let mut delta = residual;
        delta.iter_mut().enumerate().for_each(|(k, d)| *d = d.wrapping_mul(targets.valid[k / width]));
        self.fault(Quantity::Delta, last, t, &mut delta);
        self.write(self.layout.columns.s(), row, &delta);
        Ok(delta)
    }

    /// w at scale 2^(fd+8), (B, 2^J_L).
    fn loss_weights(&self, targets: &Targets) -> Vec<i64> {
        let program = self.program;
        let width = 1 << self.layout.unit_bits[program.layers()];
        let weights: Vec<i64> = program.loss_weights.iter().map(|&w| w.into()).collect();
        let mut out = Vec::with_capacity(targets.labels.len());
        for (labels, &valid) in targets.labels.chunks_exact(width).zip(&targets.valid) {
            if program.one_hot {
                let w = weights.iter().zip(labels).fold(0i64, |sum, (&w, &y)| sum.wrapping_add(w.wrapping_mul(y)));
                out.resize(out.len() + width, w);
            } else {
                let end = out.len() + width;
                out.extend(weights.chunks_exact(2).zip(labels).map(|(pair, &y)| {
                    let (w0, w1) = (pair[0], pair[1]);
                    (w0 << program.delta_bits).wrapping_mul(valid).wrapping_add((w1 - w0).wrapping_mul(y))
                }));
                out.resize(end, 0);
            }
        }
        out
    }

    /// The clamped differences of the Huber loss; fills the H rows.
    fn huber(&mut self, t: usize, q: &[i64], labels: &[i64], scale: i64) -> Result<Vec<i64>, ExecuteError> {
        let (program, last) = (self.program, self.program.layers());
        let pairs = q.iter().zip(labels);
        let mut difference: Vec<i128> = pairs.map(|(&q, &y)| i128::from(q) * i128::from(scale) - i128::from(y)).collect();
        self.add_fault(Quantity::Difference, last, t, &mut difference);
        let cells: Option<Vec<Rescaled>> = difference.into_iter().map(|x| Rescaled::saturated(program, x)).collect();
        let mut cells = cells.ok_or(ExecuteError::Excess { layer: last, step: t })?;
        self.clamp_fault(Quantity::ClampDifference, last, t, &mut cells);
        self.place(&cells, last, Direction::Difference, t);
        let table = self.tables.get(SegmentKind::Clamp);
        let mut clamped: Vec<i64> = cells.iter().map(|c| table.at(c.q).0).collect();
        self.fault(Quantity::Clamped, last, t, &mut clamped);
        self.write(self.layout.columns.a(), self.row(last, Direction::Difference, t), &clamped);
        Ok(clamped)
    }
}
