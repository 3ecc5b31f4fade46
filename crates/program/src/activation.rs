//! Activations and losses as integer tables.

/// Elementwise function of a hidden layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Activation {
    /// `a = q`, derivative 1.
    Identity,
    /// `a = max(q, 0)`, derivative `[q > 0]`.
    Relu,
}

impl Activation {
    /// Byte of the canonical encoding.
    pub fn code(self) -> u8 {
        match self {
            Self::Identity => 0,
            Self::Relu => 1,
        }
    }

    /// Inverse of [`Activation::code`].
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Identity),
            1 => Some(Self::Relu),
            _ => None,
        }
    }

    /// (activation, derivative) of a pre-activation.
    pub fn apply(self, q: i64) -> (i64, i64) {
        match self {
            Self::Identity => (q, 1),
            Self::Relu => (q.max(0), i64::from(q > 0)),
        }
    }

    /// Lookup tag of its table segment.
    pub fn tag(self) -> u64 {
        32 + u64::from(self.code())
    }
}

/// Loss, together with the output activation it fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Squared error on identity output.
    Squared,
    /// Sigmoid output with cross-entropy.
    Sigmoid,
}

impl Loss {
    /// Byte of the canonical encoding.
    pub fn code(self) -> u8 {
        match self {
            Self::Squared => 0,
            Self::Sigmoid => 1,
        }
    }

    /// Inverse of [`Loss::code`].
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Squared),
            1 => Some(Self::Sigmoid),
            _ => None,
        }
    }
}

/// Lookup tag of the sigmoid segment.
pub const SIGMOID_TAG: u64 = 48;

/// `floor(2^fd / (1 + exp(-q / 2^fa)) + 1/2)` for q = -2^(l-1) .. 2^(l-1)-1. `libm::exp` is software: the same table on every machine.
pub fn sigmoid_table(l: u32, fa: u32, fd: u32) -> Vec<i64> {
    let half = 1i64 << (l - 1);
    let scale = (1i64 << fd) as f64;
    (-half..half)
        .map(|q| {
            let x = -(q as f64) / (1i64 << fa) as f64;
            libm::floor(scale / (1.0 + libm::exp(x)) + 0.5) as i64
        })
        .collect()
}
