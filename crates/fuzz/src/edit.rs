//! Bytes as a list of edits of a valid proof: random bytes hardly ever are points, moved and swapped ones are.
//!
//! An edit takes six bytes: what to do, two places (u16), a number.

use ark_bn254::Fr;
use fedproof_transcript::{Fq, ProofKind, POINT_BYTES, SCALAR_BYTES};

/// Bytes before the body.
const HEADER: usize = 11;
const EDIT: usize = 6;
/// Most edits that count.
const MOST: usize = 16;

/// `file` with the edits applied.
pub(crate) fn edited(file: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut out = file.to_vec();
    for edit in edits.chunks_exact(EDIT).take(MOST) {
        let place = |at: usize| usize::from(u16::from_be_bytes([edit[at], edit[at + 1]]));
        apply(&mut out, edit[0], place(1), place(3), edit[5]);
    }
    out
}

fn apply(file: &mut Vec<u8>, what: u8, first: usize, second: usize, number: u8) {
    let words = file.len().saturating_sub(HEADER) / SCALAR_BYTES;
    if words < 2 {
        return;
    }
    let at = |word: usize| HEADER + word % words * SCALAR_BYTES;
    let pair = |word: usize| HEADER + word % (words - 1) * SCALAR_BYTES;
    match what % 9 {
        0 => file.copy_within(at(first)..at(first) + SCALAR_BYTES, at(second)),
        1 => file.copy_within(pair(first)..pair(first) + POINT_BYTES, pair(second)),
        2 => file[at(first) + second % SCALAR_BYTES] ^= number,
        3 => add(&mut file[at(first)..][..SCALAR_BYTES], number),
        4 => file[at(first)..][..SCALAR_BYTES].copy_from_slice(&constant(number)),
        5 => file[pair(first)..][..POINT_BYTES].copy_from_slice(&[constant(number), constant(number)].concat()),
        6 => {
            let word = file[at(second)..][..SCALAR_BYTES].to_vec();
            file.copy_within(at(first)..at(first) + SCALAR_BYTES, at(second));
            file[at(first)..][..SCALAR_BYTES].copy_from_slice(&word);
        }
        7 => file[first % HEADER] = number,
        _ => file.resize(file.len() - SCALAR_BYTES + second % (2 * SCALAR_BYTES + 1), number),
    }
}

/// Adds a small number to a big-endian integer; what overflows is lost.
fn add(word: &mut [u8], number: u8) {
    let mut carry = u16::from(number) + 1;
    for byte in word.iter_mut().rev() {
        carry += u16::from(*byte);
        *byte = carry as u8;
        carry >>= 8;
    }
}

/// Words at the edges of what is canonical.
fn constant(number: u8) -> [u8; SCALAR_BYTES] {
    use ark_ff::{BigInteger, PrimeField};
    let bytes = match number % 6 {
        0 => vec![0; SCALAR_BYTES],
        1 => vec![255; SCALAR_BYTES],
        2 => Fr::MODULUS.to_bytes_be(),
        3 => Fq::MODULUS.to_bytes_be(),
        4 => [vec![0; SCALAR_BYTES - 1], vec![1]].concat(),
        _ => [vec![0; SCALAR_BYTES - 1], vec![2]].concat(),
    };
    let mut out = [0; SCALAR_BYTES];
    out.iter_mut().zip(bytes).for_each(|(out, byte)| *out = byte);
    out
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = (0..9).map(|what| vec![what, 0, 3, 0, 40, 1]).collect();
    seeds.push(vec![1, 0, 0, 0, 2, 0, 1, 0, 2, 0, 0, 0]);
    seeds.push(vec![7, 0, 10, 0, 0, ProofKind::Registration.code()]);
    seeds
}
