//! Setup files to read, true and false ones.

// Every test binary uses its part.
#![allow(dead_code)]

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, PrimeField};
use fedproof_kzg::{Setup, SetupError};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A contribution made with snarkjs, of power 4.
pub const POWER4: &[u8] = include_bytes!("../data/power4.ptau");
/// Where section 1's data are in [`POWER4`].
pub const HEADER: usize = 24;
/// Where section 2's data (31 points of G1) are.
pub const TAU_G1: usize = 80;
/// Where section 3's data (16 points of G2) are.
pub const TAU_G2: usize = 2076;

/// A file in the target folder that goes away with the value.
pub struct TempFile(pub PathBuf);

impl TempFile {
    pub fn new(bytes: &[u8]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("setup-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// What reading `bytes` as a `.ptau` file gives.
pub fn ptau(bytes: &[u8], powers: usize) -> Result<Setup, SetupError> {
    Setup::from_ptau(&TempFile::new(bytes).0, powers)
}

/// What reading `bytes` as a cache file gives.
pub fn cache(bytes: &[u8]) -> Result<Setup, SetupError> {
    Setup::load(&TempFile::new(bytes).0)
}

/// The bytes [`Setup::save`] writes.
pub fn saved(setup: &Setup) -> Vec<u8> {
    let file = TempFile::new(&[]);
    setup.save(&file.0).unwrap();
    fs::read(&file.0).unwrap()
}

/// [`POWER4`] with other bytes at a place.
pub fn patched(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = POWER4.to_vec();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

/// Place of tau^power G in [`POWER4`].
pub fn g1_at(power: usize) -> usize {
    TAU_G1 + 64 * power
}

fn montgomery(coordinate: Fq) -> Vec<u8> {
    coordinate.0 .0.iter().flat_map(|limb| limb.to_le_bytes()).collect()
}

pub fn g1_bytes(point: &G1Affine) -> Vec<u8> {
    [point.x, point.y].into_iter().flat_map(montgomery).collect()
}

pub fn g2_bytes(point: &G2Affine) -> Vec<u8> {
    [point.x.c0, point.x.c1, point.y.c0, point.y.c1].into_iter().flat_map(montgomery).collect()
}

/// [`POWER4`] with the powers of another tau.
pub fn power4_of(tau: Fr) -> Vec<u8> {
    let g1 = (0..31).flat_map(|i| g1_bytes(&(G1Affine::generator() * tau.pow([i])).into_affine()));
    let mut file = patched(TAU_G1, &g1.collect::<Vec<_>>());
    let g2 = (0..16).flat_map(|i| g2_bytes(&(G2Affine::generator() * tau.pow([i])).into_affine()));
    let g2: Vec<u8> = g2.collect();
    file[TAU_G2..TAU_G2 + g2.len()].copy_from_slice(&g2);
    file
}

/// On the curve of G2 but not in the group.
pub fn outside_g2() -> G2Affine {
    (1u64..)
        .filter_map(|x| G2Affine::get_point_from_x_unchecked(x.into(), true))
        .find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
        .unwrap()
}

/// The prime of the coordinates, little-endian.
pub fn prime() -> Vec<u8> {
    Fq::MODULUS.0.iter().flat_map(|limb| limb.to_le_bytes()).collect()
}
