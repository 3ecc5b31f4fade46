//! Positions in the mask vector m: 3 random cells, every mask, 3 random cells.

/// The four sumchecks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Contractions of all layers.
    S1a,
    /// Virtual weights.
    S1b,
    /// Trace constraints and lookups.
    S2,
    /// All linear claims at one point.
    S3,
}

/// Random cells below and above the masks: three lie below the support of l' (docs/protocol.md, section 6).
pub const RANDOM_CELLS: usize = 3;

/// Layout of the mask vector of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskLayout {
    degrees: [Vec<usize>; 4],
    coefficients: [usize; 4],
    values: [usize; 3],
    value_counts: [usize; 3],
    blinds: Vec<(usize, usize)>,
    support_end: usize,
}

impl MaskLayout {
    pub(crate) fn new(degrees: [Vec<usize>; 4], value_counts: [usize; 3], blind_counts: &[usize]) -> Self {
        let mut next = RANDOM_CELLS;
        let mut take = |n: usize| {
            let at = next;
            next += n;
            at
        };
        let coefficients = [0, 1, 2, 3].map(|s: usize| take(degrees[s].iter().sum()));
        let values = value_counts.map(&mut take);
        let blinds = blind_counts.iter().map(|&n| (take(n), n)).collect();
        Self { degrees, coefficients, values, value_counts, blinds, support_end: next }
    }

    /// Degree of every fold of a sumcheck.
    pub fn degrees(&self, stage: Stage) -> &[usize] {
        &self.degrees[stage as usize]
    }

    /// Variables of a sumcheck.
    pub fn variables(&self, stage: Stage) -> usize {
        self.degrees(stage).len()
    }

    /// Position of the first coefficient of `stage`; they follow variable by variable, exponents 1..=degree.
    pub fn coefficients(&self, stage: Stage) -> usize {
        self.coefficients[stage as usize]
    }

    /// Position of the mask of revealed value k.
    pub fn value(&self, stage: Stage, k: usize) -> usize {
        self.values[stage as usize] + k
    }

    /// Number of revealed values of a sumcheck (S3 reveals none).
    pub fn value_count(&self, stage: Stage) -> usize {
        self.value_counts.get(stage as usize).copied().unwrap_or(0)
    }

    /// (position, number) of the blinds of each vector of W_out.
    pub fn update_blinds(&self) -> &[(usize, usize)] {
        &self.blinds
    }

    /// First position after the support of l'.
    pub fn support_end(&self) -> usize {
        self.support_end
    }

    /// Length of m.
    pub fn len(&self) -> usize {
        self.support_end + RANDOM_CELLS
    }

    /// Never: m holds at least its random cells.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Field elements that all folds of a proof send.
    pub fn fold_scalars(&self) -> usize {
        self.degrees.iter().flatten().sum()
    }
}
