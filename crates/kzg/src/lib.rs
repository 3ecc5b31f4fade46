//! KZG on BN254: the setup, commitments, and the pairing check of an opening (`docs/protocol.md`, sections 0, 3 and 8).

mod cache;
mod commit;
mod error;
mod msm;
mod pairing;
mod points;
mod powers;
mod ptau;
mod setup;
mod source;
mod validate;

pub use ark_bn254::{Fr, G1Affine, G2Affine};
pub use commit::Commit;
pub use error::SetupError;
pub use pairing::verify_pairing;
pub use setup::Setup;
