"""The Rust verifier against the Solidity verifiers: the same verdict on any bytes (`python -m tools.differential --help`)."""
