//! Random small instances.

use fedproof_program::{Activation, Layout, Loss, Program, Schedule, Weights};
use fedproof_witness::{execute, execute_with, Dataset, Hook, Trace};
use proptest::prelude::*;

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

pub struct Case {
    pub program: Program,
    pub layout: Layout,
    pub weights: Weights,
    pub dataset: Dataset,
    pub schedule: Schedule,
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
        for row in targets.chunks_exact_mut(outputs) {
            match program.loss {
                Loss::Squared => row.iter_mut().for_each(|y| *y = random.between(min, max)),
                Loss::Sigmoid if outputs == 1 => row[0] = ((random.next() % 2) as i64) << program.delta_bits,
                Loss::Sigmoid => row[random.next() as usize % outputs] = 1 << program.delta_bits,
            }
        }
        let honest = Dataset::new(&program, &layout, &features, &targets).unwrap();
        let mut cells = honest.cells().to_vec();
        for record in cells.chunks_exact_mut(1 << layout.record.bits).take(records) {
            record[layout.record.valid] = i64::from(random.next() % 5 != 0);
        }
        let dataset = Dataset::from_cells(&layout, cells);
        let bound = (1i64 << weight_bits) - 1;
        let size = |i: usize| (program.dims[i] + 1) * program.dims[i + 1];
        let weights = (0..program.layers()).map(|i| (0..size(i)).map(|_| random.between(-bound, bound)).collect()).collect();
        let mut bytes = [0; 32];
        bytes.iter_mut().for_each(|b| *b = random.next() as u8);
        let schedule = Schedule::from_seed(&program, &bytes);
        Self { program, layout, weights, dataset, schedule }
    }

    pub fn execute(&self) -> Trace {
        execute(&self.program, &self.layout, &self.weights, &self.dataset, &self.schedule).unwrap()
    }

    pub fn execute_with(&self, hook: &Hook) -> Trace {
        execute_with(&self.program, &self.layout, &self.weights, &self.dataset, &self.schedule, hook).unwrap()
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
    Program {
        loss,
        dims: dims.to_vec(),
        activations,
        steps: 4,
        batch: 4,
        blocks: 4,
        bits: 8,
        weight_bits: 20,
        activation_bits: 4,
        delta_bits: 6,
        rate: 1 << 8,
        bound_bits: 22,
        openings: 1,
        group: 4,
    }
    .validated()
    .unwrap()
}

fn any_program() -> impl Strategy<Value = (Program, u32)> {
    let shape = (1usize..=3).prop_flat_map(|layers| {
        let kind = prop_oneof![Just(Activation::Relu), Just(Activation::Identity)];
        (prop::collection::vec(1usize..=5, layers + 1), prop::collection::vec(kind, layers - 1))
    });
    let sizes = (1usize..=6, 0u32..=2, 0u32..=2);
    let bits = (4u32..=9, 0u32..=20, 1u32..=8, 0u32..=8, 0u32..=8);
    let rest = (any::<bool>(), 1u64..=1 << 12, 0u32..=6, 2usize..=6);
    (shape, sizes, bits, rest).prop_filter_map("illegal", |((dims, activations), (steps, batch, blocks), b, rest)| {
        let (bits, more, activation_bits, finer, wider) = b;
        let (sigmoid, rate, below, group) = rest;
        let program = Program {
            loss: if sigmoid { Loss::Sigmoid } else { Loss::Squared },
            dims,
            activations,
            steps,
            batch: 1 << batch,
            blocks: 1 << blocks,
            bits,
            weight_bits: bits + more,
            activation_bits,
            delta_bits: activation_bits + finer,
            rate,
            bound_bits: bits + more + wider,
            openings: 1,
            group,
        };
        // from weights of fractions of one up to the bound, at which nearly everything saturates
        let weight_bits = program.bound_bits - below;
        Some((program.validated().ok()?, weight_bits))
    })
}

pub fn any_case() -> impl Strategy<Value = Case> {
    (any_program(), any::<u64>()).prop_map(|((program, bits), seed)| Case::new(program, bits, seed))
}
