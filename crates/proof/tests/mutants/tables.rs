//! Provers whose lookup tables are not those of the key.

use crate::cheats::Cheat;
use crate::common::Instance;
use fedproof_program::{Columns, Direction, Region, Segment, SegmentKind};
use fedproof_witness::Quantity;

/// Where a segment's values stand in the trace: quantity and pass, by column (a, s).
fn place(segment: &Segment, derivatives: bool) -> (Quantity, Direction) {
    match (segment.kind, derivatives) {
        (SegmentKind::Exponential, _) => (Quantity::Exponential, Direction::Exponential),
        (SegmentKind::Clamp, _) => (Quantity::Clamped, Direction::Difference),
        (_, true) => (Quantity::Derivative, Direction::Forward),
        (_, false) => (Quantity::Activation, Direction::Forward),
    }
}

/// Regions that look a segment up.
fn readers(base: &Instance, segment: &Segment, direction: Direction) -> Vec<Region> {
    let program = base.key.program();
    let reads = |region: &&Region| {
        region.direction == direction
            && match segment.kind {
                SegmentKind::Hidden(kind) => program.activations.get(region.layer - 1) == Some(&kind),
                _ => region.layer == program.layers(),
            }
    };
    base.key.layout().regions.iter().filter(reads).copied().collect()
}

/// Trains with one value of a table one larger, wherever it stands.
fn off_by_one(base: &Instance, segment: &Segment, derivatives: bool) -> Cheat {
    let (program, layout) = (base.key.program(), base.key.layout());
    let half = -program.min_value();
    let (quantity, direction) = place(segment, derivatives);
    let regions = readers(base, segment, direction);
    let table = layout.key_tables.iter().position(|t| t.lane == segment.lane && t.derivatives == derivatives).expect("table");
    let honest = base.key.tables()[table][segment.offset..segment.offset + (1 << segment.bits)].to_vec();
    let column = if derivatives { layout.columns.s() } else { layout.columns.a() };
    let changed = base.trace.columns[column][base.row(regions[0].layer, direction, 1, 0, 0)];
    let mut instance = base.clone();
    instance.execute(&|q, layer, _, cells| {
        if q == quantity && regions.iter().any(|r| r.layer == layer) {
            cells.iter_mut().filter(|v| **v == changed).for_each(|v| *v += 1);
        }
    });
    // Multiplicities are counted with the true table: add those of the changed entries.
    for region in &regions {
        for row in region.offset..region.offset + (1 << region.bits) {
            let index = (instance.trace.columns[Columns::Q][row] + half) as usize;
            if honest[index] == changed {
                instance.trace.columns[layout.columns.multiplicity(segment.lane)][segment.offset + index] += 1;
            }
        }
    }
    let mut tables = base.key.tables().to_vec();
    let cells = tables[table].iter_mut().skip(segment.offset).take(honest.len());
    cells.filter(|v| **v == changed).for_each(|v| *v += 1);
    instance.key = instance.key.with_tables(tables);
    Cheat::new(format!("another table {:?}, derivatives {derivatives}", segment.kind), &["R-TAB"], instance)
}

/// All tables wrong by one value, and any two in each other's place.
pub fn other_tables(base: &Instance) -> Vec<Cheat> {
    let mut out = Vec::new();
    for segment in base.key.layout().segments.iter().filter(|s| s.is_committed()) {
        out.push(off_by_one(base, segment, false));
        if matches!(segment.kind, SegmentKind::Hidden(_)) {
            out.push(off_by_one(base, segment, true));
        }
    }
    let tables = base.key.tables();
    for (i, j) in (0..tables.len()).flat_map(|j| (0..j).map(move |i| (i, j))) {
        let mut swapped = tables.to_vec();
        swapped.swap(i, j);
        let mut instance = base.clone();
        instance.key = instance.key.with_tables(swapped);
        out.push(Cheat::new(format!("key tables {i} and {j} swapped"), &[], instance));
    }
    out
}
