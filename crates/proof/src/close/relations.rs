//! Linear relations of a round-close proof.

use super::circuit::CloseCircuit;
use super::{CloseKey, RowChallenges};
use crate::relation::{Relations, Table};
use crate::weight::{Block, Weight};
use ark_bn254::Fr;
use ark_ff::One;
use fedproof_lookup::{combine, Challenges};
use fedproof_program::Stage;
use fedproof_sumcheck::Outcome;

pub(crate) struct Inputs<'a> {
    pub key: CloseKey<'a>,
    pub count: u64,
    pub alpha: Fr,
    pub gamma: Fr,
    pub rows: &'a RowChallenges,
    pub xi: Fr,
    pub s2: &'a Outcome,
    pub values: &'a [Fr],
}

/// The closing of S2, then every revealed value.
pub(crate) fn close_relations(inputs: &Inputs<'_>) -> Relations {
    let key = inputs.key;
    let shape = key.shape();
    let masks = &shape.masks;
    let mut out = Relations::new(inputs.xi, masks.len()).without(key.removed());
    let r = &inputs.s2.point;
    out.require(r.len() == key.row_bits() && inputs.values.len() == shape.count());
    let circuit = CloseCircuit::new(key, inputs.count);
    let challenges = Challenges::new(inputs.alpha, inputs.gamma, inputs.rows.chi, circuit.total_constraints());
    let challenges = key.weakened(challenges, shape.helpers.len());
    let publics = circuit.publics_at(&inputs.rows.tau, inputs.gamma, r);
    let value = combine(&circuit, inputs.values, &publics, &challenges);
    out.closing(masks, Stage::S2, r, inputs.s2.last - value);

    let last = r.last().copied().unwrap_or_default();
    let at_r = out.weight(Weight(vec![Block::Eq(r.clone())]));
    for (k, &value) in inputs.values.iter().enumerate() {
        out.value(masks, Stage::S2, k, value, last);
        out.table(Table::Column(k), Fr::one(), at_r);
    }
    out
}
