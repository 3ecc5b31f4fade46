//! How the weights of step t depend on the gradients before it (docs/protocol.md, section 1).

/// Linear optimiser: `W_t = c_t W_0 - sum_{u<t} kappa_{t-u} G_u`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kernel {
    /// SGD: every kappa is k, every c is 1.
    Plain(u64),
    /// Momentum, Nesterov momentum, weight decay, FedProx.
    Explicit {
        /// fc: c and the weights of all steps have so many fractional bits more than W_0.
        fraction_bits: u32,
        /// kappa_1 .. kappa_T.
        taps: Vec<i64>,
        /// c_1 .. c_T.
        decay: Vec<i64>,
    },
}

impl Kernel {
    /// fc.
    pub fn fraction_bits(&self) -> u32 {
        match self {
            Self::Plain(_) => 0,
            Self::Explicit { fraction_bits, .. } => *fraction_bits,
        }
    }

    /// kappa of a distance >= 1; 0 beyond the last.
    pub fn tap(&self, distance: usize) -> i64 {
        match self {
            Self::Plain(k) => *k as i64,
            Self::Explicit { taps, .. } => distance.checked_sub(1).and_then(|i| taps.get(i)).copied().unwrap_or(0),
        }
    }

    /// c_t; that of the last step for all later ones.
    pub fn decay(&self, step: usize) -> i64 {
        match self {
            Self::Plain(_) => 1,
            Self::Explicit { fraction_bits, decay, .. } => match step.checked_sub(1) {
                None => 1 << fraction_bits,
                Some(i) => decay.get(i).or(decay.last()).copied().unwrap_or(0),
            },
        }
    }

    /// Sum of |kappa| over the steps of a round.
    pub(crate) fn gain(&self, steps: usize) -> u128 {
        match self {
            Self::Plain(k) => steps as u128 * u128::from(*k),
            Self::Explicit { taps, .. } => taps.iter().map(|k| u128::from(k.unsigned_abs())).sum(),
        }
    }

    /// Largest |c|.
    pub(crate) fn largest_decay(&self) -> u128 {
        match self {
            Self::Plain(_) => 1,
            Self::Explicit { fraction_bits, decay, .. } => {
                decay.iter().map(|c| u128::from(c.unsigned_abs())).fold(1 << fraction_bits, u128::max)
            }
        }
    }
}
