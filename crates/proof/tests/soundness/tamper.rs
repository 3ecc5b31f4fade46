//! Every point and every scalar of a proof, changed in every way.

use crate::cheats::featured;
use crate::common::record::{honest, Kind, Shared};
use crate::common::scene::small;
use crate::common::Instance;
use ark_bn254::{Fq, Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, One, PrimeField, Zero};
use fedproof_program::Loss;
use fedproof_proof::{ProofError, RegistrationStatement};
use fedproof_transcript::{point_from_bytes, point_to_bytes, scalar_from_bytes, scalar_to_bytes, ProofKind};
use rayon::prelude::*;

/// Bytes before the body.
const HEADER: usize = 11;

type Verify<'a> = dyn Fn(&[u8]) -> Result<(), ProofError> + Sync + 'a;

/// A scalar or a point: offset in the body, label, place in its message.
#[derive(Clone, Copy)]
struct Field {
    offset: usize,
    point: bool,
    label: &'static str,
    place: usize,
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.label, self.place)
    }
}

fn fields(log: &Shared) -> Vec<Field> {
    let mut out = Vec::new();
    let mut offset = 0;
    for event in log.get().events.iter().filter(|e| e.bytes() > 0) {
        for place in 0..event.count {
            out.push(Field { offset, point: event.kind == Kind::Points, label: event.name(), place });
            offset += event.bytes() / event.count;
        }
    }
    out
}

/// 32 big-endian bytes of `value + modulus`.
fn beyond(bytes: &[u8], modulus: &[u8]) -> Vec<u8> {
    let mut out = vec![0u8; 32];
    let mut carry = 0u16;
    for i in (0..32).rev() {
        let sum = u16::from(bytes[i]) + u16::from(modulus[i]) + carry;
        out[i] = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    out
}

type Mutation = (&'static str, Vec<u8>, ProofError);

fn scalar_mutations(bytes: &[u8], other: &[u8], offset: usize) -> Vec<Mutation> {
    let value = scalar_from_bytes(bytes.try_into().expect("32 bytes")).expect("canonical");
    let r = Fr::MODULUS.to_bytes_be();
    let wrong = |value: Fr| (scalar_to_bytes(&value).to_vec(), ProofError::OpeningFailed);
    let strange = |bytes: Vec<u8>| (bytes, ProofError::NonCanonicalScalar { offset });
    let list = [
        ("+ 1", wrong(value + Fr::one())),
        ("- 1", wrong(value - Fr::one())),
        ("zero", wrong(Fr::zero())),
        ("negated", wrong(-value)),
        ("of another proof", (other.to_vec(), ProofError::OpeningFailed)),
        ("+ r", strange(beyond(bytes, &r))),
        ("r", strange(r.clone())),
        ("2^256 - 1", strange(vec![255; 32])),
    ];
    list.into_iter().map(|(what, (bytes, error))| (what, bytes, error)).collect()
}

fn point_mutations(bytes: &[u8], other: &[u8], offset: usize) -> Vec<Mutation> {
    let point = point_from_bytes(bytes.try_into().expect("64 bytes")).expect("a point");
    let p = Fq::MODULUS.to_bytes_be();
    let (x, y) = bytes.split_at(32);
    let wrong = |point: G1Affine| (point_to_bytes(&point).to_vec(), ProofError::OpeningFailed);
    let strange = |x: &[u8], y: &[u8], at: usize| ([x, y].concat(), ProofError::NonCanonicalCoordinate { offset: offset + at });
    let off = |bytes: Vec<u8>| (bytes, ProofError::NotOnCurve { offset });
    let mut nudged = bytes.to_vec();
    nudged[63] ^= 1;
    let list = [
        ("+ G", wrong((point + G1Affine::generator()).into_affine())),
        ("identity", wrong(G1Affine::identity())),
        ("generator", wrong(G1Affine::generator())),
        ("negated", wrong(-point)),
        ("of another proof", (other.to_vec(), ProofError::OpeningFailed)),
        ("x + p", strange(&beyond(x, &p), y, 0)),
        ("y + p", strange(x, &beyond(y, &p), 32)),
        ("x of p, y of 0", strange(&p, &[0; 32], 0)),
        ("y + 1", off(nudged)),
        ("coordinates swapped", off([y, x].concat())),
        ("x of 0", off([&[0; 32], y].concat())),
    ];
    list.into_iter().map(|(what, (bytes, error))| (what, bytes, error)).collect()
}

/// The neighbour's bytes in each other's place.
fn swapped(file: &[u8], a: Field, b: Field) -> Vec<u8> {
    let size = if a.point { 64 } else { 32 };
    let (first, second) = (HEADER + a.offset, HEADER + b.offset);
    let mut out = file.to_vec();
    out[first..first + size].copy_from_slice(&file[second..second + size]);
    out[second..second + size].copy_from_slice(&file[first..first + size]);
    out
}

/// All mutations of all fields; returns how many were tried.
fn tamper(file: &[u8], other: &[u8], fields: &[Field], verify: &Verify<'_>) -> usize {
    assert_eq!(verify(file), Ok(()));
    assert_eq!(file.len(), HEADER + fields.iter().map(|f| if f.point { 64 } else { 32 }).sum::<usize>());
    let tried: usize = fields
        .par_iter()
        .map(|field| {
            let size = if field.point { 64 } else { 32 };
            let range = HEADER + field.offset..HEADER + field.offset + size;
            let (bytes, others) = (&file[range.clone()], &other[range.clone()]);
            let mutations = if field.point {
                point_mutations(bytes, others, field.offset)
            } else {
                scalar_mutations(bytes, others, field.offset)
            };
            for (what, new, error) in &mutations {
                assert_ne!(new, bytes, "{field} {what}");
                let mut changed = file.to_vec();
                changed[range.clone()].copy_from_slice(new);
                assert_eq!(verify(&changed), Err(error.clone()), "{field} {what}");
            }
            mutations.len()
        })
        .sum();
    let neighbours: Vec<(Field, Field)> = fields.windows(2).map(|w| (w[0], w[1])).filter(|(a, b)| a.point == b.point).collect();
    neighbours.par_iter().for_each(|&(a, b)| {
        assert_eq!(verify(&swapped(file, a, b)), Err(ProofError::OpeningFailed), "{a} and {b} swapped");
    });
    tried + neighbours.len()
}

#[test]
fn training_proofs() {
    for program in [small(Loss::Sigmoid, &[5, 3, 3]), featured()] {
        let mut instance = Instance::quick(program, 3);
        let log = Shared::default();
        let file = instance.prove_recorded(&log, honest);
        let other = instance.prove_recorded(&Shared::default(), honest);
        assert_ne!(file, other);
        let instance = &instance;
        let tried = tamper(&file, &other, &fields(&log), &|file| instance.verify(file));
        assert!(tried > 1000, "{tried}");
    }
}

fn registration() -> (Instance, RegistrationStatement, Vec<u8>, Vec<u8>, Vec<Field>) {
    let mut instance = Instance::quick(small(Loss::Sigmoid, &[5, 3, 3]), 3);
    let statement = instance.registration();
    let log = Shared::default();
    let file = instance.register_recorded(&statement, &log, honest);
    let other = instance.register_recorded(&statement, &Shared::default(), honest);
    (instance, statement, file, other, fields(&log))
}

#[test]
fn registration_proofs() {
    let (instance, statement, file, other, fields) = registration();
    let tried = tamper(&file, &other, &fields, &|file| instance.verify_registered(&statement, file));
    assert!(tried > 500, "{tried}");
}

/// Any message but the last decides the challenges after it: no two parts of two proofs go together.
#[test]
fn parts_of_two_proofs() {
    let (instance, statement, file, other, fields) = registration();
    for field in &fields[1..] {
        let at = HEADER + field.offset;
        let spliced = [&file[..at], &other[at..]].concat();
        assert_eq!(instance.verify_registered(&statement, &spliced), Err(ProofError::OpeningFailed), "spliced at {field}");
    }
}

fn headers_and_lengths(file: &[u8], kind: ProofKind, verify: &Verify<'_>) {
    let with = |at: usize, byte: u8| {
        let mut out = file.to_vec();
        out[at] = byte;
        out
    };
    (0..8).for_each(|i| assert_eq!(verify(&with(i, file[i] ^ 0x20)), Err(ProofError::WrongMagic)));
    (0..HEADER).for_each(|i| assert_eq!(verify(&file[..i]), Err(ProofError::WrongMagic)));
    for (at, byte, got) in [(9, 0, 0), (9, 1, 1), (9, 3, 3), (8, 1, 0x102), (8, 255, 0xff02)] {
        assert_eq!(verify(&with(at, byte)), Err(ProofError::UnsupportedVersion { expected: 2, got }));
    }
    for got in [0, 3 - kind.code(), 3, 255] {
        assert_eq!(verify(&with(10, got)), Err(ProofError::WrongKind { expected: kind.code(), got }));
    }
    let body = file.len() - HEADER;
    for got in [0, 1, 32, 64, body - 64, body - 32, body - 1] {
        assert_eq!(verify(&file[..HEADER + got]), Err(ProofError::WrongLength { expected: body, got }));
    }
    for more in [1, 32, 64, body] {
        let longer = [file, &vec![0; more]].concat();
        assert_eq!(verify(&longer), Err(ProofError::WrongLength { expected: body, got: body + more }));
    }
    let without_first = [&file[..HEADER], &file[HEADER + 1..]].concat();
    assert_eq!(verify(&without_first), Err(ProofError::WrongLength { expected: body, got: body - 1 }));
    assert_eq!(verify(&[&file[..HEADER], &vec![0; body]].concat()), Err(ProofError::OpeningFailed), "all zero");
    assert!(verify(&[&file[..HEADER], &vec![255; body]].concat()).is_err(), "all ones");
}

#[test]
fn headers_and_lengths_of_both_kinds() {
    let mut instance = Instance::quick(small(Loss::Sigmoid, &[5, 3, 3]), 3);
    let training = instance.prove_recorded(&Shared::default(), honest);
    headers_and_lengths(&training, ProofKind::Training, &|file| instance.verify(file));
    let (instance, statement, file, _, _) = registration();
    headers_and_lengths(&file, ProofKind::Registration, &|file| instance.verify_registered(&statement, file));
}
