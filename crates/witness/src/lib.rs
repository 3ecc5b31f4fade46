//! fedproof: witness.
