//! Tests of the witness: a checker of every relation of docs/protocol.md, section 2, and a scalar implementation of section 1, both
//! independent of the crate's own code.

mod case;
mod checker;
mod data;
mod extremes;
mod faults;
mod honest;
mod lookups;
mod rows;
mod scalar;
mod strategy;
