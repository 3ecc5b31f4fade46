//! Losses and their integer tables (docs/protocol.md, section 1).

use crate::activation::nearest;

/// Loss, together with the output activation it fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Squared error on identity output.
    Squared,
    /// Sigmoid output with cross-entropy.
    Sigmoid,
    /// Softmax output with cross-entropy.
    Softmax,
    /// Huber loss on identity output.
    Huber,
}

const NAMES: [(Loss, &str); 4] =
    [(Loss::Squared, "squared"), (Loss::Sigmoid, "sigmoid"), (Loss::Softmax, "softmax"), (Loss::Huber, "huber")];

impl Loss {
    /// Byte of the canonical encoding.
    pub fn code(self) -> u8 {
        NAMES.iter().zip(0..).find(|((loss, _), _)| *loss == self).map_or(0, |(_, code)| code)
    }

    /// Inverse of [`Loss::code`].
    pub fn from_code(code: u8) -> Option<Self> {
        NAMES.get(usize::from(code)).map(|&(loss, _)| loss)
    }

    /// Short name.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.code())).map_or("", |&(_, name)| name)
    }

    /// Inverse of [`Loss::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, n)| *n == name).map(|&(loss, _)| loss)
    }

    /// Whether targets are 0 or 2^fd rather than signed l-bit integers.
    pub fn classifies(self) -> bool {
        matches!(self, Self::Sigmoid | Self::Softmax)
    }

    /// The values looked up for the output layer: the segment's kind, if the loss has one.
    pub fn segment(self) -> Option<crate::SegmentKind> {
        match self {
            Self::Squared => None,
            Self::Sigmoid => Some(crate::SegmentKind::Sigmoid),
            Self::Softmax => Some(crate::SegmentKind::Exponential),
            Self::Huber => Some(crate::SegmentKind::Clamp),
        }
    }
}

/// Lookup tag of the sigmoid segment.
pub const SIGMOID_TAG: u64 = 48;
/// Lookup tag of the exponential segment.
pub const EXPONENTIAL_TAG: u64 = 50;
/// Lookup tag of the clamp segment.
pub const CLAMP_TAG: u64 = 51;

/// `round(2^fd / (1 + exp(-q / 2^fa)))` for q = -2^(l-1) .. 2^(l-1)-1. `libm::exp` is software: the same table on every machine.
pub fn sigmoid_table(l: u32, fa: u32, fd: u32) -> Vec<i64> {
    let half = 1i64 << (l - 1);
    let (one, scale) = ((1i64 << fa) as f64, (1i64 << fd) as f64);
    (-half..half).map(|q| nearest(scale / (1.0 + libm::exp(-(q as f64) / one)))).collect()
}

/// fe: fractional bits of the exponentials of softmax.
pub fn exponential_bits(l: u32) -> u32 {
    l + 1
}

/// `round(2^fe exp(-i / 2^fa))` for i = 0 .. 2^l-1.
pub fn exponential_table(l: u32, fa: u32) -> Vec<i64> {
    let (one, scale) = ((1i64 << fa) as f64, (1i64 << exponential_bits(l)) as f64);
    (0..1i64 << l).map(|i| nearest(scale * libm::exp(-(i as f64) / one))).collect()
}

/// `clamp(q, -threshold, threshold)` for q = -2^(l-1) .. 2^(l-1)-1.
pub fn clamp_table(l: u32, threshold: i64) -> Vec<i64> {
    let half = 1i64 << (l - 1);
    (-half..half).map(|q| q.clamp(-threshold, threshold)).collect()
}
