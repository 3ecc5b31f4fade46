//! fedproof: sumcheck.
