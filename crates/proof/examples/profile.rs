//! Profile of one training proof on random data:
//!
//! `cargo run --release -p fedproof-proof --example profile -- 784-128-10 --steps 16 --batch 64 --group 4 --limb-bits 16 --vector-bits 16`

use ark_bn254::Fr;
use ark_ff::UniformRand;
use fedproof_kzg::{Commit, Setup};
use fedproof_program::{init_weights, Activation, Cost, Kernel, Layout, Loss, Prefer, Program, Schedule};
use fedproof_proof::{prove_training, verify_training, Cancelled, Key, Progress, TrainingStatement, TrainingWitness};
use fedproof_witness::{execute, weight_table, Dataset};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::time::Instant;

fn option(name: &str, default: usize) -> usize {
    let arguments: Vec<String> = std::env::args().collect();
    let value = arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1));
    value.map_or(default, |v| v.parse().expect("a number"))
}

fn resident(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line =
        status.lines().find(|l| l.starts_with(field)).and_then(|l| l.split_whitespace().nth(1)).and_then(|v| v.parse().ok());
    line.unwrap_or(0.0) / 1e6
}

/// Processor seconds of this process: what else runs on the machine does not change them much.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: Vec<f64> = stat.rsplit(')').next().unwrap_or("").split_whitespace().filter_map(|v| v.parse().ok()).collect();
    // After the name: state (no number), then fields 4..; user and system time are fields 14 and 15, in hundredths.
    ticks.get(10).copied().unwrap_or(0.0) / 100.0 + ticks.get(11).copied().unwrap_or(0.0) / 100.0
}

struct Phases {
    last: Instant,
    spent: f64,
    name: &'static str,
}

impl Phases {
    fn print(&mut self) {
        if !self.name.is_empty() {
            let (wall, spent) = (self.last.elapsed().as_secs_f64(), processor() - self.spent);
            println!("{:<20} {wall:>7.3} s  {spent:>7.2} core s  {:>6.2} GB now", self.name, resident("VmRSS:"));
        }
        (self.last, self.spent) = (Instant::now(), processor());
    }
}

impl Progress for Phases {
    fn phase(&mut self, name: &'static str, _done: f32) -> Result<(), Cancelled> {
        self.print();
        self.name = name;
        Ok(())
    }
}

fn main() {
    let dims: Vec<usize> = std::env::args().nth(1).expect("dims").split('-').map(|d| d.parse().expect("dims")).collect();
    let (steps, batch) = (option("--steps", 4), option("--batch", 32));
    let loss = if dims[dims.len() - 1] == 1 { Loss::Sigmoid } else { Loss::Softmax };
    let program = Program {
        loss,
        one_hot: loss == Loss::Softmax,
        activations: vec![Activation::Relu; dims.len() - 2],
        dims,
        steps,
        batch,
        blocks: option("--blocks", steps.next_power_of_two()),
        bits: 12,
        limb_bits: option("--limb-bits", 0) as u32,
        weight_bits: 36,
        activation_bits: 7,
        delta_bits: 10,
        bound_bits: 40,
        openings: 4,
        group: option("--group", 0),
        vector_bits: option("--vector-bits", 0),
        huber: 0,
        loss_weights: Vec::new(),
        kernel: Kernel::Plain(1 << 12),
    };
    let prefer = [Prefer::Time, Prefer::Gas, Prefer::Size][option("--prefer", 0)];
    let program = program.choose(prefer).expect("legal");
    let layout = Layout::of(&program);
    let parameters: usize = (1..program.dims.len()).map(|i| (program.dims[i - 1] + 1) * program.dims[i]).sum();
    println!(
        "{parameters} parameters, {} of 2^{} rows, vectors of 2^{}: {} a column, {} data, {} weights; {} columns, {} helpers, {} lanes; {} bytes",
        layout.trace_rows,
        layout.c,
        layout.vector_bits,
        layout.columns.vectors,
        layout.data_vectors,
        layout.weight_vectors,
        layout.columns.count(),
        layout.columns.helpers,
        layout.columns.lanes,
        11 + layout.proof_bytes(),
    );
    println!(
        "limbs of {}, groups of {}: {:?}, {:.2} s",
        program.limb_bits,
        program.group,
        Cost::of(&program, &layout),
        Cost::of(&program, &layout).core_seconds()
    );
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let start = Instant::now();
    let setup = Setup::development(layout.setup_powers());
    let key = Key::new(program.clone(), &setup);
    println!("setup and key {:.2} s", start.elapsed().as_secs_f64());
    let weights = init_weights(&program, &[1; 32]);
    let records = program.records();
    let features: Vec<i64> = (0..records * program.dims[0]).map(|_| rng.gen_range(-200..200)).collect();
    let outputs = program.outputs();
    let targets: Vec<i64> = (0..records)
        .flat_map(|_| {
            let class = rng.gen_range(0..outputs.max(2));
            (0..outputs).map(move |j| if j + usize::from(outputs == 1) == class { 1 << 10 } else { 0 })
        })
        .collect();
    let dataset = Dataset::new(&program, &layout, &features, &targets).expect("dataset");
    let dataset_blinds: Vec<Fr> = (0..dataset.vectors()).map(|_| Fr::rand(&mut rng)).collect();
    let n = layout.n();
    let start = Instant::now();
    let commitments = (0..dataset.vectors()).map(|v| setup.commit_small(dataset.vector(v), n, &dataset_blinds[v..=v])).collect();
    let table = weight_table(&program, &layout, &weights);
    let committed = table.chunks_exact(n).map(|v| setup.commit_small(v, n, &[])).collect();
    drop(table);
    println!("commitments of data and W_0 {:.2} s", start.elapsed().as_secs_f64());
    let schedule = Schedule::from_seed(&program, &[7; 32]);
    let statement = TrainingStatement {
        chain_id: [0; 32],
        hub: [1; 32],
        submitter: [2; 32],
        task: [3; 32],
        round: [4; 32],
        weights: committed,
        dataset_id: [5; 32],
        dataset: commitments,
        schedule: schedule.clone(),
        count: (program.steps * program.batch) as u64,
    };
    let (total, before) = (Instant::now(), processor());
    let mut phases = Phases { last: Instant::now(), spent: processor(), name: "execute" };
    let trace = execute(&program, &layout, &weights, &dataset, &schedule).expect("execution");
    let witness = TrainingWitness { weights: &weights, dataset: &dataset, dataset_blinds: &dataset_blinds, trace: &trace };
    let (file, _) = prove_training(&key, &setup, &statement, witness, &mut rng, &mut phases).expect("not cancelled");
    let (wall, spent) = (total.elapsed().as_secs_f64(), processor() - before);
    println!("proved in {wall:.2} s, {spent:.2} core s, peak {:.2} GB, {} bytes", resident("VmHWM:"), file.len());
    let start = Instant::now();
    verify_training(&key, &setup, &statement, &file).expect("accepted");
    println!("verified in {:.2} ms", 1e3 * start.elapsed().as_secs_f64());
}
