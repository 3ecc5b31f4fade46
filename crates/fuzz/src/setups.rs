//! Files of setups.

use fedproof_kzg::{Setup, SetupError};
use fedproof_transcript::keccak256;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

/// Made with snarkjs, of power 4.
const POWER4: &[u8] = include_bytes!("../../kzg/tests/data/power4.ptau");
/// Powers asked for.
const POWERS: usize = 20;
const CHECKSUM_BYTES: usize = 32;

/// A `.ptau` file is refused, or gives a setup that is the valid one as far as it is read.
pub(crate) fn ptau(bytes: &[u8]) {
    let Ok(setup) = reading(bytes, |path| Setup::from_ptau(path, POWERS)) else { return };
    assert_eq!(setup.powers(), POWERS);
    assert!(!setup.insecure());
}

pub(crate) fn ptau_seeds() -> Vec<Vec<u8>> {
    vec![POWER4.to_vec()]
}

/// A cache file is refused, or its one encoding is these bytes.
pub(crate) fn cache(bytes: &[u8]) {
    let Ok(setup) = reading(bytes, Setup::load) else { return };
    assert!(saved(&setup) == bytes, "a second encoding of a setup");
}

/// As [`cache`], with the checksum that belongs to the bytes: everything behind that check is reached.
pub(crate) fn cache_sealed(bytes: &[u8]) {
    let content = bytes.get(..bytes.len().saturating_sub(CHECKSUM_BYTES)).unwrap_or_default();
    cache(&[content, &keccak256(&[content])].concat());
}

pub(crate) fn cache_seeds() -> Vec<Vec<u8>> {
    let real = reading(POWER4, |path| Setup::from_ptau(path, POWERS)).ok();
    [2, 3, 6].map(Setup::development).iter().chain(&real).map(saved).collect()
}

fn saved(setup: &Setup) -> Vec<u8> {
    let file = Scratch::new();
    assert_eq!(setup.save(&file.0), Ok(()));
    fs::read(&file.0).unwrap_or_default()
}

fn reading(bytes: &[u8], read: impl Fn(&Path) -> Result<Setup, SetupError>) -> Result<Setup, SetupError> {
    let file = Scratch::new();
    assert!(fs::write(&file.0, bytes).is_ok(), "{} cannot be written", file.0.display());
    read(&file.0)
}

/// The name of a file that goes away with the value.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("fedproof-fuzz-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(env::temp_dir().join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Of a file that was never written there is nothing to remove.
        let _ = fs::remove_file(&self.0);
    }
}
