//! fedproof: proof.
