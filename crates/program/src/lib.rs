//! The compiled integer training program of a task (docs/protocol.md, sections 1, 2 and 8).
//!
//! [`Program`] is the public description everybody agrees on; its digest is the keccak256 of its canonical encoding. [`Layout`]
//! is everything that follows from it: regions, lookup segments, columns, degrees, mask positions. Both the prover and the
//! verifier compute the layout; nothing of it is ever taken from a proof.

mod activation;
mod bounds;
mod columns;
mod encoding;
mod error;
mod init;
mod layout;
mod masks;
mod program;
mod registration;
mod schedule;
mod soundness;

pub use activation::{sigmoid_table, Activation, Loss, SIGMOID_TAG};
pub use bounds::Bounds;
pub use columns::{Columns, Helper, Unit};
pub use error::ProgramError;
pub use fedproof_transcript::keccak256;
pub use init::{init_weights, Weights};
pub use layout::{Direction, Layout, Record, Region, Segment, SegmentKind, Term, TermKind, WeightRegion};
pub use masks::{MaskLayout, Stage};
pub use program::Program;
pub use registration::RegistrationLayout;
pub use schedule::Schedule;
pub use soundness::soundness_bits;

/// Least k with `2^k >= n` (0 for n <= 1).
pub fn log2_ceil(n: usize) -> usize {
    if n <= 1 {
        0
    } else {
        (usize::BITS - (n - 1).leading_zeros()) as usize
    }
}
