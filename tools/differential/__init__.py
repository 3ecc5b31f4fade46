"""The Rust verifier against the Solidity verifiers: the same verdict on any bytes (`make fuzz-contracts`)."""
