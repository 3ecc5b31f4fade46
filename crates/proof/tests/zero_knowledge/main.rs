//! What a proof tells about the data: nothing (docs/protocol.md, section 6).
//!
//! - `rank`: everything revealed is an independent, uniform function of fresh randomness; weaker blinds leak.
//! - `simulator`: proofs without a witness, which the verifier accepts.
//! - `distribution`: statistics of proofs of two witnesses and of simulated ones.
//! - `guess`: every dataset explains a proof; with weaker blinds a guess can be confirmed.
//! - `randomness`: nothing is used twice.

#[path = "../common/mod.rs"]
mod common;

mod case;
mod distribution;
mod guess;
mod jacobian;
mod linear;
mod oracle;
mod randomness;
mod rank;
mod simulator;
