//! Linear relations of a round-close proof.

use super::circuit::CloseCircuit;
use super::{CloseKey, RowChallenges};
use crate::part::Part;
use crate::relation::{Relations, Table};
use crate::training::FirstChallenges;
use crate::weight::{Block, Weight};
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use fedproof_lookup::{combine, Challenges};
use fedproof_program::{CloseLayout, Stage};
use fedproof_sumcheck::Outcome;

pub(crate) struct Inputs<'a> {
    pub key: CloseKey<'a>,
    pub count: u64,
    pub first: &'a FirstChallenges,
    pub rows: &'a RowChallenges,
    pub xi: Fr,
    pub s2: &'a Outcome,
    pub values: &'a [Fr],
    /// v_zeta
    pub degree: Fr,
}

/// The closing of S2, every revealed value, the degrees of the next model.
pub(crate) fn close_relations(inputs: &Inputs<'_>) -> Relations {
    let key = inputs.key;
    let shape = key.shape();
    let masks = &shape.masks;
    let mut out = Relations::new(inputs.xi, masks.len()).without(key.removed());
    let r = &inputs.s2.point;
    out.require(r.len() == key.row_bits() && inputs.values.len() == shape.count());
    let circuit = CloseCircuit::new(key, inputs.count);
    let challenges = Challenges::new(inputs.first.alpha, inputs.first.gamma, inputs.rows.chi, circuit.total_constraints());
    let challenges = key.weakened(challenges, shape.helpers.len());
    let publics = circuit.publics_at(&inputs.rows.tau, inputs.first.gamma, r);
    let value = combine(&circuit, inputs.values, &publics, &challenges);
    out.closing(masks, Stage::S2, r, inputs.s2.last - value);

    let last = r.last().copied().unwrap_or_default();
    let at_r = out.weight(Weight(vec![Block::Eq(r.clone())]));
    for (k, &value) in inputs.values.iter().enumerate() {
        out.value(masks, Stage::S2, k, value, last);
        out.table(Table::Column(k), Fr::one(), at_r);
    }
    degree(&mut out, inputs);
    out
}

/// [R-DEG]: the cells of W' alone, which has no blinds, make v_zeta.
fn degree(out: &mut Relations, inputs: &Inputs<'_>) {
    let (shape, n) = (inputs.key.shape(), inputs.key.layout().vector_bits);
    out.begin(Part::Degree, inputs.degree);
    let powers = std::iter::successors(Some(Fr::one()), |p| Some(*p * inputs.first.omega));
    let mut vectors: Vec<Fr> = powers.take(shape.vectors).collect();
    vectors.resize(1 << shape.vector_bits, Fr::zero());
    let weight = out.weight(Weight(vec![Block::Values(vectors), Block::Powers(inputs.first.zeta, n)]));
    out.table(Table::Column(CloseLayout::NEXT), Fr::one(), weight);
}
