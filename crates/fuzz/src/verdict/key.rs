//! The key's side of a case: program, table points, setup.

use super::statement::points;
use super::{Case, Refusal};
use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use fedproof_kzg::{verify_pairing, Commit, Setup};
use fedproof_program::{keccak256, Layout, Program};
use fedproof_proof::{Key, ProofError};
use fedproof_transcript::{point_from_bytes, POINT_BYTES};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::OnceLock;

const WORD: usize = 32;

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

/// Setup, program and table points, in this order: what a chain checks when the key is stored.
pub(super) fn open_key(case: &Case<'_>) -> Result<(Key, G2Affine), Refusal> {
    let tau_h = tau_h(case.setup).ok_or(ProofError::WrongSetup)?;
    let program = Program::decode(case.program).map_err(|_| Refusal::IllegalProgram)?;
    if case.table.len() != POINT_BYTES * Layout::of(&program).key_tables.len() {
        return Err(Refusal::WrongTable);
    }
    let given = Given { points: points(case.table, 0)?, next: AtomicUsize::new(0) };
    Ok((Key::with(program, &given, digest(case.setup)), tau_h))
}

fn digest(setup: &[u8]) -> [u8; 32] {
    keccak256(&[b"fedproof/setup/1", setup])
}

/// The setup of these bytes if they are the development setup's; enough of it to verify with.
pub(super) fn development(bytes: &[u8]) -> Option<&'static Setup> {
    static SETUP: OnceLock<Setup> = OnceLock::new();
    let setup = SETUP.get_or_init(|| Setup::development(2));
    (digest(bytes) == setup.digest()).then_some(setup)
}

/// tau H (x.c1, x.c0, y.c1, y.c0) behind tau G1, if both are of one tau other than 0 and written canonically.
fn tau_h(setup: &[u8]) -> Option<G2Affine> {
    let (tau_g, rest) = setup.split_first_chunk::<POINT_BYTES>()?;
    let words: Vec<Fq> = rest.chunks(WORD).map(Fq::from_be_bytes_mod_order).collect();
    let [x1, x0, y1, y0] = words[..] else { return None };
    let again: Vec<u8> = words.iter().flat_map(|word| word.into_bigint().to_bytes_be()).collect();
    let tau_g = point_from_bytes(tau_g).ok().filter(|point| !point.is_zero())?;
    let point = G2Affine::new_unchecked(Fq2::new(x0, x1), Fq2::new(y0, y1));
    let valid = rest == again && point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve();
    (valid && verify_pairing(&point, tau_g, G1Affine::generator())).then_some(point)
}
