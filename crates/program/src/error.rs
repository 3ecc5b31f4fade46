//! Errors of building or decoding a program.

/// Why a program is illegal. Each names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// A field lies outside its limits.
    #[error("{field}: {why}")]
    Field {
        /// Name of the field as in docs/protocol.md, section 1.
        field: &'static str,
        /// What is wrong and what is allowed.
        why: String,
    },
    /// The integers of the program could leave the range that the proof covers.
    #[error("{field}: {quantity} can reach 2^{bits}, more than 2^{limit}: lower the learning rate, the weight bound or the number of steps")]
    Overflow {
        /// Field to change first.
        field: &'static str,
        /// The quantity that grows too large.
        quantity: &'static str,
        /// Its size in bits.
        bits: u32,
        /// The limit in bits.
        limit: u32,
    },
    /// Not a canonical encoding.
    #[error("program encoding: {0}")]
    Encoding(&'static str),
}

impl ProgramError {
    pub(crate) fn field(field: &'static str, why: impl Into<String>) -> Self {
        Self::Field { field, why: why.into() }
    }
}
