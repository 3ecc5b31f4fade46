//! fedproof: transcript.
