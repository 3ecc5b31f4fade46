//! Every part of the protocol is needed: without it, on both sides, some cheat passes that is rejected with it.
//! `cargo test --release -p fedproof-proof --features test-mutants --test mutants`

#[path = "../cheats/mod.rs"]
mod cheats;
#[path = "../common/mod.rs"]
mod common;

mod checks;
mod closes;
mod lies;
mod matrix;
mod order;
mod parts;
mod tables;
