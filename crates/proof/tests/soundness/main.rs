//! What must be rejected is rejected, with the right error; what is harmless is accepted.

#[path = "../cheats/mod.rs"]
mod cheats;
#[path = "../common/mod.rs"]
mod common;

mod close;
mod errors;
mod falsehoods;
mod harmless;
mod random;
mod sites;
mod statement;
mod tamper;
