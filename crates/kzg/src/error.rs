//! Why a setup is refused.

use std::io;
use std::path::Path;

/// One variant per check of a setup file. `power` is the exponent of tau of the offending G1 point.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The operating system refused.
    #[error("{path}: {message}")]
    Io {
        /// The file.
        path: String,
        /// Its kind, for callers that react to some.
        kind: io::ErrorKind,
        /// What the system said.
        message: String,
    },
    /// The file does not start with the magic bytes of its format.
    #[error("not a {expected} file")]
    WrongMagic {
        /// "ptau" or "fedproof setup".
        expected: &'static str,
    },
    /// A version of the format that is not known.
    #[error("file version {got}, only {expected} is known")]
    WrongVersion {
        /// The known version.
        expected: u32,
        /// The file's.
        got: u32,
    },
    /// The file is shorter or longer than what it declares.
    #[error("{expected} bytes declared, {got} there")]
    WrongLength {
        /// Bytes declared.
        expected: u64,
        /// Bytes there.
        got: u64,
    },
    /// More sections than any such file has.
    #[error("{got} sections declared, at most {limit} expected")]
    TooManySections {
        /// Most that are accepted.
        limit: u32,
        /// Declared.
        got: u32,
    },
    /// A section that is needed is not there.
    #[error("section {section} is missing")]
    MissingSection {
        /// The section's number.
        section: u32,
    },
    /// A section that is needed is there twice.
    #[error("section {section} is there more than once")]
    DuplicateSection {
        /// The section's number.
        section: u32,
    },
    /// A section has not the size that the header asks for.
    #[error("section {section} has {got} bytes, not {expected}")]
    SectionSize {
        /// The section's number.
        section: u32,
        /// Bytes due.
        expected: u64,
        /// Bytes declared.
        got: u64,
    },
    /// The file is of another curve.
    #[error("the file's prime is not that of BN254")]
    WrongPrime,
    /// The declared power is not one that BN254 has.
    #[error("power {got} declared, at most {limit} possible")]
    PowerTooLarge {
        /// Largest possible.
        limit: u32,
        /// Declared.
        got: u32,
    },
    /// Fewer powers of tau than asked for.
    #[error("{wanted} powers asked for, {available} there")]
    NotEnoughPowers {
        /// Asked for.
        wanted: usize,
        /// There.
        available: usize,
    },
    /// A setup has at least two powers.
    #[error("a setup needs at least 2 powers, got {got}")]
    TooFewPowers {
        /// Asked for.
        got: usize,
    },
    /// A coordinate of a G1 point is not below the prime.
    #[error("G1 power {power}: coordinate not below the field's prime")]
    NonCanonicalG1 {
        /// Which point.
        power: usize,
    },
    /// A G1 point is not on the curve (the identity, no power of a secret, counts as such).
    #[error("G1 power {power}: not on the curve")]
    G1NotOnCurve {
        /// Which point.
        power: usize,
    },
    /// A coordinate of a G2 point is not below the prime.
    #[error("G2 power {power}: coordinate not below the field's prime")]
    NonCanonicalG2 {
        /// Which point.
        power: usize,
    },
    /// A G2 point is not on the curve (or the identity).
    #[error("G2 power {power}: not on the curve")]
    G2NotOnCurve {
        /// Which point.
        power: usize,
    },
    /// A G2 point is on the curve but not in the group.
    #[error("G2 power {power}: not in the group of order r")]
    G2NotInSubgroup {
        /// Which point.
        power: usize,
    },
    /// tau^0 is not the generator of G1.
    #[error("G1 power 0 is not the generator")]
    WrongG1Generator,
    /// tau^0 is not the generator of G2.
    #[error("G2 power 0 is not the generator")]
    WrongG2Generator,
    /// tau is 0, 1 or -1.
    #[error("tau is 0, 1 or -1")]
    DegenerateTau,
    /// tau of G1 and tau of G2 differ.
    #[error("G1 and G2 have different tau")]
    TauMismatch,
    /// The G1 points are not successive powers of tau.
    #[error("the G1 points are not the powers of one tau")]
    InconsistentPowers,
    /// A cache file's checksum is not that of its bytes.
    #[error("checksum mismatch: the file is damaged")]
    Checksum,
    /// A cache file's insecure flag contradicts its tau.
    #[error("the insecure flag is {got} but should be {expected}")]
    InsecureFlag {
        /// What tau says: 1 for the development setup's, else 0.
        expected: u8,
        /// What the file says.
        got: u8,
    },
}

impl SetupError {
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        Self::Io { path: path.display().to_string(), kind: error.kind(), message: error.to_string() }
    }
}
