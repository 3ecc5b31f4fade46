//! Small files whose headers promise much: what reading them allocates.
//!
//! One test, in a process of its own: memory is counted for the whole process.
#![allow(unsafe_code)] // an allocator cannot be written without

use fedproof_kzg::{Setup, SetupError};
use fedproof_program::{Program, ProgramError};
use fedproof_transcript::{DecodeError, KeccakVerifier, ProofKind, VerifierTranscript};
use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, counting.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        System.alloc(layout)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        System.dealloc(at, layout);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `work` gives, having allocated at most a mebibyte at any one time.
fn frugal<T>(what: &str, work: impl FnOnce() -> T) -> T {
    const MOST: usize = 1 << 20;
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let result = work();
    let took = PEAK.load(Ordering::Relaxed).saturating_sub(before);
    assert!(took <= MOST, "{what}: {took} bytes");
    result
}

const POWER4: &[u8] = include_bytes!("../../kzg/tests/data/power4.ptau");
/// Where the sizes of sections 1 and 2 and the power stand.
const HEADER_SIZE: usize = 16;
const POWER: usize = 60;
const POINTS_SIZE: usize = 72;

fn patched(file: &[u8], changes: &[(usize, &[u8])]) -> Vec<u8> {
    let mut out = file.to_vec();
    for (at, bytes) in changes {
        out[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    out
}

fn read(bytes: &[u8], read: impl FnOnce(&Path) -> Result<Setup, SetupError>) -> SetupError {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("promise-{}", std::process::id()));
    std::fs::write(&path, bytes).expect("written");
    let result = frugal("a setup file", || read(&path));
    std::fs::remove_file(&path).expect("removed");
    result.expect_err("refused")
}

#[test]
fn huge_headers_of_small_files() {
    let points = |power: u32| ((2u64 << power) - 1) * 64;
    let promised = patched(POWER4, &[(POWER, &28u32.to_le_bytes()), (POINTS_SIZE, &points(28).to_le_bytes())]);
    for (file, powers) in [
        (promised.clone(), 1 << 29),
        (promised, 2),
        (patched(POWER4, &[(POWER, &40u32.to_le_bytes())]), 1 << 40),
        (patched(POWER4, &[(POWER, &28u32.to_le_bytes())]), 1 << 29),
        (patched(POWER4, &[(HEADER_SIZE, &[255; 8])]), 2),
        (patched(POWER4, &[(8, &[255; 4])]), 2),
    ] {
        read(&file, |path| Setup::from_ptau(path, powers));
    }
    let claimed = [&b"FEDSETUP\x00\x01\x01"[..], &u32::MAX.to_be_bytes(), &[7; 500]].concat();
    assert!(matches!(read(&claimed, Setup::load), SetupError::WrongLength { got: 515, .. }));

    let program = [&b"FPRG\x00\x02\x01\x01\x01"[..], &[0, 0, 0, 1], &[255; 4]].concat();
    let sizes = [&[255u8; 12][..], &[5, 5, 10, 2, 3, 12, 1, 4, 8], &[0; 4]].concat();
    let weights = [&program[..], &sizes, &[1]].concat();
    let taps = [&program[..], &sizes, &[0, 1, 4]].concat();
    for file in [program, weights, taps] {
        let result = frugal("a program", || Program::decode(&file));
        assert_eq!(result, Err(ProgramError::Encoding("too short")));
    }

    for count in [1 << 20, 1 << 40, usize::MAX] {
        let mut transcript = KeccakVerifier::new(ProofKind::Training, &[0; 640]);
        let points = frugal("points", || transcript.read_points(1, 0, count));
        assert!(matches!(points, Err(DecodeError::Truncated { offset: 0, left: 640, .. })));
        assert!(frugal("scalars", || transcript.read_scalars(1, 0, count)).is_err());
    }
}
