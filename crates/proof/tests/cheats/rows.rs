//! Columns of the trace that do not hold what they should: limbs, saturation, multiplicities, padding.

use super::{Cheat, C2, C4, C6, LOOKUP};
use crate::common::Instance;
use fedproof_program::{Columns, Direction, SegmentKind};
use fedproof_witness::{count_multiplicities, Quantity};

/// What the cheats of this module change.
struct Edit {
    instance: Instance,
}

impl Edit {
    fn of(base: &Instance) -> Self {
        Self { instance: base.clone() }
    }

    fn at(&mut self, column: usize, row: usize) -> &mut i64 {
        &mut self.instance.trace.columns[column][row]
    }

    /// Counts again how often every table row is looked up.
    fn counted(mut self) -> Self {
        let key = &self.instance.key;
        count_multiplicities(key.program(), key.layout(), &mut self.instance.trace.columns);
        self
    }

    fn cheat(self, name: &str, stopped_by: &[&str]) -> Cheat {
        Cheat::new(name, stopped_by, self.instance)
    }
}

/// First real row of a pass where the columns satisfy `good`.
fn find(instance: &Instance, layer: usize, direction: Direction, good: impl Fn(&dyn Fn(usize) -> i64) -> bool) -> usize {
    let rows = instance.real_rows(layer, direction);
    let found = rows.into_iter().find(|&row| good(&|column| instance.trace.columns[column][row]));
    found.expect("a row like that: choose another seed")
}

fn limbs(base: &Instance) -> Vec<Cheat> {
    let columns = base.key.layout().columns.clone();
    let step = 1i64 << base.key.program().limb_bits;
    let (low, next) = (columns.remainder(0), columns.remainder(1));
    let row = find(base, 1, Direction::Forward, |v| v(low) + 1 < step && v(next) > 0);
    let mut out = Vec::new();

    let mut edit = Edit::of(base);
    *edit.at(low, row) += 1;
    out.push(edit.counted().cheat("lowest remainder limb + 1", &["R-S1A"]));

    let split = || {
        let mut edit = Edit::of(base);
        *edit.at(low, row) += step;
        *edit.at(next, row) -= 1;
        edit.counted()
    };
    out.push(split().cheat("remainder split anew, lowest limb out of range", LOOKUP));

    let mut edit = split();
    let padding = base.key.layout().n() - 1;
    *edit.at(columns.multiplicity(0), padding) += 1;
    out.push(edit.cheat("value outside the tables, counted on a row outside the segments", LOOKUP));

    let width = *columns.limb_bits.last().expect("limbs");
    if width < base.key.program().limb_bits {
        // q - 1 and remainder + 2^F: the top limb fits lb bits, but not its own width. Counted where the lb-bit range has it.
        let fault = base.clone().fault((Quantity::Q, 1, 1), |q| q[0] -= 1);
        let top = columns.remainder(columns.limb_bits.len() - 1);
        let row = base.row(1, Direction::Forward, 1, 0, 0);
        let value = fault.trace.columns[top][row];
        assert!((1 << width..step).contains(&value));
        let mut edit = Edit::of(&fault);
        let segments = &base.key.layout().segments;
        let range = segments.iter().find(|s| s.kind == SegmentKind::Range && s.bits == step.trailing_zeros() as usize);
        let range = range.expect("range of lb bits");
        *edit.at(columns.multiplicity(range.lane), range.offset + value as usize) += 1;
        out.push(edit.cheat("partial top limb looked up too wide", LOOKUP));
    }
    out
}

fn saturation(base: &Instance, loud: &Instance) -> Vec<Cheat> {
    let program = base.key.program();
    let columns = base.key.layout().columns.clone();
    let (low, half) = (columns.excess_limb(0), 1i64 << (program.bits - 1));
    let at = base.row(1, Direction::Forward, 1, 0, 0);
    let set = |instance: Instance, row: usize, sign: i64, distance: i64| {
        let mut edit = Edit { instance };
        *edit.at(Columns::SIGN, row) = sign;
        (0..columns.excess_limbs).for_each(|k| *edit.at(columns.excess_limb(k), row) = 0);
        *edit.at(low, row) = distance;
        edit.counted()
    };
    let mut out = Vec::new();
    let lower = base.clone().fault((Quantity::Clamp, 1, 1), |q| q[0] -= 3);
    out.push(set(lower, at, 0, 0).cheat("clamped without saturation", C2));
    let highest = base.clone().fault((Quantity::Clamp, 1, 1), |q| q[0] = half - 1);
    let excess = highest.trace.columns[Columns::EXCESS][at];
    assert!(excess < 0, "the value saturates by itself: choose another seed");
    out.push(set(highest, at, 1, excess - 1).cheat("saturated at will, distance below zero", LOOKUP));

    // A value that does saturate is left as it is, or saturates the wrong way.
    let row = find(loud, 1, Direction::Forward, |v| v(Columns::EXCESS) > 0);
    let region = loud.key.layout().region(1, Direction::Forward).expect("region");
    let cell = (row - region.offset) & ((program.batch << loud.key.layout().unit_bits[1]) - 1);
    let step = (row - region.offset) >> (loud.key.layout().bb + loud.key.layout().unit_bits[1]);
    let excess = loud.trace.columns[Columns::EXCESS][row];
    let left = loud.clone().fault((Quantity::Clamp, 1, step), |q| q[cell] += excess);
    assert_eq!(left.trace.columns[Columns::SIGN][row], 0);
    out.push(Edit::of(&left).cheat("out of range and not saturated", LOOKUP));
    let around = loud.clone().fault((Quantity::Clamp, 1, step), |q| q[cell] = -half);
    out.push(Edit::of(&around).cheat("saturated the wrong way", super::C3));
    out
}

fn multiplicities(base: &Instance) -> Vec<Cheat> {
    let mu = base.key.layout().columns.multiplicity(0);
    let mut edit = Edit::of(base);
    *edit.at(mu, 3) += 1;
    let more = edit.cheat("multiplicity + 1", LOOKUP);
    let mut edit = Edit::of(base);
    *edit.at(mu, 3) += 1;
    *edit.at(mu, 4) -= 1;
    vec![more, edit.cheat("multiplicity moved to the next row", LOOKUP)]
}

/// A value that is in a range, but not in that of its own tag, counted where it is.
fn other_widths(base: &Instance) -> Vec<Cheat> {
    let (program, layout) = (base.key.program(), base.key.layout());
    let (bits, limb_bits) = (program.bits as usize, program.limb_bits as usize);
    let range = |width: usize| layout.segments.iter().find(|s| s.kind == SegmentKind::Range && s.bits == width).expect("range");
    if bits == limb_bits {
        return Vec::new();
    }
    let last = program.layers();
    let half = 1i64 << (bits - 1);
    let (fault, column, offset, wide) = if bits < limb_bits {
        // An output beyond l bits; ranges of limbs have it.
        (base.clone().fault((Quantity::Clamp, last, 1), |q| q[0] = half), Columns::Q, half, range(limb_bits))
    } else {
        let low = layout.columns.remainder(0);
        let mut edit = Edit::of(base);
        let row = base.row(last, Direction::Forward, 1, 0, 0);
        *edit.at(low, row) += 1 << limb_bits;
        *edit.at(low + 1, row) -= 1;
        (edit.counted().instance, low, 0, range(bits))
    };
    let mut edit = Edit { instance: fault };
    let row = base.row(last, Direction::Forward, 1, 0, 0);
    let value = *edit.at(column, row) + offset;
    *edit.at(layout.columns.multiplicity(wide.lane), wide.offset + value as usize) += 1;
    let stopped_by: &[&str] = if bits < limb_bits { &[] } else { LOOKUP };
    vec![edit.cheat("a value looked up in the range of another width", stopped_by)]
}

/// Two rows of a pass in different vectors change places.
fn other_vectors(base: &Instance) -> Vec<Cheat> {
    let (layout, last) = (base.key.layout(), base.key.program().layers());
    if layout.columns.vectors(0) == 1 {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (name, stopped_by, kept) in
        [("a row of one vector in another", &[][..], 0), ("limbs of one vector in another", &["R-S1A"], 3)]
    {
        let rows = base.real_rows(last, Direction::Forward);
        let differ = |a: usize, b: usize| {
            a / layout.n() != b / layout.n()
                && base.trace.columns[layout.columns.remainder(0)][a] != base.trace.columns[layout.columns.remainder(0)][b]
        };
        let pair = rows.iter().flat_map(|&a| rows.iter().map(move |&b| (a, b))).find(|&(a, b)| differ(a, b));
        let Some((a, b)) = pair else { continue };
        let mut edit = Edit::of(base);
        for column in kept..layout.columns.a() + if kept == 0 { 2 } else { 0 } {
            let other = *edit.at(column, b);
            let first = std::mem::replace(edit.at(column, a), other);
            *edit.at(column, b) = first;
        }
        out.push(edit.cheat(name, stopped_by));
    }
    out
}

/// Padded units of hidden layers: what the weight functions cut is still bound by the row constraints.
fn padded_units(base: &Instance) -> Vec<Cheat> {
    let (program, columns) = (base.key.program(), base.key.layout().columns.clone());
    let mut out = Vec::new();
    let Some(layer) = (1..program.layers()).find(|&i| !program.dims[i].is_power_of_two()) else { return out };
    let unit = program.dims[layer];
    let forward = base.row(layer, Direction::Forward, 1, 1, unit);
    let mut edit = Edit::of(base);
    *edit.at(columns.a(), forward) += 1;
    out.push(edit.counted().cheat("activation of a padded unit + 1", LOOKUP));
    let mut edit = Edit::of(base);
    if program.has_derivative_region(layer) {
        *edit.at(Columns::Q, base.row(layer, Direction::Derivative, 1, 1, unit)) += 1;
        out.push(edit.counted().cheat("delta of a padded unit + 1", C6));
    } else {
        *edit.at(columns.a(), base.row(layer, Direction::Backward, 1, 1, unit)) += 1;
        out.push(edit.counted().cheat("delta of a padded unit + 1", C4));
    }
    out
}

/// All cheats in columns. `loud` is an instance with saturated values.
pub fn rows(base: &Instance, loud: &Instance) -> Vec<Cheat> {
    let mut out = limbs(base);
    out.extend(saturation(base, loud));
    out.extend(multiplicities(base));
    out.extend(padded_units(base));
    out.extend(other_widths(base));
    out.extend(other_vectors(base));
    out
}
