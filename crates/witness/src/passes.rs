//! Forward and backward pass of one layer in one step.

use crate::execute::{Layer, Run};
use crate::matrix::{product, product_transposed};
use crate::rescale::Rescaled;
use crate::{ExecuteError, Quantity};
use fedproof_program::{Direction, Loss};

impl Run<'_> {
    /// Rounds and saturates a product onto its rows; returns q.
    fn rescale(&mut self, mut x: Vec<i128>, layer: usize, direction: Direction, step: usize) -> Result<Vec<i64>, ExecuteError> {
        let [product, clamp, value] = match direction {
            Direction::Forward => [Quantity::Z, Quantity::Clamp, Quantity::Q],
            Direction::Backward => [Quantity::E, Quantity::ClampE, Quantity::QE],
        };
        if self.hook.is_some() {
            let mut added = vec![0; x.len()];
            self.fault(product, layer, step, &mut added);
            x.iter_mut().zip(added).for_each(|(x, d)| *x = x.wrapping_add(d.into()));
        }
        let program = self.program;
        let cells: Option<Vec<Rescaled>> = x.into_iter().map(|x| Rescaled::of(program, x)).collect();
        let mut cells = cells.ok_or(ExecuteError::Excess { layer, step })?;
        let mut q: Vec<i64> = cells.iter().map(|c| c.q).collect();
        self.fault(clamp, layer, step, &mut q);
        cells.iter_mut().zip(&q).for_each(|(c, &q)| *c = c.with_clamp(q));
        self.fault(value, layer, step, &mut q);
        cells.iter_mut().zip(&q).for_each(|(c, &q)| *c = c.with_q(program, q));
        let (row, bits) = (self.row(layer, direction, step), self.layout.unit_bits[layer]);
        for (k, cell) in cells.iter().enumerate() {
            cell.write(program, &self.layout.columns, &mut self.columns, row + k);
            let real = step < program.steps && k & ((1 << bits) - 1) < program.dims[layer];
            self.saturations += u64::from(real && cell.excess != 0);
        }
        Ok(q)
    }

    /// Pre-activations, activations and derivatives of layer `i`.
    pub(crate) fn forward(&mut self, t: usize, i: usize, input: Vec<i64>) -> Result<Layer, ExecuteError> {
        let width = 1 << self.layout.unit_bits[i];
        let z = product(&input, self.program.dims[i - 1] + 1, &self.weights(Quantity::ForwardWeights, i, t), width);
        let q = self.rescale(z, i, Direction::Forward, t)?;
        let row = self.row(i, Direction::Forward, t);
        let (mut a, mut s) = match (self.program.activations.get(i - 1), self.program.loss) {
            (Some(kind), _) => q.iter().map(|&q| kind.apply(q)).unzip(),
            (None, Loss::Sigmoid) => (q.iter().map(|&q| self.sigmoid_of(q)).collect(), Vec::new()),
            (None, Loss::Squared) => (vec![0; q.len()], Vec::new()),
        };
        self.fault(Quantity::Activation, i, t, &mut a);
        self.write(self.layout.columns.a(), row, &a);
        if i < self.program.layers() {
            self.fault(Quantity::Derivative, i, t, &mut s);
            self.write(self.layout.columns.s(), row, &s);
        }
        Ok(Layer { input, q, a, s })
    }

    /// The table's value; beyond the table (only after a fault) that of its nearest end.
    fn sigmoid_of(&self, q: i64) -> i64 {
        let min = self.program.min_value();
        let index = q.clamp(min, -min - 1) - min;
        self.sigmoid.get(index as usize).copied().unwrap_or(0)
    }

    /// delta_L = (prediction - target) valid.
    pub(crate) fn output_delta(&mut self, t: usize, layer: &Layer) -> Vec<i64> {
        let (last, record) = (self.program.layers(), self.layout.record);
        let width = 1 << self.layout.unit_bits[last];
        let records = self.records(t);
        let mut labels: Vec<i64> = Vec::with_capacity(layer.q.len());
        for r in &records {
            match r {
                Some(cells) => labels.extend(&cells[record.targets..record.targets + width]),
                None => labels.resize(labels.len() + width, 0),
            }
        }
        let mut valid: Vec<i64> = records.iter().map(|r| r.map_or(0, |cells| cells[record.valid])).collect();
        self.fault(Quantity::Label, last, t, &mut labels);
        self.fault(Quantity::Valid, last, t, &mut valid);
        let scale = 1i64 << (self.program.delta_bits - self.program.activation_bits);
        let prediction = |k: usize| match self.program.loss {
            Loss::Sigmoid => layer.a[k],
            Loss::Squared => layer.q[k].wrapping_mul(scale),
        };
        let mut delta: Vec<i64> =
            labels.iter().enumerate().map(|(k, y)| prediction(k).wrapping_sub(*y).wrapping_mul(valid[k / width])).collect();
        self.fault(Quantity::Delta, last, t, &mut delta);
        self.write(self.layout.columns.s(), self.row(last, Direction::Forward, t), &delta);
        delta
    }

    /// delta_i from delta_{i+1}.
    pub(crate) fn backward(&mut self, t: usize, i: usize, next: &[i64], s: &[i64]) -> Result<Vec<i64>, ExecuteError> {
        let (stride, width) = (1 << self.layout.unit_bits[i + 1], 1 << self.layout.unit_bits[i]);
        let weights = self.weights(Quantity::BackwardWeights, i + 1, t);
        let e = product_transposed(next, self.program.dims[i + 1], &weights, stride, width);
        let q = self.rescale(e, i, Direction::Backward, t)?;
        let mut s = s.to_vec();
        self.fault(Quantity::DerivativeCopy, i, t, &mut s);
        let mut delta: Vec<i64> = q.iter().zip(&s).map(|(q, s)| q.wrapping_mul(*s)).collect();
        self.fault(Quantity::Delta, i, t, &mut delta);
        let row = self.row(i, Direction::Backward, t);
        self.write(self.layout.columns.a(), row, &delta);
        self.write(self.layout.columns.s(), row, &s);
        Ok(delta)
    }
}
