//! The target that has the binary's name.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let target = fedproof_fuzz::target(env!("CARGO_BIN_NAME")).expect("a target of this name");
    (target.run)(data);
});
