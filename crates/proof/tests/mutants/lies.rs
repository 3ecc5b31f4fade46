//! Cheats that need more than a false witness: the prover lies in its messages.

use crate::cheats::registration::Registration;
use crate::cheats::Cheat;
use crate::common::record::Shared;
use crate::common::trapdoor::integer;
use crate::common::Instance;
use crate::tables::other_tables;
use ark_bn254::Fr;
use ark_ff::{Field, One};
use fedproof_program::{Columns, Direction, Kernel, TermKind};
use fedproof_proof::Lies;
use fedproof_sumcheck::{eq, eq_index};
use fedproof_transcript::label;
use fedproof_witness::{count_multiplicities, Quantity};
use std::sync::Arc;

type On<T> = Box<dyn Fn(&mut T) + Send + Sync>;

/// Lies by hand.
#[derive(Default)]
pub struct Liar {
    pub column: Option<(usize, Vec<Fr>)>,
    pub computed: Option<(usize, Vec<Fr>)>,
    pub rows: Option<On<[Vec<Fr>]>>,
    pub helpers: Option<On<[Vec<Fr>]>>,
    pub update: Option<On<[i64]>>,
    pub blinds: Option<On<[Vec<Fr>]>>,
    pub counts: Option<On<[i64]>>,
    pub values: Option<(u8, On<[Fr]>)>,
}

impl std::fmt::Debug for Liar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Liar")
    }
}

fn tell<T: ?Sized>(lie: &Option<On<T>>, truth: &mut T) {
    if let Some(lie) = lie {
        lie(truth);
    }
}

impl Lies for Liar {
    fn column(&self, k: usize) -> Option<&[Fr]> {
        self.column.as_ref().filter(|(column, _)| *column == k).map(|(_, cells)| cells.as_slice())
    }
    fn computed(&self, k: usize) -> Option<&[Fr]> {
        self.computed.as_ref().filter(|(column, _)| *column == k).map(|(_, cells)| cells.as_slice())
    }
    fn counts(&self, counts: &mut [i64]) {
        tell(&self.counts, counts);
    }
    fn rows(&self, columns: &mut [Vec<Fr>]) {
        tell(&self.rows, columns);
    }
    fn helpers(&self, columns: &mut [Vec<Fr>]) {
        tell(&self.helpers, columns);
    }
    fn update(&self, cells: &mut [i64]) {
        tell(&self.update, cells);
    }
    fn blinds(&self, blinds: &mut [Vec<Fr>]) {
        tell(&self.blinds, blinds);
    }
    fn values(&self, label: u8, values: &mut [Fr]) {
        if let Some((_, lie)) = self.values.as_ref().filter(|(l, _)| *l == label) {
            lie(values);
        }
    }
}

/// A cheat whose prover lies.
pub fn lying(name: impl Into<String>, stopped_by: &[&str], mut instance: Instance, liar: Liar) -> Cheat {
    instance.key = instance.key.lying(Arc::new(liar));
    Cheat::new(name, stopped_by, instance)
}

/// Makes the sum of all helpers zero at the first row of one.
fn absorb_sum(helper: usize) -> On<[Vec<Fr>]> {
    Box::new(move |columns| {
        let sum: Fr = columns.iter().flatten().sum();
        columns[helper][0] -= sum;
    })
}

/// A helper column that is not what the lookups say.
fn forged_helpers(base: &Instance) -> Vec<Cheat> {
    let fault = base.clone().fault((Quantity::Q, 1, 1), |q| q[0] -= 1);
    let helpers = 0..base.key.layout().helpers.len();
    let cheat = |g: usize| {
        let liar = Liar { helpers: Some(absorb_sum(g)), ..Liar::default() };
        lying(format!("helper {g} makes up for a failed lookup"), &[&format!("H{g}"), "R-S2"], fault.clone(), liar)
    };
    helpers.map(cheat).collect()
}

/// sg = (2 q + 1) / (2^l - 1) satisfies all but sg^3 = sg: any q with a distance to go.
fn fractional_sign(base: &Instance) -> Cheat {
    let program = base.key.program().clone();
    let columns = base.key.layout().columns.clone();
    let rows = base.real_rows(1, Direction::Forward);
    let good = |row: &&usize| {
        let rounded = base.trace.columns[Columns::Q][**row];
        base.trace.columns[Columns::EXCESS][**row] == 0 && rounded.rem_euclid(3) == 1
    };
    let row = *rows.iter().find(good).expect("a value of 1 mod 3: choose another seed");
    let region = base.key.layout().region(1, Direction::Forward).expect("region");
    let bits = base.key.layout().bb + base.key.layout().unit_bits[1];
    let (step, cell) = ((row - region.offset) >> bits, (row - region.offset) & ((1 << bits) - 1));
    // q' with rounded = 3 q' + 1, so ex = 2 q' + 1 and sg (1 + (2^l - 2)) = ex.
    let mut instance = base.clone().fault((Quantity::Clamp, 1, step), |q| q[cell] = (q[cell] - 1) / 3);
    let trace = &mut instance.trace.columns;
    let q = trace[Columns::Q][row];
    assert_eq!(trace[Columns::EXCESS][row], 2 * q + 1);
    let distance = (1i64 << program.bits) - 2;
    let limb = |k: usize| distance >> (program.limb_bits as usize * k) & ((1 << program.limb_bits) - 1);
    (0..columns.excess_limbs).for_each(|k| trace[columns.excess_limb(k)][row] = limb(k));
    count_multiplicities(&program, base.key.layout(), trace);
    let mut sign: Vec<Fr> = trace[Columns::SIGN].iter().map(|&v| integer(v)).collect();
    sign[row] = integer(2 * q + 1) * integer(distance + 1).inverse().expect("not zero");
    let liar = Liar { column: Some((Columns::SIGN, sign)), ..Liar::default() };
    lying("a fractional saturation sign", &["C1", "R-S2"], instance, liar)
}

/// S2 runs on other columns than those committed.
fn other_rows(base: &Instance) -> Vec<Cheat> {
    let a = base.key.layout().columns.a();
    let mut lookup = base.clone().fault((Quantity::Activation, 1, 1), |a| a[0] += 1);
    let forward = base.row(1, Direction::Forward, 1, 0, 0);
    lookup.trace.columns[a][forward] -= 1;
    count_multiplicities(base.key.program(), base.key.layout(), &mut lookup.trace.columns);
    lookup.trace.columns[a][forward] += 1;
    let other = Liar { rows: Some(Box::new(move |columns| columns[a][forward] -= Fr::one())), ..Liar::default() };
    let mut out = vec![lying("activation of the rows is not the committed one", &["R-COL"], lookup, other)];
    if !base.key.program().has_derivative_region(1) {
        let row = base.row(1, Direction::Backward, 1, 0, 0);
        let delta = base.clone().fault((Quantity::Delta, 1, 1), |d| d[0] += 1);
        let repair = Liar { rows: Some(Box::new(move |columns| columns[a][row] -= Fr::one())), ..Liar::default() };
        out.push(lying("delta of the rows is not the committed one", &["R-COL"], delta, repair));
    }
    out
}

/// The same without hidden layers.
fn other_output(base: &Instance) -> Cheat {
    let (s, row) = (base.key.layout().columns.s(), base.row(1, Direction::Forward, 1, 0, 0));
    let delta = base.clone().fault((Quantity::Delta, 1, 1), |d| d[0] += 1);
    let repair = Liar { rows: Some(Box::new(move |columns| columns[s][row] -= Fr::one())), ..Liar::default() };
    lying("delta of the rows is not the committed one", &["R-COL"], delta, repair)
}

/// A revealed factor makes up for a wrong sum: value `at` of `label` grows by `missing / slope`.
fn forged_value(
    name: &str,
    stopped_by: &str,
    instance: Instance,
    label: u8,
    at: usize,
    correction: impl Fn(&Shared, &[Fr]) -> Fr + Send + Sync + 'static,
) -> Cheat {
    let log = Shared::default();
    let prover = log.clone();
    let lie: On<[Fr]> = Box::new(move |values| {
        let correction = correction(&prover, values);
        values[at] += correction;
    });
    let cheat = lying(name, &[stopped_by], instance, Liar { values: Some((label, lie)), ..Liar::default() });
    Cheat { log, ..cheat }
}

/// Point of a row (step, record, unit) of layer 1 in the trace.
fn rho(log: &Shared, base: &Instance) -> Vec<Fr> {
    let layout = base.key.layout();
    [
        log.point(label::RHO_T, 0, layout.tb),
        log.point(label::RHO_B, 0, layout.bb),
        log.point(label::RHO_J, label::rho_j_base(1), layout.unit_bits[1]),
    ]
    .concat()
}

/// What S1a misses when Z of layer 1 is too large by `excess` at (1, 0, 0): its share of Lin over 2^na.
pub fn missing_product(log: &Shared, base: &Instance, excess: Fr) -> Fr {
    let layout = base.key.layout();
    let cell = 1usize << (layout.bb + layout.unit_bits[1]);
    let nv = layout.tb + layout.input_bits[1];
    excess * eq_index(cell, &rho(log, base)) * Fr::from(2u64).pow([nv as u64]).inverse().expect("not zero")
}

/// Factor of X W of the first term in the closing of S1a.
pub fn closing_factor(log: &Shared, base: &Instance) -> Fr {
    let tb = base.key.layout().tb;
    eq(&log.point(label::RHO_T, 0, tb), &log.point(label::S1A_CHALLENGE, 0, tb))
}

/// K of the terms of W_out at a point, over the tap of the last step.
fn relative_taps(base: &Instance, point: &[Fr]) -> Fr {
    let (kernel, steps) = (&base.key.program().kernel, base.key.program().steps);
    if matches!(kernel, Kernel::Plain(_)) {
        return Fr::one();
    }
    let sum: Fr = (0..steps).map(|u| eq_index(u, point) * integer(kernel.tap(steps - u))).sum();
    sum * integer(kernel.tap(1)).inverse().expect("not zero")
}

fn forged_values(base: &Instance) -> Vec<Cheat> {
    let z = base.clone().fault((Quantity::Z, 1, 1), |z| z[0] += 1);
    let instance = base.clone();
    let x = move |log: &Shared, values: &[Fr]| {
        let slope = closing_factor(log, &instance) * values[1];
        missing_product(log, &instance, Fr::one()) * slope.inverse().expect("not zero")
    };
    let last = base.key.program().steps - 1;
    let gradient = base.clone().fault((Quantity::Gradient, 1, last), |g| g[0] += 1);
    let mut out = vec![forged_value("input of S1a makes up for a wrong product", "R-X", z, label::S1A_VALUES, 0, x)];
    for side in [0, 1] {
        let instance = base.clone();
        let value = move |log: &Shared, values: &[Fr]| {
            let layout = instance.key.layout();
            let term = layout.terms_b.iter().position(|t| t.kind == TermKind::Output && t.layer == 1).expect("term");
            // The wrong cell is the first of layer 1; both coefficients share kappa^(2L-1).
            let u = log.point(label::U, 0, layout.weight_vector_bits() + layout.vector_bits);
            let region = layout.weights[0];
            let wrong = eq_index(region.offset, &u);
            let part = eq_index(region.offset >> region.bits, &u[..u.len() - region.bits]);
            let variables = Fr::from(2u64).pow([(layout.tb + layout.bb) as u64]);
            let kernel = relative_taps(&instance, &log.point(label::S1B_CHALLENGE, 0, layout.tb));
            wrong * (kernel * part * values[2 * term + 1 - side] * variables).inverse().expect("not zero")
        };
        let term = base.key.layout().terms_b.iter().position(|t| t.kind == TermKind::Output && t.layer == 1).expect("term");
        let name = format!("{} of S1b makes up for a wrong gradient", ["input", "delta"][side]);
        out.push(forged_value(&name, "R-AD", gradient.clone(), label::S1B_VALUES, 2 * term + side, value));
    }
    out
}

/// Cells and coefficients of W_out that are not the update.
fn false_updates(base: &Instance) -> Vec<Cheat> {
    let layout = base.key.layout();
    let update = |name: &str, cell: usize| {
        let liar = Liar { update: Some(Box::new(move |cells| cells[cell] += 1)), ..Liar::default() };
        lying(name, &["R-S1B"], base.clone(), liar)
    };
    let covered: usize = layout.weights.iter().map(|w| 1usize << w.bits).sum();
    let mut out = vec![update("W_out garbage in the last cell", layout.n() - 1)];
    if covered < layout.weight_vectors * layout.n() {
        out.push(update("W_out garbage outside the layers", covered));
    }
    let program = base.key.program();
    if let Some(layer) = (1..=program.layers()).find(|&i| !program.dims[i].is_power_of_two()) {
        out.push(update("W_out garbage at a padded unit", layout.weights[layer - 1].offset + program.dims[layer]));
    }
    if let Some(layer) = (1..=program.layers()).find(|&i| !(program.dims[i - 1] + 1).is_power_of_two()) {
        let cell = (program.dims[layer - 1] + 1) << layout.unit_bits[layer];
        out.push(update("W_out garbage at a padded input", layout.weights[layer - 1].offset + cell));
    }
    let beyond = |v: usize| Some(Box::new(move |blinds: &mut [Vec<Fr>]| blinds[v].push(Fr::from(77u64))) as On<[Vec<Fr>]>);
    for v in 0..layout.weight_vectors {
        let liar = Liar { blinds: beyond(v), ..Liar::default() };
        out.push(lying(format!("a coefficient of W_out {v} beyond its blinds"), &["R-DEG"], base.clone(), liar));
        let liar = Liar { blinds: Some(Box::new(move |blinds| blinds[v][0] += Fr::one())), ..Liar::default() };
        out.push(lying(format!("a blind of W_out {v} that is not in the mask vector"), &["R-DEG"], base.clone(), liar));
    }
    let log = Shared::default();
    let (prover, position) = (log.clone(), layout.n() as u64 + layout.masks.update_blinds()[0].1 as u64);
    let hide: On<[Fr]> = Box::new(move |v| v[0] -= Fr::from(77u64) * prover.drawn(label::ZETA, 0).pow([position]));
    let liar = Liar { blinds: beyond(0), values: Some((label::DEGREE, hide)), ..Liar::default() };
    let hidden = lying("a coefficient of W_out beyond its blinds, left out of v_zeta", &["A3"], base.clone(), liar);
    out.push(Cheat { log, ..hidden });
    out
}

/// All cheats of a program that need lies.
pub fn lies(base: &Instance) -> Vec<Cheat> {
    let mut out = forged_helpers(base);
    out.push(fractional_sign(base));
    if base.key.program().layers() > 1 {
        out.extend(other_rows(base));
    } else {
        out.push(other_output(base));
    }
    out.extend(forged_values(base));
    out.extend(other_tables(base));
    out.extend(false_updates(base));
    out
}

/// Lies of registration provers.
pub fn registration_lies(base: &Instance) -> Vec<Registration> {
    let half = 1i64 << (base.key.program().bits - 1);
    let feature = base.cell(1, 1, 2);
    let with = |name: &str, stopped_by: &[&str], liar: Liar| {
        let mut out = Registration::of(name, stopped_by, base, |c| c[feature] = half);
        out.instance.key = out.instance.key.lying(Arc::new(liar));
        out
    };
    let mut out: Vec<Registration> = (0..base.key.registration().helpers.len())
        .map(|g| {
            let liar = Liar { helpers: Some(absorb_sum(g)), ..Liar::default() };
            with(&format!("helper {g} makes up for a feature out of range"), &[&format!("H{g}"), "R-S2"], liar)
        })
        .collect();
    let (vector, cell) = (feature / base.key.layout().n(), feature % base.key.layout().n());
    let liar = Liar {
        counts: Some(Box::new(|counts| counts[0] += 1)),
        rows: Some(Box::new(move |columns| columns[vector][cell] = integer(-half))),
        ..Liar::default()
    };
    out.push(with("the rows' feature is not the committed one", &["R-COL"], liar));
    let outside = Liar { counts: Some(Box::new(move |counts| counts[2 * half as usize] += 1)), ..Liar::default() };
    out.push(with("a feature out of range, counted outside the table", &["SUM", "R-S2"], outside));
    out
}
