//! Field arithmetic of BN254 on eight values at once, with the AVX-512 IFMA instructions of processors that have them.
//!
//! This is the one crate with `unsafe` code, for two things only: loads and stores of 64 bytes through pointers that were references a
//! line before, and calls of functions compiled for these instructions, which need an [`Ifma`]: only [`Ifma::detect`] makes one. All
//! indices are checked, and no value of a number or a point breaks memory safety.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod affine;
#[cfg(target_arch = "x86_64")]
mod gather;
#[cfg(target_arch = "x86_64")]
mod ifma;
#[cfg(not(target_arch = "x86_64"))]
mod missing;
mod point;
#[cfg(target_arch = "x86_64")]
mod radix;
#[cfg(target_arch = "x86_64")]
mod rows;
#[cfg(target_arch = "x86_64")]
mod table;
#[cfg(all(test, target_arch = "x86_64"))]
mod tests;
#[cfg(target_arch = "x86_64")]
mod vector;

#[cfg(target_arch = "x86_64")]
pub use affine::Scratch;
#[cfg(target_arch = "x86_64")]
pub use ifma::Ifma;
#[cfg(not(target_arch = "x86_64"))]
pub use missing::{Ifma, Rows, Scratch, Table};
pub use point::Point;
#[cfg(target_arch = "x86_64")]
pub use rows::Rows;
#[cfg(target_arch = "x86_64")]
pub use table::Table;

/// Number of rows of a [`Rows`].
pub const ROWS: usize = 16;
