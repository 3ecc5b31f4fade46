//! What no weight function and no selector reaches may be anything.

use crate::cheats::programs;
use crate::common::record::{honest, Shared};
use crate::common::Instance;
use fedproof_program::{Columns, Direction, Loss};
use fedproof_witness::{count_multiplicities, Quantity};

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

/// Limbs, a and s of passes that have no use for them.
fn unused_columns(base: &Instance) -> Instance {
    use Direction::{Backward, Derivative, Difference, Exponential, Forward, Quotient};
    let (program, layout) = (base.key.program(), base.key.layout());
    let (columns, last) = (&layout.columns, program.layers());
    let distance = columns.excess_limb(0);
    let (a, s, r) = (columns.a(), columns.s(), columns.remainder(0));
    let mut out = base.clone();
    for region in &layout.regions {
        let smooth = program.has_derivative_region(region.layer);
        let limbs = [(r, 5), (distance, 3)];
        let cells: Vec<(usize, i64)> = match region.direction {
            Backward if smooth => vec![(a, 71), (s, -9), (distance, 7)],
            Forward if region.layer == last && smooth => vec![(s, 1234), (distance, 1)],
            Forward if region.layer == last && program.loss == Loss::Squared => vec![(a, -5)],
            Exponential => limbs.to_vec(),
            Difference => vec![(s, 99), limbs[0]],
            Forward | Backward | Derivative | Quotient => Vec::new(),
        };
        for row in region.offset..region.offset + (1 << region.bits) {
            // The distance is free where nothing saturates.
            let settled = out.trace.columns[Columns::SIGN][row] == 0;
            let kept = cells.iter().filter(|(column, _)| settled || *column != distance);
            kept.for_each(|&(column, value)| out.trace.columns[column][row] = value);
        }
    }
    count_multiplicities(program, layout, &mut out.trace.columns);
    assert_eq!(out.trace.update, base.trace.update);
    out
}

/// Other exponents and marks on padded units.
fn padded_classes(base: &Instance) -> Option<Instance> {
    let (program, layout) = (base.key.program(), base.key.layout());
    let (width, used) = (1 << layout.unit_bits[program.layers()], program.outputs());
    let mut out = base.clone();
    out.execute(&|quantity, _, step, cells| {
        let padded = cells.chunks_exact_mut(width).flat_map(|record| record.iter_mut().skip(used));
        match quantity {
            Quantity::Exponent if step == 0 => padded.for_each(|e| *e = 6),
            Quantity::Mark if step > 0 => padded.for_each(|m| *m = 1),
            _ => {}
        }
    });
    assert_eq!(out.trace.update, base.trace.update, "padded units train");
    (out.trace != base.trace).then_some(out)
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

    out.push(("columns where their region does not use them", unused_columns(base)));
    if program.loss == Loss::Softmax {
        out.extend(padded_classes(base).map(|instance| ("padded units of a softmax", instance)));
    }

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
