//! What a program costs to prove and to verify, counted from its layout. `Program::choose` decides by it, so its constants are part of
//! the format: who changes them changes the programs of tasks that leave the choice open (measured: docs/decisions.md).

use crate::{Kernel, Layout, Program, Stage, Unit};

/// Work and size of one training proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Points multiplied by full scalars: helpers and the opening.
    pub full_points: u64,
    /// Points added for small scalars, one per window of 13 bits: columns and the update.
    pub small_points: u64,
    /// Field products of S2, about.
    pub row_products: u64,
    /// Field products of S3 and of combining vectors, about.
    pub cell_products: u64,
    /// Bytes of the proof file.
    pub bytes: u64,
    /// Bytes that the prover holds at its peak, about.
    pub memory: u64,
    /// Gas to verify on an EVM chain, calldata included, about.
    pub gas: u64,
}

/// Nanoseconds of one core for a full point, a small point, a product of rows, a product of cells, with everything that goes with them
/// (`python -m benches.calibrate`; AVX-512).
const NANOSECONDS: [f64; 4] = [1540.0, 239.0, 8.92, 41.4];

/// What is left of a proof's time when nothing is large, in seconds of one core.
const FIXED_SECONDS: f64 = 0.035;

/// Window of small scalars.
const WINDOW: u32 = 13;

impl Cost {
    /// Counts a legal program.
    pub fn of(p: &Program, layout: &Layout) -> Self {
        let (rows, n) = (layout.trace_rows as u64, layout.n() as u64);
        let columns = &layout.columns;
        let windows = |bits: u32| u64::from((bits + 1).div_ceil(WINDOW));
        let looked_up = layout.helpers.iter().filter(|h| h.iter().any(|u| !matches!(u, Unit::Lane(_)))).count() as u64;
        let full_points = looked_up * rows + (columns.helpers as u64 - looked_up) * n + 3 * n;
        let limbs: u64 = columns.limb_bits.iter().map(|&b| windows(b)).sum();
        let parameters: u64 = (1..p.dims.len()).map(|i| (p.dims[i - 1] as u64 + 1) * p.dims[i] as u64).sum();
        let small_points = rows * (3 * windows(p.bits) + limbs)
            + parameters * windows(p.bound_bits + p.kernel.fraction_bits())
            + columns.lanes as u64 * n;
        let inner = layout.masks.degrees(Stage::S2).first().copied().unwrap_or(0) as u64;
        let units: u64 = layout.helpers.iter().flatten().map(|u| 3 * u.weight() as u64 + 1).sum();
        let row_products = rows * (inner + 1) * (units + 8) + rows * 2 * (columns.count() as u64 + 10) + rows * units;
        let tables = (columns.count() * columns.vectors + layout.data_vectors + 2 * layout.weight_vectors) as u64;
        let cell_products = 2 * tables * n / 3 + 40 * n;
        let (points, scalars) = (layout.proof_points() as u64, layout.proof_scalars() as u64);
        Self {
            full_points,
            small_points,
            row_products,
            cell_products,
            bytes: 11 + layout.proof_bytes() as u64,
            memory: 32 * ((1u64 << layout.c) * (columns.count() as u64 + 14) + 24 * n) + 24 * tables * n,
            gas: gas(
                p,
                layout,
                points + (2 * layout.weight_vectors + layout.data_vectors + layout.key_tables.len()) as u64,
                scalars,
            ),
        }
    }

    /// Proving time on one core, about; it divides by the number of cores.
    pub fn core_seconds(&self) -> f64 {
        let work = [self.full_points, self.small_points, self.row_products, self.cell_products];
        let spent: f64 = work.iter().zip(NANOSECONDS).map(|(&count, each)| count as f64 * each).sum();
        FIXED_SECONDS + spent * 1e-9
    }
}

/// Gas of the Solidity verifier (`contracts/`), fitted to 154 measured programs: networks within 2 %, with columns of several vectors 4 %,
/// tiny programs of any kind 12 %. Sum of commitments, pairing, scalars, relations; then calldata at 16 gas a byte, or the floor of 40 a
/// byte (EIP-7623) if that is more.
fn gas(p: &Program, layout: &Layout, points: u64, scalars: u64) -> u64 {
    let rows = layout.vector_bits;
    let parts: u64 = layout.regions.iter().map(|r| 1u64 << r.bits.saturating_sub(rows)).sum();
    let kernel = if matches!(p.kernel, Kernel::Plain(_)) { 0 } else { 5_000 + 900 * p.steps as u64 };
    let execution = 122_000
        + 7_050 * points
        + 290 * scalars
        + 31_800 * p.layers() as u64
        + 6_200 * parts
        + 7_450 * layout.c as u64
        + kernel
        + 650 * p.loss_weights.len() as u64;
    let bytes = layout.proof_bytes() as u64 + 64 * (layout.weight_vectors + layout.data_vectors) as u64 + 700;
    21_000 + (execution + 16 * bytes).max(40 * bytes)
}

/// What to make small when the proof's shape is left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// Proving time.
    Time,
    /// Gas of verifying on a chain.
    Gas,
    /// Bytes of the proof.
    Size,
}

impl Prefer {
    /// By its name in task files.
    pub fn from_name(name: &str) -> Option<Self> {
        [("time", Self::Time), ("gas", Self::Gas), ("size", Self::Size)].into_iter().find(|(n, _)| *n == name).map(|(_, p)| p)
    }

    fn weigh(self, cost: &Cost) -> f64 {
        let (seconds, bytes, gas) = (cost.core_seconds(), cost.bytes as f64, cost.gas as f64);
        match self {
            // Shorter among almost equal ones; beyond 8.5 KB every kilobyte must save 0.6 s of one core.
            Self::Time => seconds * (1.0 + 0.3 * bytes / 8_500.0) + 0.6e-3 * (bytes - 8_500.0).max(0.0),
            // Among almost equal ones the fastest.
            Self::Gas => gas + 5_000.0 * seconds,
            Self::Size => bytes + 50.0 * seconds,
        }
    }
}

const GROUPS: std::ops::RangeInclusive<usize> = 2..=10;
const LIMBS: std::ops::RangeInclusive<u32> = 8..=18;

impl Program {
    /// The best shape of the proof: `limb_bits`, `group` and `vector_bits` that are 0 are chosen here, the others stay.
    ///
    /// # Errors
    /// Whatever is wrong with the program in any shape.
    pub fn choose(self, prefer: Prefer) -> Result<Self, crate::ProgramError> {
        let limbs: Vec<u32> =
            if self.limb_bits > 0 { vec![self.limb_bits] } else { LIMBS.filter(|&b| b >= self.bits.min(12)).collect() };
        let groups: Vec<usize> = if self.group > 0 { vec![self.group] } else { GROUPS.collect() };
        let mut best: Option<(f64, Self)> = None;
        let mut wrong = None;
        for &limb_bits in &limbs {
            for &group in &groups {
                let open = Self { limb_bits, group, ..self.clone() };
                let shortest = if self.vector_bits > 0 { open.validated() } else { open.with_shortest_vectors() };
                let shortest = match shortest {
                    Ok(program) => program,
                    Err(error) => {
                        wrong.get_or_insert(error);
                        continue;
                    }
                };
                let rows = crate::log2_ceil(Layout::of(&shortest).trace_rows).max(shortest.vector_bits);
                let lengths =
                    if self.vector_bits > 0 { shortest.vector_bits..=shortest.vector_bits } else { shortest.vector_bits..=rows };
                for vector_bits in lengths {
                    let Ok(program) = (Self { vector_bits, ..shortest.clone() }).validated() else { continue };
                    let score = prefer.weigh(&Cost::of(&program, &Layout::of(&program)));
                    if best.as_ref().is_none_or(|(least, _)| score < *least) {
                        best = Some((score, program));
                    }
                }
            }
        }
        best.map(|(_, program)| program).ok_or_else(|| wrong.unwrap_or(crate::ProgramError::Encoding("no shape fits")))
    }
}
