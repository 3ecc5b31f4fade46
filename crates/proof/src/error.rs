//! Why a proof is rejected: one variant per check, the same names in every language.

use fedproof_transcript::DecodeError;

/// Verdict of a verifier that does not accept. [`ProofError::check`] gives the check's id in docs/protocol.md, section 5.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// V1: the file does not begin with "FEDPROOF".
    #[error("not a proof file: it does not begin with FEDPROOF")]
    WrongMagic,
    /// V2: written by another version.
    #[error("proof file version {got}, this verifier reads version {expected}")]
    UnsupportedVersion {
        /// Version read by this verifier.
        expected: u16,
        /// Version of the file.
        got: u16,
    },
    /// V3: a proof of another kind.
    #[error("proof of kind {got}, expected kind {expected}")]
    WrongKind {
        /// Kind asked for.
        expected: u8,
        /// Kind of the file.
        got: u8,
    },
    /// V4: not exactly as long as the key says.
    #[error("proof body of {got} bytes, the key fixes {expected}")]
    WrongLength {
        /// Length that the key fixes.
        expected: usize,
        /// Length found.
        got: usize,
    },
    /// V5: number of commitments, schedule or count does not fit the key.
    #[error("statement: {field} does not fit the program")]
    WrongStatement {
        /// Field of the statement.
        field: &'static str,
    },
    /// V6: key and setup do not belong together.
    #[error("the key was made for another setup")]
    WrongSetup,
    /// V7: a scalar is not below r.
    #[error("scalar at byte {offset} is not canonical")]
    NonCanonicalScalar {
        /// Byte offset in the proof body.
        offset: usize,
    },
    /// V8: a coordinate is not below p.
    #[error("coordinate at byte {offset} is not canonical")]
    NonCanonicalCoordinate {
        /// Byte offset in the proof body.
        offset: usize,
    },
    /// V9: a point is not on the curve.
    #[error("point at byte {offset} is not on the curve")]
    NotOnCurve {
        /// Byte offset in the proof body.
        offset: usize,
    },
    /// V10: z, x or zeta hit a value that the opening cannot use (probability below 2^-250).
    #[error("degenerate challenge {name}")]
    DegenerateChallenge {
        /// Label of the challenge.
        name: &'static str,
    },
    /// V11: the opening of the batched relations does not hold: some relation, degree or constraint is violated.
    #[error("the opening fails: the update is not the agreed training on the committed data")]
    OpeningFailed,
}

impl ProofError {
    /// Id of the check in docs/protocol.md, section 5.
    pub fn check(&self) -> &'static str {
        match self {
            Self::WrongMagic => "V1",
            Self::UnsupportedVersion { .. } => "V2",
            Self::WrongKind { .. } => "V3",
            Self::WrongLength { .. } => "V4",
            Self::WrongStatement { .. } => "V5",
            Self::WrongSetup => "V6",
            Self::NonCanonicalScalar { .. } => "V7",
            Self::NonCanonicalCoordinate { .. } => "V8",
            Self::NotOnCurve { .. } => "V9",
            Self::DegenerateChallenge { .. } => "V10",
            Self::OpeningFailed => "V11",
        }
    }

    /// Name of the error, the same in every language.
    pub fn name(&self) -> &'static str {
        match self {
            Self::WrongMagic => "WrongMagic",
            Self::UnsupportedVersion { .. } => "UnsupportedVersion",
            Self::WrongKind { .. } => "WrongKind",
            Self::WrongLength { .. } => "WrongLength",
            Self::WrongStatement { .. } => "WrongStatement",
            Self::WrongSetup => "WrongSetup",
            Self::NonCanonicalScalar { .. } => "NonCanonicalScalar",
            Self::NonCanonicalCoordinate { .. } => "NonCanonicalCoordinate",
            Self::NotOnCurve { .. } => "NotOnCurve",
            Self::DegenerateChallenge { .. } => "DegenerateChallenge",
            Self::OpeningFailed => "OpeningFailed",
        }
    }
}

impl From<DecodeError> for ProofError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::NonCanonicalScalar { offset } => Self::NonCanonicalScalar { offset },
            DecodeError::NonCanonicalCoordinate { offset } => Self::NonCanonicalCoordinate { offset },
            DecodeError::NotOnCurve { offset } => Self::NotOnCurve { offset },
            DecodeError::Truncated { offset, needed, left } => {
                Self::WrongLength { expected: offset.saturating_add(needed), got: offset.saturating_add(left) }
            }
            DecodeError::WrongLength { expected, got } => Self::WrongLength { expected, got },
        }
    }
}
