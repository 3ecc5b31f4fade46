//! The program, step by step, on explicit weights; every intermediate goes to its row of the trace.

use crate::descent::Descent;
use crate::matrix::gradient;
use crate::multiplicities::count_with;
use crate::tables::Tables;
use crate::weights::check;
use crate::{Dataset, ExecuteError, Hook, Quantity};
use fedproof_program::{Direction, Kernel, Layout, Program, Schedule, Weights};
use std::borrow::Cow;

/// What the prover commits to before the first challenge. Its `Debug` form shows sizes only, the columns are private.
#[derive(Clone, PartialEq, Eq)]
pub struct Trace {
    /// Columns `q` to `mu_{P-1}` in transcript order, each as long as its vectors together.
    pub columns: Vec<Vec<i64>>,
    /// W_out, at scale 2^F'.
    pub update: Weights,
    /// Values of real units in real steps that saturated.
    pub saturations: u64,
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace")
            .field("columns", &self.columns.len())
            .field("saturations", &self.saturations)
            .finish_non_exhaustive()
    }
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

/// State of an execution.
pub(crate) struct Run<'a> {
    pub(crate) program: &'a Program,
    pub(crate) layout: &'a Layout,
    dataset: &'a Dataset,
    schedule: &'a Schedule,
    pub(crate) hook: Option<&'a Hook<'a>>,
    pub(crate) tables: Tables,
    descent: Descent,
    pub(crate) columns: Vec<Vec<i64>>,
    pub(crate) saturations: u64,
}

/// One layer's matrices of a step, (B, 2^J_i).
pub(crate) struct Layer {
    /// A'_{i-1}, (B, d_{i-1} + 1).
    pub(crate) input: Vec<i64>,
    pub(crate) q: Vec<i64>,
    pub(crate) a: Vec<i64>,
    pub(crate) s: Vec<i64>,
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
        let expected = layout.data_vectors * layout.n();
        if dataset.cells().len() != expected {
            return Err(ExecuteError::Dataset { expected, got: dataset.cells().len() });
        }
        let blocks = program.blocks;
        if let Some(step) = (0..program.steps).find(|&t| schedule.block(t) >= blocks) {
            return Err(ExecuteError::Schedule { step, block: schedule.block(step), blocks });
        }
        let lengths = (0..layout.columns.committed_first()).map(|k| layout.columns.vectors(k) * layout.n());
        Ok(Self {
            program,
            layout,
            dataset,
            schedule,
            hook,
            tables: Tables::of(program, layout),
            descent: Descent::new(program, layout, weights),
            columns: lengths.map(|n| vec![0; n]).collect(),
            saturations: 0,
        })
    }

    fn finish(mut self) -> Result<Trace, ExecuteError> {
        for t in 0..1 << self.layout.tb {
            self.step(t)?;
        }
        count_with(&self.tables, self.program, self.layout, &mut self.columns);
        let update = self.descent.finish(self.program, self.layout);
        Ok(Trace { columns: self.columns, update, saturations: self.saturations })
    }

    pub(crate) fn fault(&self, quantity: Quantity, layer: usize, step: usize, cells: &mut [i64]) {
        if let Some(hook) = self.hook {
            hook(quantity, layer, step, cells);
        }
    }

    pub(crate) fn weights(&self, quantity: Quantity, layer: usize, step: usize) -> Cow<'_, [i64]> {
        let honest = self.descent.layer(layer);
        if self.hook.is_none() {
            return Cow::Borrowed(honest);
        }
        let mut changed = honest.to_vec();
        self.fault(quantity, layer, step, &mut changed);
        Cow::Owned(changed)
    }

    pub(crate) fn row(&self, layer: usize, direction: Direction, step: usize) -> usize {
        let first = self.layout.region(layer, direction).map_or(0, |r| r.offset);
        first + ((step * self.program.batch) << self.layout.unit_bits[layer])
    }

    pub(crate) fn write(&mut self, column: usize, row: usize, cells: &[i64]) {
        self.columns[column][row..row + cells.len()].copy_from_slice(cells);
    }

    /// `A'`: every row, then the bias input.
    fn with_bias<'b>(&self, rows: impl Iterator<Item = &'b [i64]>) -> Vec<i64> {
        let one = 1i64 << self.program.activation_bits;
        rows.flat_map(|row| row.iter().copied().chain([one])).collect()
    }

    /// Records of a step; None beyond the last step.
    pub(crate) fn records(&self, step: usize) -> Vec<Option<&'a [i64]>> {
        let block = (step < self.program.steps).then(|| self.schedule.block(step));
        (0..self.program.batch).map(|b| self.dataset.record(block?, b)).collect()
    }

    fn step(&mut self, t: usize) -> Result<(), ExecuteError> {
        let (last, dims) = (self.program.layers(), &self.program.dims);
        let zero = vec![0; dims[0]];
        let records = self.records(t);
        let mut input = self.with_bias(records.iter().map(|r| r.map_or(&zero[..], |cells| &cells[..dims[0]])));
        let mut layers: Vec<Layer> = Vec::with_capacity(last);
        for i in 1..=last {
            let layer = self.forward(t, i, input)?;
            input = self.with_bias(layer.a.chunks_exact(1 << self.layout.unit_bits[i]).map(|row| &row[..dims[i]]));
            layers.push(layer);
        }
        let mut delta = self.output(t, &layers[last - 1].q)?;
        for i in (1..=last).rev() {
            // both uses of W_i come before its update
            let next = match i {
                1 => Vec::new(),
                _ => self.backward(t, i - 1, &delta, &layers[i - 2].s)?,
            };
            self.descend(t, i, &layers[i - 1].input, &delta);
            delta = next;
        }
        Ok(())
    }

    /// Layer `i` of W_{t+1}, from the gradient `A'^T delta`.
    fn descend(&mut self, t: usize, i: usize, input: &[i64], delta: &[i64]) {
        let stride = 1 << self.layout.unit_bits[i];
        let dims = &self.program.dims;
        let idle = self.hook.is_none() && delta.iter().all(|&d| d == 0);
        let mut g = if idle { Vec::new() } else { gradient(input, dims[i - 1] + 1, delta, stride, dims[i]) };
        self.fault(Quantity::Gradient, i, t, &mut g);
        let kernel = &self.program.kernel;
        if let Kernel::Plain(_) = kernel {
            let mut taps = [kernel.tap(1)];
            self.fault(Quantity::Taps, i, t, &mut taps);
            self.descent.subtract(i, taps[0], &g);
        } else {
            let mut taps: Vec<i64> = (0..=t).map(|u| kernel.tap(t + 1 - u)).collect();
            let mut decay = [kernel.decay(t + 1)];
            self.fault(Quantity::Decay, i, t, &mut decay);
            self.fault(Quantity::Taps, i, t, &mut taps);
            self.descent.keep(i, g);
            self.descent.combine(i, decay[0], &taps, t + 1 == self.program.steps);
        }
    }
}
