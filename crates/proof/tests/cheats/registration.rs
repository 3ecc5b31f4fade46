//! Datasets that are not what a registration promises.

use super::LOOKUP;
use crate::common::record::Shared;
use crate::common::scene::{small, small_with};
use crate::common::Instance;
use fedproof_program::{Loss, Program};
use fedproof_proof::RegistrationStatement;

/// A false registration.
pub struct Registration {
    pub name: String,
    /// As in [`super::Cheat`].
    pub stopped_by: Vec<String>,
    pub instance: Instance,
    pub statement: RegistrationStatement,
    pub log: Shared,
}

impl Registration {
    /// Registers changed cells; `count` as if nothing had happened.
    pub fn of(name: &str, stopped_by: &[&str], base: &Instance, change: impl Fn(&mut Vec<i64>)) -> Self {
        let mut instance = base.clone();
        let mut cells = base.dataset.cells().to_vec();
        change(&mut cells);
        instance.dataset = fedproof_witness::Dataset::from_cells(base.key.layout(), cells);
        instance.recommit();
        let statement = RegistrationStatement { dataset: instance.statement.dataset.clone(), ..base.registration() };
        Self {
            name: name.into(),
            stopped_by: stopped_by.iter().map(|s| s.to_string()).collect(),
            instance,
            statement,
            log: Shared::default(),
        }
    }
}

/// Programs of the false registrations: one-hot, squared error, one output, two dataset vectors, Huber, several labels, softmax.
pub fn registration_programs() -> Vec<Program> {
    let several = Program { blocks: 32, group: 2, ..small(Loss::Sigmoid, &[3, 2]) };
    vec![
        small(Loss::Sigmoid, &[5, 3, 3]),
        small(Loss::Squared, &[4, 3, 2]),
        small(Loss::Sigmoid, &[3, 2, 1]),
        several.validated().expect("legal program"),
        small(Loss::Huber, &[4, 3]),
        small_with(Loss::Sigmoid, &[4, 3], |p| p.one_hot = false),
        small(Loss::Softmax, &[4, 3]),
    ]
}

/// All false registrations of a dataset.
pub fn registrations(base: &Instance) -> Vec<Registration> {
    let vectors = base.key.registration().data;
    (0..vectors).flat_map(|v| in_block(base, v * base.key.program().blocks / vectors)).collect()
}

/// False records in one block.
fn in_block(base: &Instance, block: usize) -> Vec<Registration> {
    let program = base.key.program();
    let (record, data) = (base.key.layout().record, base.key.registration().data);
    let (half, one, outputs) = (1i64 << (program.bits - 1), 1i64 << program.delta_bits, program.outputs());
    let classes = program.loss.classifies();
    let feature = base.cell(block, 1, 2);
    let (target, again) = (base.cell(block, 1, record.targets), base.cell(block, 0, record.targets));
    let (valid, other) = (base.cell(block, 1, record.valid), base.cell(block, 0, record.valid));
    // Constraints are numbered: targets of every vector, then valid flags of every vector.
    let vector = target / base.key.layout().n();
    let constraint = |first: usize| [format!("C{}", first + vector + 1), "R-S2".into()];
    let flags = constraint(if classes { data } else { 0 });
    let targets = constraint(0);
    let (flags, targets) = ([flags[0].as_str(), &flags[1]], [targets[0].as_str(), &targets[1]]);
    let add = |name: &str, stopped_by: &[&str], change: &dyn Fn(&mut Vec<i64>)| {
        Registration::of(&format!("{name} in block {block}"), stopped_by, base, change)
    };
    let mut out = vec![
        add("a feature of 2^(l-1)", LOOKUP, &|c| c[feature] = half),
        add("a feature below the range", LOOKUP, &|c| c[feature] = -half - 1),
        add("a feature far outside", LOOKUP, &|c| c[feature] = 1 << 40),
        add("fewer valid records than claimed", &["R-COUNT"], &|c| {
            c[valid] = 0;
            c[target..target + outputs].fill(0);
        }),
        add("a record valid twice, another never", &flags, &|c| {
            if program.one_hot {
                // as many ones as valid says
                c[target..target + outputs].fill(0);
                c[target..target + outputs.min(2)].fill(one);
                c[again..again + outputs].fill(0);
            }
            (c[valid], c[other]) = (2, 0);
        }),
    ];
    if !classes {
        out.push(add("a target outside the range", LOOKUP, &|c| c[target] = half));
    } else if !program.one_hot {
        out.push(add("a target between the classes", &targets, &|c| c[target] = one / 2));
    } else {
        let set = |first: i64, second: i64| {
            move |c: &mut Vec<i64>| {
                c[target..target + outputs].fill(0);
                (c[target], c[target + 1]) = (first, second);
            }
        };
        out.push(add("two classes", &["R-HOT"], &set(one, one)));
        out.push(add("no class", &["R-HOT"], &set(0, 0)));
        out.push(add("half of one class, half of another", &targets, &set(one / 2, one / 2)));
        out.push(add("classes of opposite sign", &targets, &set(-one, 2 * one)));
    }
    out
}
