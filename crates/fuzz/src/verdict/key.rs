//! The key's side of a case: program, table points, setup.

use super::statement::points;
use super::{Case, Refusal};
use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use fedproof_kzg::{Commit, Setup};
use fedproof_program::{keccak256, Layout, Program};
use fedproof_proof::{Key, ProofError};
use fedproof_transcript::POINT_BYTES;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::OnceLock;

/// Commits to tables with the points that are given.
struct Given {
    points: Vec<G1Affine>,
    next: AtomicUsize,
}

impl Commit for Given {
    fn commit_small(&self, _: &[i64], _: usize, _: &[Fr]) -> G1Affine {
        self.points.get(self.next.fetch_add(1, Ordering::Relaxed)).copied().unwrap_or_default()
    }

    fn commit(&self, _: &[Fr]) -> G1Affine {
        G1Affine::zero()
    }
}

/// Program, table points and setup, in this order.
pub(super) fn open_key(case: &Case<'_>) -> Result<Key, Refusal> {
    let program = Program::decode(case.program).map_err(|_| Refusal::IllegalProgram)?;
    if case.table.len() != POINT_BYTES * Layout::of(&program).key_tables.len() {
        return Err(Refusal::WrongTable);
    }
    let points = points(case.table, 0)?;
    if case.setup.len() != SETUP_BYTES || case.setup.iter().skip(POINT_BYTES).all(|&byte| byte == 0) {
        return Err(ProofError::WrongSetup.into());
    }
    let digest = keccak256(&[b"fedproof/setup/1", case.setup]);
    Ok(Key::with(program, &Given { points, next: AtomicUsize::new(0) }, digest))
}

const WORD: usize = 32;
const SETUP_BYTES: usize = POINT_BYTES + 4 * WORD;

/// The setup of these bytes if they are the development setup's; enough of it to verify with.
pub(super) fn development(bytes: &[u8]) -> Option<&'static Setup> {
    static SETUP: OnceLock<Setup> = OnceLock::new();
    let setup = SETUP.get_or_init(|| Setup::development(2));
    let digest = keccak256(&[b"fedproof/setup/1", bytes]);
    (digest == setup.digest()).then_some(setup)
}

/// tau H; x.c1, x.c0, y.c1, y.c0 follow tau G1.
pub(super) fn tau_h(setup: &[u8]) -> Result<G2Affine, Refusal> {
    let integer = |word: &[u8]| Fq::from_be_bytes_mod_order(word);
    let words: Vec<Fq> = setup.chunks_exact(WORD).skip(2).map(integer).collect();
    let [x1, x0, y1, y0] = words[..] else { return Err(Refusal::IllegalSetup) };
    let again: Vec<u8> = words.iter().flat_map(|word| word.into_bigint().to_bytes_be()).collect();
    let point = G2Affine::new_unchecked(Fq2::new(x0, x1), Fq2::new(y0, y1));
    if setup.ends_with(&again) && point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve() {
        Ok(point)
    } else {
        Err(Refusal::IllegalSetup)
    }
}
