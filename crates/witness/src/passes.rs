//! Forward and backward pass of one layer in one step.

use crate::execute::{Layer, Run};
use crate::matrix::{product, product_transposed};
use crate::rescale::Rescaled;
use crate::{ExecuteError, Quantity};
use fedproof_program::{Direction, SegmentKind};

/// Where a fault may enter a rescaled product: the product, its saturation, its rounding.
const FORWARD: [Quantity; 3] = [Quantity::Z, Quantity::Clamp, Quantity::Q];
const BACKWARD: [Quantity; 3] = [Quantity::E, Quantity::ClampE, Quantity::QE];
const SCALED: [Quantity; 3] = [Quantity::Scaled, Quantity::ClampScaled, Quantity::QScaled];

impl Run<'_> {
    /// Adds what a hook writes for `quantity`.
    pub(crate) fn add_fault(&self, quantity: Quantity, layer: usize, step: usize, cells: &mut [i128]) {
        if self.hook.is_some() {
            let mut added = vec![0; cells.len()];
            self.fault(quantity, layer, step, &mut added);
            cells.iter_mut().zip(added).for_each(|(x, d)| *x = x.wrapping_add(d.into()));
        }
    }

    /// Lets a hook choose other saturated values.
    pub(crate) fn clamp_fault(&self, quantity: Quantity, layer: usize, step: usize, cells: &mut [Rescaled]) {
        let mut q: Vec<i64> = cells.iter().map(|c| c.q).collect();
        self.fault(quantity, layer, step, &mut q);
        cells.iter_mut().zip(&q).for_each(|(c, &q)| *c = c.with_clamp(q));
    }

    /// Writes q, sg, ex, g and r of a region's rows of a step.
    pub(crate) fn place(&mut self, cells: &[Rescaled], layer: usize, direction: Direction, step: usize) {
        let (row, bits) = (self.row(layer, direction, step), self.layout.unit_bits[layer]);
        for (k, cell) in cells.iter().enumerate() {
            cell.write(self.program, &self.layout.columns, &mut self.columns, row + k);
            let real = step < self.program.steps && k & ((1 << bits) - 1) < self.program.dims[layer];
            self.saturations += u64::from(real && cell.excess != 0);
        }
    }

    /// Rounds and saturates a product onto its rows; returns q.
    fn rescale(
        &mut self,
        mut x: Vec<i128>,
        layer: usize,
        direction: Direction,
        step: usize,
        [product, clamp, value]: [Quantity; 3],
    ) -> Result<Vec<i64>, ExecuteError> {
        self.add_fault(product, layer, step, &mut x);
        let program = self.program;
        let cells: Option<Vec<Rescaled>> = x.into_iter().map(|x| Rescaled::of(program, x)).collect();
        let mut cells = cells.ok_or(ExecuteError::Excess { layer, step })?;
        self.clamp_fault(clamp, layer, step, &mut cells);
        let mut q: Vec<i64> = cells.iter().map(|c| c.q).collect();
        self.fault(value, layer, step, &mut q);
        cells.iter_mut().zip(&q).for_each(|(c, &q)| *c = c.with_q(program, q));
        self.place(&cells, layer, direction, step);
        Ok(q)
    }

    /// The D rows of layer `i`: a and s as they stand, and delta, their product rounded by `shift` bits.
    pub(crate) fn derive(&mut self, t: usize, i: usize, a: &[i64], s: &[i64], shift: u32) -> Result<Vec<i64>, ExecuteError> {
        let row = self.row(i, Direction::Derivative, t);
        self.write(self.layout.columns.a(), row, a);
        self.write(self.layout.columns.s(), row, s);
        let raised = self.program.scale_bits() - shift;
        let x = a.iter().zip(s).map(|(&a, &s)| (i128::from(a) * i128::from(s)) << raised).collect();
        self.rescale(x, i, Direction::Derivative, t, SCALED)
    }

    /// Pre-activations and, of hidden layers, activations and derivatives of layer `i`.
    pub(crate) fn forward(&mut self, t: usize, i: usize, input: Vec<i64>) -> Result<Layer, ExecuteError> {
        let width = 1 << self.layout.unit_bits[i];
        let z = product(&input, self.program.dims[i - 1] + 1, &self.weights(Quantity::ForwardWeights, i, t), width);
        let q = self.rescale(z, i, Direction::Forward, t, FORWARD)?;
        let Some(&kind) = self.program.activations.get(i - 1) else {
            return Ok(Layer { input, q, a: Vec::new(), s: Vec::new() });
        };
        let row = self.row(i, Direction::Forward, t);
        let table = self.tables.get(SegmentKind::Hidden(kind));
        let (mut a, mut s): (Vec<i64>, Vec<i64>) = q.iter().map(|&q| table.at(q)).unzip();
        self.fault(Quantity::Activation, i, t, &mut a);
        self.write(self.layout.columns.a(), row, &a);
        self.fault(Quantity::Derivative, i, t, &mut s);
        self.write(self.layout.columns.s(), row, &s);
        Ok(Layer { input, q, a, s })
    }

    /// delta_i from delta_{i+1}.
    pub(crate) fn backward(&mut self, t: usize, i: usize, next: &[i64], s: &[i64]) -> Result<Vec<i64>, ExecuteError> {
        let (stride, width) = (1 << self.layout.unit_bits[i + 1], 1 << self.layout.unit_bits[i]);
        let weights = self.weights(Quantity::BackwardWeights, i + 1, t);
        let e = product_transposed(next, self.program.dims[i + 1], &weights, stride, width);
        let mut q = self.rescale(e, i, Direction::Backward, t, BACKWARD)?;
        let mut s = s.to_vec();
        self.fault(Quantity::DerivativeCopy, i, t, &mut s);
        if self.program.has_derivative_region(i) {
            self.fault(Quantity::QCopy, i, t, &mut q);
            return self.derive(t, i, &q, &s, self.program.derivative_bits());
        }
        let mut delta: Vec<i64> = q.iter().zip(&s).map(|(q, s)| q.wrapping_mul(*s)).collect();
        self.fault(Quantity::Delta, i, t, &mut delta);
        let row = self.row(i, Direction::Backward, t);
        self.write(self.layout.columns.a(), row, &delta);
        self.write(self.layout.columns.s(), row, &s);
        Ok(delta)
    }
}
