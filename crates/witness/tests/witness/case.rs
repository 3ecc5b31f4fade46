//! Random small instances.

use fedproof_program::{Activation, Kernel, Layout, Loss, Program, Schedule, SegmentKind, Weights};
use fedproof_witness::{execute, execute_with, Dataset, Hook, Trace};

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between `low` and `high`, both included; one of the two ends every fourth time.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        match self.next() % 8 {
            0 => low,
            1 => high,
            _ => low + (u128::from(self.next()) % (high as i128 - low as i128 + 1) as u128) as i64,
        }
    }
}

/// (a, s).
type Values = (Vec<i64>, Vec<i64>);

pub struct Case {
    pub program: Program,
    pub layout: Layout,
    pub weights: Weights,
    pub dataset: Dataset,
    pub schedule: Schedule,
    /// (a, s) of every segment.
    pub tables: Vec<(SegmentKind, Values)>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?} {:?}", self.program, self.schedule, self.weights)
    }
}

impl Case {
    /// Weights of at most `weight_bits` bits, full-range features, some invalid records.
    pub fn new(program: Program, weight_bits: u32, seed: u64) -> Self {
        let mut random = Random(seed);
        let layout = Layout::of(&program);
        let (min, max) = (program.min_value(), -program.min_value() - 1);
        let (records, outputs) = (program.records(), program.outputs());
        let features: Vec<i64> = (0..records * program.dims[0]).map(|_| random.between(min, max)).collect();
        let mut targets = vec![0; records * outputs];
        let one = 1i64 << program.delta_bits;
        for row in targets.chunks_exact_mut(outputs) {
            match (program.loss.classifies(), program.one_hot) {
                (false, _) => row.iter_mut().for_each(|y| *y = random.between(min, max)),
                (true, false) => row.iter_mut().for_each(|y| *y = (random.next() % 2) as i64 * one),
                (true, true) => row[random.next() as usize % outputs] = one,
            }
        }
        let honest = Dataset::new(&program, &layout, &features, &targets).unwrap();
        let mut cells = honest.cells().to_vec();
        for record in cells.chunks_exact_mut(1 << layout.record.bits).take(records) {
            if random.next().is_multiple_of(5) {
                record[layout.record.valid] = 0;
                // no targets without a record, or the weight would follow them
                if program.one_hot || program.is_weighted() {
                    record[layout.record.targets..][..outputs].fill(0);
                }
            }
        }
        let dataset = Dataset::from_cells(&layout, cells);
        let bound = (1i64 << weight_bits) - 1;
        let size = |i: usize| (program.dims[i] + 1) * program.dims[i + 1];
        let weights = (0..program.layers()).map(|i| (0..size(i)).map(|_| random.between(-bound, bound)).collect()).collect();
        let mut bytes = [0; 32];
        bytes.iter_mut().for_each(|b| *b = random.next() as u8);
        let schedule = Schedule::from_seed(&program, &bytes);
        let tables = layout.segments.iter().map(|s| (s.kind, s.values(&program))).collect();
        Self { program, layout, weights, dataset, schedule, tables }
    }

    pub fn execute(&self) -> Trace {
        execute(&self.program, &self.layout, &self.weights, &self.dataset, &self.schedule).unwrap()
    }

    pub fn execute_with(&self, hook: &Hook) -> Trace {
        execute_with(&self.program, &self.layout, &self.weights, &self.dataset, &self.schedule, hook).unwrap()
    }

    /// (a, s) of a table by q + 2^(l-1).
    pub fn table(&self, kind: SegmentKind) -> &Values {
        &self.tables.iter().find(|(k, _)| *k == kind).unwrap().1
    }

    /// Valid flag, features and targets of a record of a step.
    pub fn record(&self, t: usize, b: usize) -> (i64, Vec<i64>, Vec<i64>) {
        let (block, record) = (self.schedule.block(t), self.layout.record);
        let cell = |slot| self.dataset.cell(&self.layout, block, b, slot);
        let features = (0..self.program.dims[0]).map(cell).collect();
        let targets = (0..self.program.outputs()).map(|j| cell(record.targets + j)).collect();
        (cell(record.valid), features, targets)
    }
}

/// A legal program of layers of these sizes, 8 bits.
pub fn program(loss: Loss, dims: &[usize], kind: Activation) -> Program {
    let activations = vec![kind; dims.len() - 2];
    let one_hot = loss.classifies() && dims[dims.len() - 1] > 1;
    Program {
        loss,
        one_hot,
        dims: dims.to_vec(),
        activations,
        steps: 4,
        batch: 4,
        blocks: 4,
        bits: 8,
        limb_bits: 9,
        weight_bits: 20,
        activation_bits: 4,
        delta_bits: 6,
        bound_bits: 22,
        openings: 1,
        group: 4,
        vector_bits: 0,
        huber: if loss == Loss::Huber { 40 } else { 0 },
        loss_weights: vec![],
        kernel: Kernel::Plain(1 << 8),
    }
    .with_shortest_vectors()
    .unwrap()
}

/// Momentum with weights of three more bits, four steps.
pub fn momentum() -> Kernel {
    Kernel::Explicit { fraction_bits: 3, taps: vec![300, 500, 700, 800], decay: vec![8, 7, 7, 6] }
}
