//! The one hash of the project.

use sha3::{Digest, Keccak256};

/// Keccak-256 (Ethereum's, not SHA3-256) of the concatenation of `parts`.
pub fn keccak256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
