//! fedproof: lookup.
