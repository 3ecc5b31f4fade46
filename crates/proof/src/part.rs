//! Parts of the protocol by name, and places where a prover may lie: for tests that remove one part on both sides and see which lie then
//! passes. Only with the feature `test-mutants` can a key have a part removed or a lie; without it both are constants.

use crate::Key;
use ark_bn254::Fr;
use ark_ff::Zero;
use fedproof_lookup::Challenges;
use fedproof_program::Stage;

/// Something that soundness needs (ids of docs/protocol.md in brackets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "test-mutants"), allow(dead_code))]
pub enum Part {
    /// H_g of a helper.
    Helper(usize),
    /// The sum of all helpers is zero.
    HelperSum,
    /// The i-th constraint that there is, i from 1.
    Constraint(usize),
    /// \[R-X\]
    Inputs,
    /// \[R-S1A\]
    Contractions,
    /// \[R-AD\]
    Factors,
    /// \[R-S1B\]
    VirtualWeights,
    /// \[R-S2\]
    Rows,
    /// \[R-COL\]
    Columns,
    /// \[R-TAB\]
    KeyTable,
    /// One kind of \[R-LINK\].
    Links(Link),
    /// \[R-COUNT\]
    Count,
    /// \[R-DEG\]
    Degree,
    /// One-hot targets of a registration.
    OneHot,
    /// A_3, the opening at zeta.
    DegreeOpening,
    /// V5.
    Statement,
    /// V6.
    Setup,
}

/// A kind of \[R-LINK\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Link {
    /// s on F and B of an identity or ReLU layer.
    Step,
    /// s on F and D of a smooth layer.
    Slope,
    /// q on B and a on D of a smooth layer.
    Backward,
    /// a on D_L is the prediction less the target.
    Residual,
    /// s on D_L is the record's weight.
    LossWeight,
    /// M - q + q is M on all units.
    Maximum,
    /// e on P_L and Q_L.
    Exponential,
    /// S is the sum of e.
    Sum,
    /// q on Q_L and a on F_L.
    Quotient,
    /// One mark in every record.
    Mark,
    /// q + ex on H_L is the output less the target.
    Difference,
    /// a on H_L and F_L.
    Clamped,
}

impl Part {
    /// Relations of the values that a sumcheck reveals.
    pub(crate) fn value(stage: Stage) -> Self {
        match stage {
            Stage::S1a => Self::Inputs,
            Stage::S1b => Self::Factors,
            Stage::S2 | Stage::S3 => Self::Columns,
        }
    }

    /// Closing relation of a sumcheck.
    pub(crate) fn closing(stage: Stage) -> Self {
        match stage {
            Stage::S1a => Self::Contractions,
            Stage::S1b => Self::VirtualWeights,
            Stage::S2 | Stage::S3 => Self::Rows,
        }
    }
}

impl Key {
    /// Whether a part is in force: always, but in tests of weakened protocols.
    pub(crate) fn keeps(&self, part: Part) -> bool {
        self.removed() != Some(part)
    }

    /// The challenges of the rows without those of removed constraints.
    pub(crate) fn weakened(&self, mut challenges: Challenges, helpers: usize) -> Challenges {
        let power = match self.removed() {
            Some(Part::Helper(g)) => challenges.chi.get_mut(1 + g),
            Some(Part::Constraint(i)) => challenges.chi.get_mut(helpers + i),
            _ => None,
        };
        if let Some(power) = power {
            *power = Fr::zero();
        }
        challenges
    }
}

/// What a cheating prover puts in the place of what it computed. Every method leaves things as they are unless overridden.
pub trait Lies: std::fmt::Debug + Send + Sync {
    /// Cells of column k, committed and opened instead of the trace's (training and round close).
    fn column(&self, _k: usize) -> Option<&[Fr]> {
        None
    }
    /// Cells of column k of a round close that helpers and S2 are computed from, instead of those committed.
    fn computed(&self, _k: usize) -> Option<&[Fr]> {
        None
    }
    /// Multiplicities of a registration.
    fn counts(&self, _counts: &mut [i64]) {}
    /// Columns that helpers and S2 are computed from.
    fn rows(&self, _columns: &mut [Vec<Fr>]) {}
    /// Helper columns.
    fn helpers(&self, _columns: &mut [Vec<Fr>]) {}
    /// The cells of W_out.
    fn update(&self, _cells: &mut [i64]) {}
    /// The coefficients of W_out, or of the next model of a close, from position N on, by vector.
    fn blinds(&self, _blinds: &mut [Vec<Fr>]) {}
    /// Scalars about to be sent under a label.
    fn values(&self, _label: u8, _values: &mut [Fr]) {}
}

/// No lie.
#[derive(Debug)]
pub(crate) struct Honest;

impl Lies for Honest {}
