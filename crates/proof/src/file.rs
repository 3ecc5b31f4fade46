//! The proof file: magic, version, kind, body (docs/protocol.md, section 8).

use crate::ProofError;
use fedproof_transcript::ProofKind;

const MAGIC: &[u8; 8] = b"FEDPROOF";
const VERSION: u16 = 2;

/// Bytes before the body.
pub(crate) const HEADER_BYTES: usize = 11;

/// Wraps a proof body.
pub fn encode_file(kind: ProofKind, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_BYTES + body.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.push(kind.code());
    out.extend_from_slice(body);
    out
}

/// Checks V1 to V4 and returns the body. `body_bytes` is the length that the key fixes.
pub fn decode_file(kind: ProofKind, body_bytes: usize, file: &[u8]) -> Result<&[u8], ProofError> {
    let rest = file.strip_prefix(MAGIC).ok_or(ProofError::WrongMagic)?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or(ProofError::WrongMagic)?;
    let version = u16::from_be_bytes(*version);
    if version != VERSION {
        return Err(ProofError::UnsupportedVersion { expected: VERSION, got: version });
    }
    let (&got, body) = rest.split_first().ok_or(ProofError::WrongMagic)?;
    if got != kind.code() {
        return Err(ProofError::WrongKind { expected: kind.code(), got });
    }
    if body.len() != body_bytes {
        return Err(ProofError::WrongLength { expected: body_bytes, got: body.len() });
    }
    Ok(body)
}
