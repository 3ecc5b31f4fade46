//! Why bytes are not a value.

/// One variant per check of the strict decoding. `offset` is the position of the offending value's first byte in the bytes decoded:
/// in the proof body for a [`crate::KeccakVerifier`], in the value itself (0, or 32 for y) for the plain functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A scalar is not below the order r of the group.
    #[error("scalar at byte {offset} is not below the group order")]
    NonCanonicalScalar {
        /// Position of the scalar.
        offset: usize,
    },
    /// A coordinate is not below the prime p of the curve's field.
    #[error("coordinate at byte {offset} is not below the field's prime")]
    NonCanonicalCoordinate {
        /// Position of the coordinate.
        offset: usize,
    },
    /// A point satisfies neither the curve's equation nor is it (0, 0).
    #[error("point at byte {offset} is not on the curve")]
    NotOnCurve {
        /// Position of the point.
        offset: usize,
    },
    /// The bytes end within the values to be read at `offset`.
    #[error("{needed} bytes are needed at byte {offset}, {left} are left")]
    Truncated {
        /// Where the values start.
        offset: usize,
        /// Bytes the values take.
        needed: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// Bytes are left after the last value.
    #[error("{expected} bytes expected, got {got}")]
    WrongLength {
        /// Bytes read, which should have been all.
        expected: usize,
        /// Bytes given.
        got: usize,
    },
}

impl DecodeError {
    /// The same error of a value that starts `base` bytes into something larger.
    #[must_use]
    pub fn at(self, base: usize) -> Self {
        match self {
            Self::NonCanonicalScalar { offset } => Self::NonCanonicalScalar { offset: base.saturating_add(offset) },
            Self::NonCanonicalCoordinate { offset } => Self::NonCanonicalCoordinate { offset: base.saturating_add(offset) },
            Self::NotOnCurve { offset } => Self::NotOnCurve { offset: base.saturating_add(offset) },
            Self::Truncated { offset, needed, left } => Self::Truncated { offset: base.saturating_add(offset), needed, left },
            Self::WrongLength { .. } => self,
        }
    }
}
