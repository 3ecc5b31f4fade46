//! Powers-of-tau files of snarkjs (`.ptau`).
//!
//! The format, little-endian: "ptau", u32 version 1, u32 number of sections; each section is u32 kind, u64 size, data. Section 1 is
//! u32 32, the prime p, u32 power, u32 power of the ceremony; section 2 the points tau^i G for i < 2^(power+1) - 1, section 3 the points
//! tau^i H for i < 2^power, both with coordinates in Montgomery form. Sections may come in any order; others are not read.
//!
//! Checks, in order: magic, version, number of sections, section table within the file and of its exact length, sections 1 to 3 once
//! each, prime, power, section sizes, enough powers; then the G2 points, the G1 points asked for, and [`check_powers`].

use crate::points::{Encoding, G1_BYTES, G2_BYTES};
use crate::source::Source;
use crate::validate::check_powers;
use crate::{Setup, SetupError};
use ark_bn254::{Fq, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use std::path::Path;

const MAGIC: &[u8; 4] = b"ptau";
const VERSION: u32 = 1;
/// snarkjs knows 11 kinds of sections.
const MOST_SECTIONS: u32 = 32;
/// r - 1 is divisible by 2^28 and no higher power of two.
const LARGEST_POWER: u32 = 28;

const HEADER: u32 = 1;
const TAU_G1: u32 = 2;
const TAU_G2: u32 = 3;

/// Where a section's data are.
#[derive(Clone, Copy)]
struct Section {
    kind: u32,
    at: u64,
    size: u64,
}

impl Section {
    fn expect_size(self, expected: u64) -> Result<(), SetupError> {
        if self.size == expected {
            Ok(())
        } else {
            Err(SetupError::SectionSize { section: self.kind, expected, got: self.size })
        }
    }
}

/// Reads and checks the first `powers` powers.
pub(crate) fn read(path: &Path, powers: usize) -> Result<Setup, SetupError> {
    if powers < 2 {
        return Err(SetupError::TooFewPowers { got: powers });
    }
    let mut source = Source::open(path)?;
    let sections = sections(&mut source)?;
    let find = |kind| {
        let mut found = sections.iter().copied().filter(|section| section.kind == kind);
        match (found.next(), found.next()) {
            (None, _) => Err(SetupError::MissingSection { section: kind }),
            (Some(_), Some(_)) => Err(SetupError::DuplicateSection { section: kind }),
            (Some(section), None) => Ok(section),
        }
    };
    let (header, tau_g1, tau_g2) = (find(HEADER)?, find(TAU_G1)?, find(TAU_G2)?);
    let power = power(&mut source, header)?;
    let available = (2u64 << power) - 1;
    tau_g1.expect_size(available * G1_BYTES as u64)?;
    tau_g2.expect_size((1u64 << power) * G2_BYTES as u64)?;
    if powers as u64 > available {
        return Err(SetupError::NotEnoughPowers { wanted: powers, available: available as usize });
    }
    let g2: [u8; 2 * G2_BYTES] = source.array(tau_g2.at)?;
    let (h, tau_h) = g2.split_at(G2_BYTES);
    if Encoding::Montgomery.g2(h, 0)? != G2Affine::generator() {
        return Err(SetupError::WrongG2Generator);
    }
    let tau_h = Encoding::Montgomery.g2(tau_h, 1)?;
    let g1 = Encoding::Montgomery.g1_powers(&source.bytes(tau_g1.at, powers * G1_BYTES)?)?;
    check_powers(&g1, &tau_h)?;
    Ok(Setup::assemble(g1, tau_h))
}

/// The table of sections, which end where the file ends.
fn sections(source: &mut Source) -> Result<Vec<Section>, SetupError> {
    if source.len() < 4 || source.array(0)? != *MAGIC {
        return Err(SetupError::WrongMagic { expected: "ptau" });
    }
    let version = u32::from_le_bytes(source.array(4)?);
    if version != VERSION {
        return Err(SetupError::WrongVersion { expected: VERSION, got: version });
    }
    let count = u32::from_le_bytes(source.array(8)?);
    if count > MOST_SECTIONS {
        return Err(SetupError::TooManySections { limit: MOST_SECTIONS, got: count });
    }
    let mut sections = Vec::new();
    let mut at = 12u64;
    for _ in 0..count {
        let kind = u32::from_le_bytes(source.array(at)?);
        let size = u64::from_le_bytes(source.array(at + 4)?);
        let section = Section { kind, at: at + 12, size };
        at = section.at.saturating_add(size);
        if at > source.len() {
            return Err(SetupError::WrongLength { expected: at, got: source.len() });
        }
        sections.push(section);
    }
    source.expect_len(at)?;
    Ok(sections)
}

/// The power of the header section, which is of BN254.
fn power(source: &mut Source, header: Section) -> Result<u32, SetupError> {
    const PRIME_BYTES: u32 = 32;
    if header.size < 4 || u32::from_le_bytes(source.array(header.at)?) != PRIME_BYTES {
        return Err(SetupError::WrongPrime);
    }
    header.expect_size(4 + u64::from(PRIME_BYTES) + 8)?;
    if source.bytes(header.at + 4, PRIME_BYTES as usize)? != Fq::MODULUS.to_bytes_le() {
        return Err(SetupError::WrongPrime);
    }
    let power = u32::from_le_bytes(source.array(header.at + 36)?);
    if power > LARGEST_POWER {
        return Err(SetupError::PowerTooLarge { limit: LARGEST_POWER, got: power });
    }
    Ok(power)
}
