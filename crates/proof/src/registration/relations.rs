//! Linear relations of a registration proof.

use super::circuit::RegistrationCircuit;
use super::RowChallenges;
use crate::part::Part;
use crate::relation::{Relations, Table};
use crate::weight::{Block, Weight};
use crate::Key;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_lookup::{combine, Challenges};
use fedproof_program::Stage;
use fedproof_sumcheck::Outcome;

pub(crate) struct Inputs<'a> {
    pub key: &'a Key,
    pub count: u64,
    pub alpha: Fr,
    pub gamma: Fr,
    pub rows: &'a RowChallenges,
    pub xi: Fr,
    pub s2: &'a Outcome,
    pub values: &'a [Fr],
}

/// Table of column k: dataset vectors come first and are read as parts of the dataset.
pub(crate) fn registration_relations(inputs: &Inputs<'_>) -> Relations {
    let key = inputs.key;
    let (program, layout, registration) = (key.program(), key.layout(), key.registration());
    let masks = &registration.masks;
    let mut out = Relations::new(inputs.xi, masks.len()).without(key.removed());
    out.require(inputs.s2.point.len() == layout.vector_bits && inputs.values.len() == registration.count());
    let r = &inputs.s2.point;
    let circuit = RegistrationCircuit::new(key);
    let challenges = Challenges::new(inputs.alpha, inputs.gamma, inputs.rows.chi, circuit.total_constraints());
    let challenges = key.weakened(challenges, registration.helpers.len());
    let publics = circuit.publics_at(&inputs.rows.tau, inputs.gamma, r);
    let value = combine(&circuit, inputs.values, &publics, &challenges);
    out.closing(masks, Stage::S2, r, inputs.s2.last - value);

    let last = r.last().copied().unwrap_or_default();
    let at_r = out.weight(Weight(vec![Block::Eq(r.clone())]));
    for (k, &value) in inputs.values.iter().enumerate() {
        out.value(masks, Stage::S2, k, value, last);
        if k < registration.data {
            let weight = out.weight(Weight(vec![Block::Index(k, layout.data_vector_bits()), Block::Eq(r.clone())]));
            out.table(Table::Data, Fr::one(), weight);
        } else {
            out.table(Table::Column(k), Fr::one(), at_r);
        }
    }

    let unused = Block::Index(0, layout.vector_bits.saturating_sub(layout.data_bits()));
    let valid = Block::Index(layout.record.valid, layout.record.bits);
    if registration.one_hot {
        let unit_bits = layout.unit_bits.last().copied().unwrap_or(0);
        let records = Block::Eq(inputs.rows.rho_rec.clone());
        let head = Block::Index(layout.record.targets >> unit_bits, layout.record.bits - unit_bits);
        let targets = Weight(vec![unused.clone(), records.clone(), head, Block::Below(program.outputs(), unit_bits)]);
        let flags = Weight(vec![unused.clone(), records, valid.clone()]);
        let (targets, flags) = (out.weight(targets), out.weight(flags));
        out.begin(Part::OneHot, Fr::zero());
        out.table(Table::Data, Fr::one(), targets);
        out.table(Table::Data, -Fr::from(1u64 << program.delta_bits), flags);
    }
    let flags = out.weight(Weight(vec![unused, Block::Ones(layout.nb + layout.bb), valid]));
    out.begin(Part::Count, Fr::from(inputs.count));
    out.table(Table::Data, Fr::one(), flags);
    out
}
