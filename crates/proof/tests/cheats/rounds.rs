//! The round as a whole: another model, other data, another schedule, fewer steps.

use super::{Cheat, C5};
use crate::common::Instance;
use fedproof_program::Loss;
use fedproof_witness::{execute, Quantity};

/// Trained on another dataset: the trace only, or the opened vectors too.
fn relabelled(base: &Instance) -> Vec<Cheat> {
    let layout = base.key.layout();
    let (targets, one) = (layout.record.targets, 1i64 << base.key.program().delta_bits);
    let block = base.schedule.block(1);
    let flip = |cells: &mut Vec<i64>| {
        let at = base.cell(block, 0, targets);
        cells[at] = one - cells[at];
    };
    let other = base.clone().with_cells(flip);
    let trace_only = Instance { trace: other.trace.clone(), ..base.clone() };
    let opened = Instance { statement: base.statement.clone(), ..other };
    let feature = base.clone().with_cells(|cells| cells[base.cell(block, 1, 0)] ^= 1);
    let features = Instance { trace: feature.trace, ..base.clone() };
    let target: &[&str] = match base.key.program().loss {
        Loss::Huber => &["R-LINK Difference"],
        _ if base.key.program().is_weighted() => &[],
        _ => C5,
    };
    vec![
        Cheat::new("trained with a flipped label", target, trace_only),
        Cheat::new("a label flipped after registration", &[], opened),
        Cheat::new("trained with another feature", &[], features),
    ]
}

/// Trained from another model.
fn started_elsewhere(base: &Instance) -> Vec<Cheat> {
    let mut other = base.clone();
    other.weights[0][0] += 40;
    other.execute(&|_, _, _, _| ());
    let trace_only = Instance { weights: base.weights.clone(), ..other.clone() };
    vec![
        Cheat::new("trained from another model", &[], trace_only),
        Cheat::new("trained from another model, which is opened in the place of the published one", &["R-S1B"], other),
    ]
}

fn wrong_updates(base: &Instance) -> Vec<Cheat> {
    let mut untrained = base.clone();
    untrained.trace.update = base.weights.clone();
    let mut off = base.clone();
    off.trace.update[0][1] += 1;
    let mut negated = base.clone();
    negated.trace.update.iter_mut().flatten().for_each(|w| *w = -*w);
    let last = base.key.program().steps - 1;
    let mut skipped = base.clone();
    skipped.execute(&|quantity, _, step, cells| {
        if quantity == Quantity::Gradient && step == last {
            cells.fill(0);
        }
    });
    let only_the_update: &[&str] = if (last + 1).is_power_of_two() { &["R-S1B"] } else { &[] };
    vec![
        Cheat::new("W_out is W_0, T = 2^tau wrapped", &["R-S1B"], untrained),
        Cheat::new("W_out off by one", &["R-S1B"], off),
        Cheat::new("W_out negated", &["R-S1B"], negated),
        Cheat::new("last step skipped", only_the_update, skipped),
    ]
}

fn other_batches(base: &Instance) -> Cheat {
    let key = &base.key;
    let mut schedule = base.schedule.clone();
    schedule.beta ^= 1;
    let trace = execute(key.program(), key.layout(), &base.weights, &base.dataset, &schedule).expect("execution");
    Cheat::new("other batches than scheduled", &[], Instance { trace, ..base.clone() })
}

/// Records that do not count, or count too much.
fn counts(base: &Instance) -> Vec<Cheat> {
    let mut out = Vec::new();
    for (name, change) in [("fewer records", -1i64), ("no records", -(base.statement.count as i64))] {
        let mut instance = base.clone();
        instance.statement.count = instance.statement.count.wrapping_add_signed(change);
        out.push(Cheat::new(format!("{name} claimed than trained on"), &["R-COUNT"], instance));
    }
    // One record of the dataset is invalid; the statement says that all are valid.
    let valid = base.key.layout().record.valid;
    let at = base.cell(base.schedule.block(0), 1, valid);
    let target = base.cell(base.schedule.block(0), 1, base.key.layout().record.targets);
    let outputs = base.key.program().outputs();
    let invalid = base.clone().with_cells(|cells| {
        cells[at] = 0;
        cells[target..target + outputs].fill(0);
    });
    out.push(Cheat::new("more records claimed than valid", &["R-COUNT"], invalid));
    if base.key.program().is_weighted() && !base.key.program().one_hot {
        // Its label weight is (w1 - w0) 2^fd.
        let mut uncounted = base.clone().with_cells(|cells| {
            cells[at] = 0;
            cells[target] = 1 << base.key.program().delta_bits;
        });
        uncounted.statement.count -= 1;
        out.push(Cheat::new("an uncounted record with targets", C5, uncounted));
    }
    let last = base.key.program().layers();
    let (quantity, stopped_by): (_, &[&str]) = match base.key.program().is_weighted() {
        true => (Quantity::LossWeight, &["R-LINK LossWeight"]),
        false => (Quantity::Delta, C5),
    };
    let ignored = base.clone().fault((quantity, last, 0), |d| {
        let half = d.len() / base.key.program().batch;
        d[half..2 * half].fill(0);
    });
    out.push(Cheat::new("a record ignored", stopped_by, ignored));
    out
}

/// All cheats on the level of a round.
pub fn rounds(base: &Instance) -> Vec<Cheat> {
    let mut out = relabelled(base);
    out.extend(started_elsewhere(base));
    out.extend(wrong_updates(base));
    out.push(other_batches(base));
    out.extend(counts(base));
    out
}
