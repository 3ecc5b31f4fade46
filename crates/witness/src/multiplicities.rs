//! How often every table row is looked up.

use crate::tables::{Table, Tables};
use fedproof_program::{Columns, Direction, Layout, Program, Region, Segment, SegmentKind, Unit};
use rayon::prelude::*;

/// Fills the multiplicity columns from the other columns: one count on the table row of every tuple that a lookup unit has on a region
/// row. Tuples that are in no table (only a cheating prover has them) are skipped.
pub fn count_multiplicities(program: &Program, layout: &Layout, columns: &mut [Vec<i64>]) {
    count_with(&Tables::of(program, layout), program, layout, columns);
}

/// As [`count_multiplicities`], with tables at hand.
pub(crate) fn count_with(tables: &Tables, program: &Program, layout: &Layout, columns: &mut [Vec<i64>]) {
    let others: &[Vec<i64>] = columns;
    let jobs: Vec<(&Unit, &Region)> =
        layout.helpers.iter().flatten().flat_map(|u| layout.regions.iter().map(move |r| (u, r))).collect();
    let counted: Vec<(&Segment, Vec<i64>)> = jobs
        .into_par_iter()
        .filter_map(|(unit, region)| {
            let rows = region.offset..region.offset + (1 << region.bits);
            match *unit {
                Unit::Limb { column, tag } => {
                    let segment = range(layout, tag)?;
                    Some((segment, count(segment, others[column][rows].iter().map(|&v| Some(v)))))
                }
                Unit::Activation => {
                    let segment = activation_segment(program, layout, region)?;
                    let table = tables.get(segment.kind);
                    Some((segment, count_tuples(program, layout, segment, table, others, rows)))
                }
                Unit::Signed { .. } | Unit::Lane(_) => None,
            }
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

fn range(layout: &Layout, tag: u64) -> Option<&Segment> {
    layout.segments.iter().find(|s| s.kind == SegmentKind::Range && s.tag == tag)
}

/// The segment in which a region's (q, a, s) is looked up.
fn activation_segment<'a>(program: &Program, layout: &'a Layout, region: &Region) -> Option<&'a Segment> {
    let kind = match region.direction {
        Direction::Forward => match program.activations.get(region.layer - 1) {
            Some(&kind) => Some(SegmentKind::Hidden(kind)),
            None => Some(SegmentKind::Sigmoid),
        },
        Direction::Exponential => Some(SegmentKind::Exponential),
        Direction::Difference => Some(SegmentKind::Clamp),
        Direction::Backward | Direction::Derivative | Direction::Quotient => None,
    };
    let special = kind.and_then(|kind| layout.segments.iter().find(|s| s.kind == kind));
    special.or_else(|| range(layout, program.bits.into()))
}

fn count_tuples(
    program: &Program,
    layout: &Layout,
    segment: &Segment,
    table: Table<'_>,
    columns: &[Vec<i64>],
    rows: std::ops::Range<usize>,
) -> Vec<i64> {
    let half = -program.min_value();
    let cells = |column: usize| columns[column][rows.clone()].iter();
    let q = cells(Columns::Q);
    if segment.kind == SegmentKind::Range {
        return count(segment, q.map(|q| Some(q.wrapping_add(half))));
    }
    let tuples = q.zip(cells(layout.columns.a())).zip(cells(layout.columns.s()));
    count(segment, tuples.map(|((&q, &a), &s)| table.holds(q, a, s).then(|| q.wrapping_add(half))))
}

/// How often every row of a segment is read.
fn count(segment: &Segment, rows: impl Iterator<Item = Option<i64>>) -> Vec<i64> {
    let mut counts = vec![0; 1 << segment.bits];
    for row in rows {
        if let Some(n) = row.and_then(|i| counts.get_mut(usize::try_from(i).ok()?)) {
            *n += 1;
        }
    }
    counts
}
