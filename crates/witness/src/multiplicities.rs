//! How often every table row is looked up.

use fedproof_program::{
    sigmoid_table, Activation, Columns, Direction, Layout, Loss, Program, Region, Segment, SegmentKind, Unit,
};
use rayon::prelude::*;

/// Fills the multiplicity columns from the other columns: one count on the table row of every tuple that a lookup unit has on a region
/// row. Tuples that are in no table (only a cheating prover has them) are skipped.
pub fn count_multiplicities(program: &Program, layout: &Layout, columns: &mut [Vec<i64>]) {
    let others: &[Vec<i64>] = columns;
    let jobs: Vec<(&Unit, &Region)> =
        layout.helpers.iter().flatten().flat_map(|u| layout.regions.iter().map(move |r| (u, r))).collect();
    let sigmoid = if program.loss == Loss::Sigmoid {
        sigmoid_table(program.bits, program.activation_bits, program.delta_bits)
    } else {
        Vec::new()
    };
    let counted: Vec<(&Segment, Vec<i64>)> = jobs
        .into_par_iter()
        .filter_map(|(unit, region)| {
            let (segment, index) = lookup(program, layout, &sigmoid, others, *unit, region)?;
            let mut counts = vec![0i64; 1 << segment.bits];
            for row in region.offset..region.offset + (1 << region.bits) {
                if let Some(n) = index(row).and_then(|i| counts.get_mut(usize::try_from(i).ok()?)) {
                    *n += 1;
                }
            }
            Some((segment, counts))
        })
        .collect();
    for p in 0..layout.columns.lanes {
        columns[layout.columns.multiplicity(p)].fill(0);
    }
    for (segment, counts) in counted {
        let lane = &mut columns[layout.columns.multiplicity(segment.lane)];
        lane.iter_mut().skip(segment.offset).zip(counts).for_each(|(mu, n)| *mu += n);
    }
}

type Index<'a> = Box<dyn Fn(usize) -> Option<i64> + 'a>;

/// The segment that a unit reads on a region, and the segment's row for every region row; None for units that are no lookups.
fn lookup<'a: 'c, 'c>(
    program: &'a Program,
    layout: &'a Layout,
    sigmoid: &'a [i64],
    columns: &'c [Vec<i64>],
    unit: Unit,
    region: &Region,
) -> Option<(&'a Segment, Index<'c>)> {
    let half = -program.min_value();
    let find = |kind: SegmentKind, tag: u64| layout.segments.iter().find(|s| s.kind == kind && s.tag == tag);
    let of_kind = |kind: SegmentKind| layout.segments.iter().find(|s| s.kind == kind);
    match unit {
        Unit::Limb { column, tag } => Some((find(SegmentKind::Range, tag)?, Box::new(move |row| Some(columns[column][row])))),
        Unit::Activation => {
            let q = move |row: usize| columns[Columns::Q][row];
            let a = move |row: usize| columns[layout.columns.a()][row];
            let s = move |row: usize| columns[layout.columns.s()][row];
            let shifted = move |row| q(row).wrapping_add(half);
            let forward = region.direction == Direction::Forward;
            match program.activations.get(region.layer - 1) {
                Some(&kind) if forward => {
                    let holds = move |row| Activation::apply(kind, q(row)) == (a(row), s(row));
                    Some((of_kind(SegmentKind::Hidden(kind))?, Box::new(move |row| holds(row).then(|| shifted(row)))))
                }
                None if program.loss == Loss::Sigmoid => {
                    let value = move |row| sigmoid.get(usize::try_from(shifted(row)).ok()?).copied();
                    let holds = move |row| value(row) == Some(a(row));
                    Some((of_kind(SegmentKind::Sigmoid)?, Box::new(move |row| holds(row).then(|| shifted(row)))))
                }
                _ => Some((find(SegmentKind::Range, program.bits.into())?, Box::new(move |row| Some(shifted(row))))),
            }
        }
        Unit::Signed { .. } | Unit::Lane(_) => None,
    }
}
