//! fedproof: program.
