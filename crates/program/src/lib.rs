//! The compiled integer training program of a task (docs/protocol.md, sections 1, 2 and 8).
//!
//! [`Program`] is the public description everybody agrees on; its digest is the keccak256 of its canonical encoding. [`Layout`]
//! is everything that follows from it: regions, lookup segments, columns, degrees, mask positions. Both the prover and the
//! verifier compute the layout; nothing of it is ever taken from a proof.

mod activation;
mod bounds;
mod close;
mod columns;
mod cost;
mod encoding;
mod error;
mod init;
mod kernel;
mod layout;
mod loss;
mod masks;
mod places;
mod program;
mod registration;
mod schedule;
mod segments;
mod soundness;

pub use activation::Activation;
pub use bounds::Bounds;
pub use close::CloseLayout;
pub use columns::{Columns, Helper, Unit};
pub use cost::{Cost, Prefer};
pub use error::ProgramError;
pub use fedproof_transcript::keccak256;
pub use init::{init_weights, Weights};
pub use kernel::Kernel;
pub use layout::{Layout, Term, TermKind};
pub use loss::{exponential_bits, Loss, CLAMP_TAG, EXPONENTIAL_TAG, SIGMOID_TAG};
pub use masks::{MaskLayout, Stage};
pub use places::{Direction, Record, Region, WeightRegion};
pub use program::{Program, LOSS_WEIGHT_BITS};
pub use registration::RegistrationLayout;
pub use schedule::Schedule;
pub use segments::{KeyTable, Segment, SegmentKind};
pub use soundness::soundness_bits;

/// Least k with `2^k >= n` (0 for n <= 1).
pub fn log2_ceil(n: usize) -> usize {
    if n <= 1 {
        0
    } else {
        (usize::BITS - (n - 1).leading_zeros()) as usize
    }
}
