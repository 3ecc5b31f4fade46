//! Every check of a setup file refuses what it should, by its own error; and nothing panics.

mod common;

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{One, Zero};
use common::{
    cache, g1_at, g1_bytes, g2_bytes, outside_g2, patched, power4_of, prime, ptau, saved, HEADER, POWER4, TAU_G1, TAU_G2,
};
use fedproof_kzg::{Setup, SetupError};
use fedproof_transcript::keccak256;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

use SetupError as E;

/// A cache file with other bytes at a place, and the checksum that goes with them.
fn sealed(setup: &Setup, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = saved(setup);
    file[at..at + bytes.len()].copy_from_slice(bytes);
    let end = file.len() - 32;
    let checksum = keccak256(&[&file[..end]]);
    file[end..].copy_from_slice(&checksum);
    file
}

fn longer(mut file: Vec<u8>) -> Vec<u8> {
    file.push(0);
    file
}

/// Results with the errors they should be.
fn table() -> Vec<(Result<Setup, SetupError>, SetupError)> {
    let len = POWER4.len() as u64;
    let small = Setup::development(4);
    let g1 = |power: usize, point: &[u8]| ptau(&patched(g1_at(power), point), 31);
    let g2 = |power: usize, point: &[u8]| ptau(&patched(TAU_G2 + 128 * power, point), 31);
    let other = g1_bytes(&(G1Affine::generator() * Fr::from(5u64)).into_affine());
    let point = |power: usize| &POWER4[g1_at(power)..g1_at(power + 1)];
    let swapped = |power: usize| g1(power, &[point(power + 1), point(power)].concat());
    let g2_other = g2_bytes(&(G2Affine::generator() * Fr::from(5u64)).into_affine());
    let missing = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no such setup");
    let io = E::Io {
        path: missing.display().to_string(),
        kind: std::io::ErrorKind::NotFound,
        message: std::io::Error::from_raw_os_error(2).to_string(),
    };
    let special = |path: &str| E::Io {
        path: path.to_owned(),
        kind: std::io::ErrorKind::InvalidInput,
        message: "not a regular file".to_owned(),
    };
    let not_ptau = || E::WrongMagic { expected: "ptau" };
    let not_cache = || E::WrongMagic { expected: "fedproof setup" };
    let section = |section, expected, got| E::SectionSize { section, expected, got };
    vec![
        (Setup::from_ptau(&missing, 4), io.clone()),
        (Setup::load(&missing), io),
        (Setup::from_ptau(Path::new("/"), 4), special("/")),
        (Setup::load(Path::new("/dev/zero")), special("/dev/zero")),
        // Format of .ptau files.
        (ptau(b"", 4), not_ptau()),
        (ptau(b"pta", 4), not_ptau()),
        (ptau(&saved(&small), 4), not_ptau()),
        (ptau(&patched(4, &[2]), 4), E::WrongVersion { expected: 1, got: 2 }),
        (ptau(&POWER4[..7], 4), E::WrongLength { expected: 8, got: 7 }),
        (ptau(&POWER4[..POWER4.len() - 1], 4), E::WrongLength { expected: len, got: len - 1 }),
        (ptau(&longer(POWER4.to_vec()), 4), E::WrongLength { expected: len, got: len + 1 }),
        (ptau(&patched(8, &[255; 4]), 4), E::TooManySections { limit: 32, got: u32::MAX }),
        (ptau(&patched(8, &[6]), 4), E::WrongLength { expected: 6336, got: len }),
        (ptau(&patched(TAU_G1 - 8, &[255; 8]), 4), E::WrongLength { expected: u64::MAX, got: len }),
        (ptau(&patched(TAU_G1 - 12, &[99]), 4), E::MissingSection { section: 2 }),
        (ptau(&patched(TAU_G2 - 12, &[2]), 4), E::DuplicateSection { section: 2 }),
        (ptau(&patched(HEADER, &[48]), 4), E::WrongPrime),
        (ptau(&patched(HEADER + 4, &[0]), 4), E::WrongPrime),
        (ptau(&patched(HEADER + 36, &[29]), 4), E::PowerTooLarge { limit: 28, got: 29 }),
        (ptau(&patched(HEADER + 36, &[255; 4]), 4), E::PowerTooLarge { limit: 28, got: u32::MAX }),
        (ptau(&patched(HEADER + 36, &[28]), 4), section(2, ((1 << 29) - 1) * 64, 31 * 64)),
        (ptau(&patched(HEADER + 36, &[5]), 4), section(2, 63 * 64, 31 * 64)),
        (ptau(&patched(HEADER + 36, &[3]), 4), section(2, 15 * 64, 31 * 64)),
        (ptau(POWER4, 32), E::NotEnoughPowers { wanted: 32, available: 31 }),
        (ptau(POWER4, usize::MAX), E::NotEnoughPowers { wanted: usize::MAX, available: 31 }),
        (small.truncated(5), E::NotEnoughPowers { wanted: 5, available: 4 }),
        (ptau(POWER4, 1), E::TooFewPowers { got: 1 }),
        (small.truncated(1), E::TooFewPowers { got: 1 }),
        // Points.
        (g1(3, &prime()), E::NonCanonicalG1 { power: 3 }),
        (g1(3, &[255; 32]), E::NonCanonicalG1 { power: 3 }),
        (g1(3, &[0]), E::G1NotOnCurve { power: 3 }),
        (g1(3, &[0; 64]), E::G1NotOnCurve { power: 3 }),
        (ptau(&patched(g1_at(3), &[0; 64 * 20]), 31), E::G1NotOnCurve { power: 3 }),
        (g2(1, &prime()), E::NonCanonicalG2 { power: 1 }),
        (g2(1, &[0]), E::G2NotOnCurve { power: 1 }),
        (g2(1, &[0; 128]), E::G2NotOnCurve { power: 1 }),
        (g2(1, &g2_bytes(&outside_g2())), E::G2NotInSubgroup { power: 1 }),
        (g2(0, &g2_other), E::WrongG2Generator),
        (g1(0, &other), E::WrongG1Generator),
        // Powers.
        (ptau(&power4_of(Fr::one()), 31), E::DegenerateTau),
        (ptau(&power4_of(-Fr::one()), 31), E::DegenerateTau),
        (g1(1, &[0; 64]), E::DegenerateTau),
        (g2(1, &g2_other), E::TauMismatch),
        (swapped(1), E::TauMismatch),
        (swapped(2), E::InconsistentPowers),
        (swapped(29), E::InconsistentPowers),
        (g1(2, &other), E::InconsistentPowers),
        (g1(30, &other), E::InconsistentPowers),
        // The own format.
        (cache(b""), not_cache()),
        (cache(POWER4), not_cache()),
        (cache(&sealed(&small, 8, &[1, 1])), E::WrongVersion { expected: 1, got: 257 }),
        (cache(&sealed(&small, 11, &[0, 0, 0, 1])), E::TooFewPowers { got: 1 }),
        (cache(&sealed(&small, 11, &[255; 4])), E::WrongLength { expected: 175 + 64 * 0xffff_ffff, got: 175 + 64 * 4 }),
        (cache(&longer(saved(&small))), E::WrongLength { expected: 175 + 64 * 4, got: 176 + 64 * 4 }),
        (
            cache(&{
                let mut file = saved(&small);
                file[200] ^= 1;
                file
            }),
            E::Checksum,
        ),
        (cache(&sealed(&small, 143 + 64, &[255])), E::NonCanonicalG1 { power: 1 }),
        (cache(&sealed(&small, 143 + 2 * 64, &[0; 64])), E::G1NotOnCurve { power: 2 }),
        (cache(&sealed(&small, 15, &[255])), E::NonCanonicalG2 { power: 1 }),
        (cache(&sealed(&small, 15, &[0; 128])), E::G2NotOnCurve { power: 1 }),
        (cache(&sealed(&small, 143 + 64, &[0; 64])), E::DegenerateTau),
        (cache(&sealed(&small, 10, &[0])), E::InsecureFlag { expected: 1, got: 0 }),
        (cache(&sealed(&ptau(POWER4, 4).unwrap(), 10, &[1])), E::InsecureFlag { expected: 0, got: 1 }),
        (cache(&sealed(&small, 10, &[2])), E::InsecureFlag { expected: 1, got: 2 }),
    ]
}

#[test]
fn every_check_refuses_by_its_error() {
    let mut seen = BTreeSet::new();
    for (i, (result, expected)) in table().into_iter().enumerate() {
        assert_eq!(result.err(), Some(expected.clone()), "row {i}");
        seen.insert(format!("{expected:?}").split([' ', '{']).next().unwrap().to_owned());
    }
    // The list of errors is the list of tested errors.
    let source = include_str!("../src/error.rs");
    let names = source.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let names: BTreeSet<String> = names
        .map(|line| line.trim().trim_end_matches([',', '{', ' ']).to_owned())
        .filter(|name| name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric))
        .collect();
    assert!(names.len() > 20);
    assert_eq!(seen, names);
}

#[test]
fn the_identity_is_no_power() {
    // tau = 0 in every point.
    assert_eq!(ptau(&power4_of(Fr::zero()), 31).err(), Some(E::G2NotOnCurve { power: 1 }));
}

#[test]
fn truncated_files_are_refused_at_every_length() {
    for len in (0..POWER4.len()).filter(|len| len % 7 == 0 || *len < 200) {
        assert!(ptau(&POWER4[..len], 31).is_err(), "{len} bytes");
    }
    let file = saved(&Setup::development(4));
    for len in 0..file.len() {
        assert!(cache(&file[..len]).is_err(), "{len} bytes");
    }
}

#[test]
fn every_flipped_byte_of_a_cache_file_is_noticed() {
    let file = saved(&Setup::development(3));
    for at in 0..file.len() {
        let mut file = file.clone();
        file[at] ^= 1 << (at % 8);
        assert!(cache(&file).is_err(), "byte {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Flipped bits where they matter are noticed; anywhere else (alpha, beta, contributions) they do not matter.
    #[test]
    fn flipped_bits_of_a_ptau_file(at in 0..POWER4.len(), bit in 0u8..8) {
        let result = ptau(&patched(at, &[POWER4[at] ^ (1 << bit)]), 31);
        let read = (0..4136 - 12).contains(&at) && !(HEADER + 40..HEADER + 44).contains(&at) && !(TAU_G2 + 256..TAU_G2 + 2048).contains(&at);
        if read || result.is_err() {
            prop_assert!(result.is_err());
        } else {
            prop_assert_eq!(result.unwrap().digest(), ptau(POWER4, 31).unwrap().digest());
        }
    }

    #[test]
    fn no_bytes_panic(at in 0..200usize, bytes in prop::collection::vec(any::<u8>(), 0..16), tail in any::<bool>()) {
        let file = patched(at, &bytes);
        let _ = ptau(if tail { &file } else { &file[..at] }, 31);
        let mut file = saved(&Setup::development(2));
        file[at..at + bytes.len()].copy_from_slice(&bytes);
        let _ = cache(&file);
        let _ = cache(&bytes);
    }
}

#[test]
fn table_offsets_are_right() {
    assert_eq!(POWER4[HEADER..HEADER + 4], [32, 0, 0, 0]);
    assert_eq!(POWER4[TAU_G1..TAU_G1 + 64], g1_bytes(&G1Affine::generator()));
    assert_eq!(POWER4[TAU_G2..TAU_G2 + 128], g2_bytes(&G2Affine::generator()));
}
