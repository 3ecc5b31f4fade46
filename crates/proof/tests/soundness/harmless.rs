//! What no weight function and no selector reaches may be anything.

use crate::cheats::programs;
use crate::common::record::{honest, Shared};
use crate::common::Instance;
use fedproof_program::Columns;

#[test]
fn harmless_garbage_is_accepted() {
    for (name, program) in programs() {
        for (what, mut instance) in harmless(&Instance::quick(program.clone(), 3)) {
            let file = instance.prove_recorded(&Shared::default(), honest);
            assert_eq!(instance.verify(&file), Ok(()), "{name}: {what}");
            let statement = instance.registration();
            let file = instance.register_recorded(&statement, &Shared::default(), honest);
            assert_eq!(instance.verify_registered(&statement, &file), Ok(()), "{name}: registration, {what}");
        }
    }
}

/// Garbage that no weight function and no selector reaches, with the trace that follows from it: accepted.
fn harmless(base: &Instance) -> Vec<(&'static str, Instance)> {
    let (program, layout) = (base.key.program().clone(), base.key.layout().clone());
    let mut out = Vec::new();

    let mut rows = base.clone();
    let free: Vec<usize> = (Columns::EXCESS + 1..layout.columns.multiplicity(0)).chain([Columns::Q]).collect();
    for column in free {
        for row in layout.trace_rows..rows.trace.columns[column].len() {
            rows.trace.columns[column][row] = 12345 + (row * column) as i64;
        }
    }
    out.push(("rows outside the regions", rows));

    let mut lanes = base.clone();
    for lane in 0..layout.columns.lanes {
        let used =
            |row: &usize| layout.segments.iter().any(|s| s.lane == lane && (s.offset..s.offset + (1 << s.bits)).contains(row));
        for row in (0..layout.n()).filter(|row| !used(row)) {
            lanes.trace.columns[layout.columns.multiplicity(lane)][row] = -7 - row as i64;
        }
    }
    out.push(("multiplicities outside the segments", lanes));

    let targets = layout.record.targets..layout.record.targets + program.outputs();
    let padding = |slot: usize| slot >= program.dims[0] && !targets.contains(&slot) && slot != layout.record.valid;
    let cells = base.clone().with_cells(|cells| {
        for (at, cell) in cells.iter_mut().enumerate() {
            if at >> layout.data_bits() > 0 || padding(at & ((1 << layout.record.bits) - 1)) {
                *cell = 1 + (at % 50) as i64;
            }
        }
    });
    assert_eq!(cells.trace.update, base.trace.update, "padding of the dataset changes the training");
    out.push(("padding of the dataset", cells));
    out
}
