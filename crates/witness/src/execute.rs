//! The program, step by step, on explicit weights; every intermediate goes to its row of the trace.

use crate::matrix::{gradient, product, product_transposed};
use crate::rescale::Rescaled;
use crate::weights::{check, restride};
use crate::{count_multiplicities, Dataset, ExecuteError, Hook, Quantity};
use fedproof_program::{sigmoid_table, Direction, Layout, Loss, Program, Schedule, Weights};
use std::borrow::Cow;

/// What the prover commits to before the first challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Columns `q` to `mu_{P-1}` in transcript order, each of length N.
    pub columns: Vec<Vec<i64>>,
    /// W_out.
    pub update: Weights,
    /// Values of real units in real steps that saturated.
    pub saturations: u64,
}

/// Executes the program. `layout` must be `Layout::of(program)`.
pub fn execute(
    program: &Program,
    layout: &Layout,
    weights: &Weights,
    dataset: &Dataset,
    schedule: &Schedule,
) -> Result<Trace, ExecuteError> {
    Run::new(program, layout, weights, dataset, schedule, None)?.finish()
}

/// As [`execute`], with a hook that may change one intermediate: for tests of cheating provers.
pub fn execute_with(
    program: &Program,
    layout: &Layout,
    weights: &Weights,
    dataset: &Dataset,
    schedule: &Schedule,
    hook: &Hook,
) -> Result<Trace, ExecuteError> {
    Run::new(program, layout, weights, dataset, schedule, Some(hook))?.finish()
}

struct Run<'a> {
    program: &'a Program,
    layout: &'a Layout,
    dataset: &'a Dataset,
    schedule: &'a Schedule,
    hook: Option<&'a Hook<'a>>,
    sigmoid: Vec<i64>,
    /// Layer i at index i-1, rows padded to 2^J_i.
    weights: Weights,
    columns: Vec<Vec<i64>>,
    saturations: u64,
}

/// One layer's matrices of a step, (B, 2^J_i).
#[derive(Default)]
struct Layer {
    /// A'_{i-1}, (B, d_{i-1} + 1).
    input: Vec<i64>,
    q: Vec<i64>,
    a: Vec<i64>,
    s: Vec<i64>,
}

impl<'a> Run<'a> {
    fn new(
        program: &'a Program,
        layout: &'a Layout,
        weights: &Weights,
        dataset: &'a Dataset,
        schedule: &'a Schedule,
        hook: Option<&'a Hook<'a>>,
    ) -> Result<Self, ExecuteError> {
        check(program, weights)?;
        let expected = layout.data_vectors() * layout.n();
        if dataset.cells().len() != expected {
            return Err(ExecuteError::Dataset {
                expected,
                got: dataset.cells().len(),
            });
        }
        let blocks = program.blocks;
        if let Some(step) = (0..program.steps).find(|&t| schedule.block(t) >= blocks) {
            return Err(ExecuteError::Schedule {
                step,
                block: schedule.block(step),
                blocks,
            });
        }
        let sigmoid = match program.loss {
            Loss::Sigmoid => {
                sigmoid_table(program.bits, program.activation_bits, program.delta_bits)
            }
            Loss::Squared => Vec::new(),
        };
        let padded = weights
            .iter()
            .enumerate()
            .map(|(i, w)| restride(w, program.dims[i + 1], 1 << layout.unit_bits[i + 1]));
        let weights = padded.collect();
        let columns = vec![vec![0; layout.n()]; layout.columns.committed_first()];
        Ok(Self {
            program,
            layout,
            dataset,
            schedule,
            hook,
            sigmoid,
            weights,
            columns,
            saturations: 0,
        })
    }

    fn finish(mut self) -> Result<Trace, ExecuteError> {
        for t in 0..1 << self.layout.tb {
            self.step(t)?;
        }
        count_multiplicities(self.program, self.layout, &mut self.columns);
        let cut = |(i, w): (usize, &Vec<i64>)| {
            restride(
                w,
                1 << self.layout.unit_bits[i + 1],
                self.program.dims[i + 1],
            )
        };
        let update = self.weights.iter().enumerate().map(cut).collect();
        Ok(Trace {
            columns: self.columns,
            update,
            saturations: self.saturations,
        })
    }

    fn fault(&self, quantity: Quantity, layer: usize, step: usize, cells: &mut [i64]) {
        if let Some(hook) = self.hook {
            hook(quantity, layer, step, cells);
        }
    }

    fn weights(&self, quantity: Quantity, layer: usize, step: usize) -> Cow<'_, [i64]> {
        let honest = &self.weights[layer - 1];
        if self.hook.is_none() {
            return Cow::Borrowed(honest);
        }
        let mut changed = honest.clone();
        self.fault(quantity, layer, step, &mut changed);
        Cow::Owned(changed)
    }

    fn row(&self, layer: usize, direction: Direction, step: usize) -> usize {
        let first = self.layout.region(layer, direction).map_or(0, |r| r.offset);
        first + ((step * self.program.batch) << self.layout.unit_bits[layer])
    }

    fn write(&mut self, column: usize, row: usize, cells: &[i64]) {
        self.columns[column][row..row + cells.len()].copy_from_slice(cells);
    }

    /// Rounds and saturates a product onto its rows; returns q.
    fn rescale(
        &mut self,
        mut x: Vec<i128>,
        layer: usize,
        direction: Direction,
        step: usize,
    ) -> Result<Vec<i64>, ExecuteError> {
        let [product, clamp, value] = match direction {
            Direction::Forward => [Quantity::Z, Quantity::Clamp, Quantity::Q],
            Direction::Backward => [Quantity::E, Quantity::ClampE, Quantity::QE],
        };
        if self.hook.is_some() {
            let mut added = vec![0; x.len()];
            self.fault(product, layer, step, &mut added);
            x.iter_mut()
                .zip(added)
                .for_each(|(x, d)| *x = x.wrapping_add(d.into()));
        }
        let program = self.program;
        let cells: Option<Vec<Rescaled>> =
            x.into_iter().map(|x| Rescaled::of(program, x)).collect();
        let mut cells = cells.ok_or(ExecuteError::Excess { layer, step })?;
        let mut q: Vec<i64> = cells.iter().map(|c| c.q).collect();
        self.fault(clamp, layer, step, &mut q);
        cells
            .iter_mut()
            .zip(&q)
            .for_each(|(c, &q)| *c = c.with_clamp(q));
        self.fault(value, layer, step, &mut q);
        cells
            .iter_mut()
            .zip(&q)
            .for_each(|(c, &q)| *c = c.with_q(program, q));
        let (row, bits) = (
            self.row(layer, direction, step),
            self.layout.unit_bits[layer],
        );
        for (k, cell) in cells.iter().enumerate() {
            cell.write(program, &self.layout.columns, &mut self.columns, row + k);
            let real = step < program.steps && k & ((1 << bits) - 1) < program.dims[layer];
            self.saturations += u64::from(real && cell.excess != 0);
        }
        Ok(q)
    }

    /// `A'` of the next layer: the first `d` of every row of `stride`, then the bias input.
    fn with_bias<'b>(&self, rows: impl Iterator<Item = &'b [i64]>) -> Vec<i64> {
        let one = 1i64 << self.program.activation_bits;
        rows.flat_map(|row| row.iter().copied().chain([one]))
            .collect()
    }

    /// Records of a step; None beyond the last step.
    fn records(&self, step: usize) -> Vec<Option<&'a [i64]>> {
        let block = (step < self.program.steps).then(|| self.schedule.block(step));
        (0..self.program.batch)
            .map(|b| self.dataset.record(block?, b))
            .collect()
    }

    fn forward(&mut self, t: usize, i: usize, input: Vec<i64>) -> Result<Layer, ExecuteError> {
        let width = 1 << self.layout.unit_bits[i];
        let z = product(
            &input,
            self.program.dims[i - 1] + 1,
            &self.weights(Quantity::ForwardWeights, i, t),
            width,
        );
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
    fn output_delta(&mut self, t: usize, layer: &Layer) -> Vec<i64> {
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
        let mut valid: Vec<i64> = records
            .iter()
            .map(|r| r.map_or(0, |cells| cells[record.valid]))
            .collect();
        self.fault(Quantity::Label, last, t, &mut labels);
        self.fault(Quantity::Valid, last, t, &mut valid);
        let scale = 1i64 << (self.program.delta_bits - self.program.activation_bits);
        let prediction = |k: usize| match self.program.loss {
            Loss::Sigmoid => layer.a[k],
            Loss::Squared => layer.q[k].wrapping_mul(scale),
        };
        let mut delta: Vec<i64> = labels
            .iter()
            .enumerate()
            .map(|(k, y)| {
                prediction(k)
                    .wrapping_sub(*y)
                    .wrapping_mul(valid[k / width])
            })
            .collect();
        self.fault(Quantity::Delta, last, t, &mut delta);
        self.write(
            self.layout.columns.s(),
            self.row(last, Direction::Forward, t),
            &delta,
        );
        delta
    }

    /// delta_i from delta_{i+1}.
    fn backward(
        &mut self,
        t: usize,
        i: usize,
        next: &[i64],
        s: &[i64],
    ) -> Result<Vec<i64>, ExecuteError> {
        let (stride, width) = (
            1 << self.layout.unit_bits[i + 1],
            1 << self.layout.unit_bits[i],
        );
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

    fn step(&mut self, t: usize) -> Result<(), ExecuteError> {
        let (last, dims) = (self.program.layers(), &self.program.dims);
        let zero = vec![0; dims[0]];
        let records = self.records(t);
        let mut input = self.with_bias(
            records
                .iter()
                .map(|r| r.map_or(&zero[..], |cells| &cells[..dims[0]])),
        );
        let mut layers: Vec<Layer> = Vec::with_capacity(last);
        for i in 1..=last {
            let layer = self.forward(t, i, input)?;
            input = self.with_bias(
                layer
                    .a
                    .chunks_exact(1 << self.layout.unit_bits[i])
                    .map(|row| &row[..dims[i]]),
            );
            layers.push(layer);
        }
        let mut deltas = vec![self.output_delta(t, &layers[last - 1])];
        for i in (1..last).rev() {
            let delta = self.backward(t, i, &deltas[last - 1 - i], &layers[i - 1].s)?;
            deltas.push(delta);
        }
        for (i, delta) in (1..=last).rev().zip(&deltas) {
            let stride = 1 << self.layout.unit_bits[i];
            let mut g = gradient(
                &layers[i - 1].input,
                dims[i - 1] + 1,
                delta,
                stride,
                dims[i],
            );
            self.fault(Quantity::Gradient, i, t, &mut g);
            let rate = self.program.rate as i64;
            self.weights[i - 1]
                .iter_mut()
                .zip(g)
                .for_each(|(w, g)| *w = w.wrapping_sub(rate.wrapping_mul(g)));
        }
        Ok(())
    }
}
