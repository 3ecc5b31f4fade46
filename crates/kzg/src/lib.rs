//! fedproof: kzg.
