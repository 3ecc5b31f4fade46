//! The training proof.

mod circuit;
mod contraction;
mod kernel;
mod links;
mod prover;
mod relations;
mod verifier;

pub use prover::{prove_training, prove_training_with, TrainingWitness, UpdateSecret};
pub use verifier::{verify_training, verify_training_with};

use crate::Key;
use ark_bn254::Fr;
use fedproof_program::Stage;
use fedproof_sumcheck::Labels;
use fedproof_transcript::label;

pub(crate) const S1A: Labels = Labels { fold: label::S1A_FOLD, challenge: label::S1A_CHALLENGE };
pub(crate) const S1B: Labels = Labels { fold: label::S1B_FOLD, challenge: label::S1B_CHALLENGE };
pub(crate) const S2: Labels = Labels { fold: label::S2_FOLD, challenge: label::S2_CHALLENGE };
pub(crate) const S3: Labels = Labels { fold: label::S3_FOLD, challenge: label::S3_CHALLENGE };

/// Everything drawn before the helpers.
#[derive(Debug, Clone)]
pub(crate) struct FirstChallenges {
    pub alpha: Fr,
    pub gamma: Fr,
    pub zeta: Fr,
    pub omega: Fr,
}

/// Everything drawn after the helpers and before the first sumcheck.
#[derive(Debug, Clone)]
pub(crate) struct PointChallenges {
    pub rho_t: Vec<Fr>,
    pub rho_b: Vec<Fr>,
    /// Index i for layer i; index 0 is empty.
    pub rho_j: Vec<Vec<Fr>>,
    pub u: Vec<Fr>,
    pub eta: Fr,
    pub tau: Vec<Fr>,
    pub chi: Fr,
}

impl PointChallenges {
    /// `rho_t ‖ rho_b ‖ rho_j(layer)`.
    pub fn rho(&self, layer: usize) -> Vec<Fr> {
        [&self.rho_t[..], &self.rho_b, &self.rho_j[layer]].concat()
    }
}

/// Draws them in order from anything that draws.
pub(crate) fn draw_first(mut draw: impl FnMut(u8, u16) -> Fr) -> FirstChallenges {
    FirstChallenges {
        alpha: draw(label::ALPHA, 0),
        gamma: draw(label::GAMMA, 0),
        zeta: draw(label::ZETA, 0),
        omega: draw(label::OMEGA, 0),
    }
}

/// Draws them in order from anything that draws.
pub(crate) fn draw_points(key: &Key, mut draw: impl FnMut(u8, u16) -> Fr) -> PointChallenges {
    let layout = key.layout();
    let mut points = |name: u8, base: u16, n: usize| -> Vec<Fr> { (base..).take(n).map(|i| draw(name, i)).collect() };
    PointChallenges {
        rho_t: points(label::RHO_T, 0, layout.tb),
        rho_b: points(label::RHO_B, 0, layout.bb),
        rho_j: layout
            .unit_bits
            .iter()
            .zip(0u8..)
            .map(|(&n, layer)| points(label::RHO_J, label::rho_j_base(layer), if layer == 0 { 0 } else { n }))
            .collect(),
        u: points(label::U, 0, layout.weight_vector_bits() + layout.vector_bits),
        eta: points(label::ETA, 0, 1).into_iter().sum(),
        tau: points(label::TAU, 0, layout.c),
        chi: points(label::CHI, 0, 1).into_iter().sum(),
    }
}

/// What the prover reveals in the sumchecks, as sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Revealed {
    /// X, W per term of S1a.
    pub s1a: Vec<Fr>,
    /// A, D per term of S1b.
    pub s1b: Vec<Fr>,
    /// Columns, y, v.
    pub s2: Vec<Fr>,
    /// vtab of each lane with committed tables.
    pub tables: Vec<Fr>,
    /// v_zeta.
    pub degree: Fr,
}

/// Number of field elements of the values message of a stage.
pub(crate) fn value_count(key: &Key, stage: Stage) -> usize {
    key.layout().masks.value_count(stage)
}
