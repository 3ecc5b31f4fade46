//! The own file format, for a setup that was checked or generated once.
//!
//! Big-endian: "FEDSETUP" ‖ u16 version 1 ‖ u8 insecure ‖ u32 number n of powers ‖ tau H (128, as in the setup digest) ‖ tau^i G for i < n
//! (64 each) ‖ keccak256 of all before. Loading repeats every check on the points; the checksum is against damage, not against malice.

use crate::points::{Encoding, G1_BYTES, G2_BYTES};
use crate::setup::g2_to_bytes;
use crate::source::Source;
use crate::validate::check_powers;
use crate::{Setup, SetupError};
use fedproof_transcript::{keccak256, point_to_bytes};
use std::fs::{remove_file, rename, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"FEDSETUP";
const VERSION: u16 = 1;
/// Magic, version, insecure, n.
const HEADER_BYTES: usize = 8 + 2 + 1 + 4;
const CHECKSUM_BYTES: usize = 32;

/// Writes `setup` to a new file beside `path`, which then takes its name: never half a file under that name.
pub(crate) fn save(setup: &Setup, path: &Path) -> Result<(), SetupError> {
    let temporary = beside(path);
    let written = encode(setup).and_then(|bytes| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        rename(&temporary, path)
    });
    written.map_err(|error| {
        // Of two errors the first is the one to tell.
        let _ = remove_file(&temporary);
        SetupError::io(path, &error)
    })
}

/// A name of the same folder that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}-{:016x}.tmp", std::process::id(), rand::random::<u64>()));
    path.with_file_name(name)
}

fn encode(setup: &Setup) -> io::Result<Vec<u8>> {
    let count = u32::try_from(setup.powers()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut bytes = Vec::with_capacity(HEADER_BYTES + G2_BYTES + setup.powers() * G1_BYTES + CHECKSUM_BYTES);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_be_bytes());
    bytes.push(u8::from(setup.insecure()));
    bytes.extend(count.to_be_bytes());
    bytes.extend(g2_to_bytes(setup.tau_h()));
    bytes.extend(setup.g1().iter().flat_map(point_to_bytes));
    bytes.extend(keccak256(&[&bytes]));
    Ok(bytes)
}

/// Reads and checks a setup. Checks, in order: magic, version, number of powers, length, checksum, the points as of a `.ptau` file,
/// and that the insecure flag is what tau says.
pub(crate) fn load(path: &Path) -> Result<Setup, SetupError> {
    let mut source = Source::open(path)?;
    if source.len() < MAGIC.len() as u64 || source.array(0)? != *MAGIC {
        return Err(SetupError::WrongMagic { expected: "fedproof setup" });
    }
    let version = u16::from_be_bytes(source.array(8)?);
    if version != VERSION {
        return Err(SetupError::WrongVersion { expected: VERSION.into(), got: version.into() });
    }
    let [flag] = source.array(10)?;
    let count = u32::from_be_bytes(source.array(11)?);
    if count < 2 {
        return Err(SetupError::TooFewPowers { got: count as usize });
    }
    let overhead = (HEADER_BYTES + G2_BYTES + CHECKSUM_BYTES) as u64;
    source.expect_len(overhead + u64::from(count) * G1_BYTES as u64)?;
    let bytes = source.bytes(0, source.len() as usize)?;
    let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM_BYTES);
    if keccak256(&[content]) != checksum {
        return Err(SetupError::Checksum);
    }
    let (tau_h, g1) = content[HEADER_BYTES..].split_at(G2_BYTES);
    let tau_h = Encoding::Canonical.g2(tau_h, 1)?;
    let g1 = Encoding::Canonical.g1_powers(g1)?;
    check_powers(&g1, &tau_h)?;
    let setup = Setup::assemble(g1, tau_h);
    let expected = u8::from(setup.insecure());
    if flag == expected {
        Ok(setup)
    } else {
        Err(SetupError::InsecureFlag { expected, got: flag })
    }
}
