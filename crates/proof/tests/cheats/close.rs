//! Rounds whose next model is not the clipped mean.

use super::LOOKUP;
use crate::common::close::{scale, Round};
use crate::common::momentum;
use crate::common::record::Shared;
use crate::common::scene::{small, small_with};
use fedproof_program::{CloseLayout, Kernel, Layout, Loss, Program};

/// A false close.
pub struct FalseClose {
    pub name: String,
    /// As in [`super::Cheat`].
    pub stopped_by: Vec<String>,
    pub round: Round,
    /// What its prover draws.
    pub log: Shared,
}

/// A row constraint: it and the closing of S2.
fn constraint(name: &'static str) -> [&'static str; 2] {
    [name, "R-S2"]
}

impl FalseClose {
    pub fn new(name: impl Into<String>, stopped_by: &[&str], round: Round) -> Self {
        Self { name: name.into(), stopped_by: stopped_by.iter().map(|s| s.to_string()).collect(), round, log: Shared::default() }
    }
}

/// Programs of the false closes, with their number of updates: padding everywhere; several vectors, one missing; fractional bits of a
/// kernel; one layer without padded units.
pub fn close_programs() -> Vec<(Program, u64)> {
    let several = Program { vector_bits: 8, group: 5, ..small(Loss::Sigmoid, &[20, 12, 3]) }.validated().expect("legal program");
    assert_eq!(Layout::of(&several).weight_vectors, 3, "one vector of four is missing");
    let kernel = small_with(Loss::Huber, &[4, 3], |p| (p.steps, p.kernel) = (3, momentum(3, 5)));
    assert!(matches!(kernel.kernel, Kernel::Explicit { fraction_bits: 5, .. }));
    vec![(small(Loss::Sigmoid, &[5, 3, 3]), 3), (several, 10), (kernel, 6), (small(Loss::Squared, &[6, 1]), 2)]
}

/// What a row says about one cell.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub sum: i64,
    pub next: i64,
    pub sign: i64,
    pub remainder: i64,
    pub complement: i64,
    pub room: i64,
    pub distance: i64,
}

impl Row {
    /// The truth about a quotient and a remainder.
    pub fn of(quotient: i64, remainder: i64, m: i64, most: i64) -> Self {
        let next = quotient.clamp(-most, most);
        let sign = (quotient - next).signum();
        let distance = if sign == 0 { next + most } else { quotient.abs() - most - 1 };
        let sum = quotient * m + remainder - m / 2;
        Self { sum, next, sign, remainder, complement: m - 1 - remainder, room: most - next, distance }
    }

    /// Another next model, everything beside the division fitting it.
    fn claiming(self, next: i64, most: i64) -> Self {
        Self { next, sign: 0, room: most - next, distance: next + most, ..self }
    }

    /// Writes the row; what does not fit the limbs spoils the top one.
    pub fn write(self, round: &mut Round, cell: usize) {
        let shape = round.shape();
        let mut limbs = |value: i64, first: usize, count: usize| {
            for k in 0..count {
                let rest = value >> (shape.limb_bits * k).min(63);
                let limb = if k + 1 < count { rest & ((1 << shape.limb_bits) - 1) } else { rest };
                round.trace.columns[first + k][cell] = limb;
            }
        };
        limbs(self.remainder, shape.remainder(0), shape.remainder_limbs);
        limbs(self.complement, shape.complement(0), shape.remainder_limbs);
        limbs(self.room, shape.room(0), shape.room_limbs);
        limbs(self.distance, shape.distance(0), shape.distance_limbs);
        let columns = &mut round.trace.columns;
        columns[CloseLayout::SUM][cell] = self.sum;
        columns[CloseLayout::NEXT][cell] = self.next;
        columns[CloseLayout::SIGN][cell] = self.sign;
        round.trace.count_limbs(&shape);
    }
}

/// The round with another row at `cell`, committed to as it is.
pub fn with_row(base: &Round, cell: usize, row: Row) -> Round {
    let mut round = base.clone();
    row.write(&mut round, cell);
    round.recommit();
    round
}

/// First and last cell that belongs to a layer.
pub fn inside(base: &Round) -> [usize; 2] {
    let (program, layout) = (base.key.program(), base.key.layout());
    let layers = layout.weights.iter().enumerate();
    let corner = |i: usize| layout.weights[i].offset + (program.dims[i] << layout.unit_bits[i + 1]) + program.dims[i + 1] - 1;
    let last = layers.max_by_key(|(_, region)| region.offset).map_or(0, |(i, _)| corner(i));
    [0, last]
}

/// A cell of every kind that belongs to no layer.
fn outside(base: &Round) -> Vec<(&'static str, usize)> {
    let (program, layout) = (base.key.program(), base.key.layout());
    let mut out = Vec::new();
    for (i, region) in layout.weights.iter().enumerate() {
        let (inputs, units, bits) = (program.dims[i], program.dims[i + 1], layout.unit_bits[i + 1]);
        if units < 1 << bits {
            out.push(("a padded unit", region.offset + units));
        }
        if inputs + 1 < 1 << layout.input_bits[i + 1] {
            out.push(("a padded input", region.offset + ((inputs + 1) << bits)));
        }
    }
    let end = layout.weights.iter().map(|region| region.offset + (1 << region.bits)).max().unwrap_or(0);
    if end < layout.weight_vectors * layout.n() {
        out.push(("no layer", end));
        out.push(("the last cell", layout.weight_vectors * layout.n() - 1));
    }
    out
}

/// All false closes of a round that need no lie but the witness.
pub fn closes(base: &Round) -> Vec<FalseClose> {
    let (m, most) = scale(base.key.program(), base.statement.count);
    let mut out: Vec<FalseClose> = inside(base).into_iter().flat_map(|cell| in_cell(base, cell, m, most)).collect();
    for (what, cell) in outside(base) {
        let row = Row::of(5, m / 2, m, most);
        out.push(FalseClose::new(format!("a weight in {what}"), &constraint("K7"), with_row(base, cell, row)));
    }
    let mut count = base.clone();
    count.statement.count += 1;
    out.push(FalseClose::new("an update more in the count", &["R-S2"], count));
    let mut sum = base.clone();
    sum.trace.columns[CloseLayout::SUM][0] += m;
    sum.recommit();
    sum.trace = base.trace.clone();
    out.push(FalseClose::new("another sum than that of the statement", &["R-COL"], sum));
    let mut next = base.clone();
    next.trace.columns[CloseLayout::NEXT][0] += 1;
    next.recommit();
    next.trace = base.trace.clone();
    // Both the revealed value of W' and v_zeta are then another's: no part alone lets it pass.
    out.push(FalseClose::new("another model than that of the statement", &[], next));
    out
}

fn in_cell(base: &Round, cell: usize, m: i64, most: i64) -> Vec<FalseClose> {
    let add = |name: &str, stopped_by: &[&str], row: Row| {
        FalseClose::new(format!("{name} in cell {cell}"), stopped_by, with_row(base, cell, row))
    };
    // The remainder of 7 m - h by m is `below`.
    let (rest, below) = (m / 3, m - m / 2);
    let truth = Row::of(7, rest, m, most);
    let (over, under) = (Row::of(most + 1, rest, m, most), Row::of(-most - 1, rest, m, most));
    let far = Row::of(most + 1000, rest, m, most);
    vec![
        add("a quotient off by one", &constraint("K2"), truth.claiming(8, most)),
        add(
            "a mean rounded down",
            &constraint("K2"),
            Row { remainder: below, complement: m - 1 - below, ..Row::of(7, 0, m, most).claiming(6, most) },
        ),
        add("a negative remainder", LOOKUP, Row { remainder: rest - m, complement: 2 * m - 1 - rest, ..truth.claiming(8, most) }),
        add("a remainder of m or more", LOOKUP, Row { remainder: rest + m, complement: -1 - rest, ..truth.claiming(6, most) }),
        add(
            "a remainder of m or more, not compared",
            &constraint("K3"),
            Row { remainder: rest + m, complement: 0, ..truth.claiming(6, most) },
        ),
        add("2^wb not clipped", LOOKUP, over.claiming(most + 1, most)),
        add("2^wb not clipped, not compared", &constraint("K4"), Row { room: 0, ..over.claiming(most + 1, most) }),
        add("-2^wb not clipped", LOOKUP, under.claiming(-most - 1, most)),
        add("-2^wb not clipped, not compared", &constraint("K5"), Row { distance: 0, ..under.claiming(-most - 1, most) }),
        add("clipped without need", &constraint("K6"), Row { sign: 1, distance: 0, ..truth.claiming(6, most) }),
        add("clipped from below without need", &constraint("K6"), Row { sign: -1, distance: 2, ..truth.claiming(10, most) }),
        add(
            "clipped to the wrong end",
            &constraint("K6"),
            Row { sign: 1, distance: 2 * most + 999, ..far.claiming(-most, most) },
        ),
        add(
            "clipped to the end without passing it",
            LOOKUP,
            Row { sign: 1, distance: -2, ..Row::of(most - 1, rest, m, most).claiming(most, most) },
        ),
        add("clipped short of the end", &constraint("K6"), Row { sign: 1, distance: 1000, ..far.claiming(most - 1, most) }),
    ]
}
