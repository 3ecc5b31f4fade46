//! Every error has an input that triggers it, and without its check that input would be accepted.

use crate::common::close::Round;
use crate::common::raw::{RawProver, RawVerifier};
use crate::common::record::{honest, Rule, Shared};
use crate::common::scene::{confirm, small};
use crate::common::trapdoor::Trapdoor;
use crate::common::{setup, Instance};
use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use fedproof_program::Loss;
use fedproof_proof::generic::{prove_training_with, verify_training_with};
use fedproof_proof::{encode_file, verify_training, Key, ProofError, Silent};
use fedproof_transcript::{label, KeccakVerifier, ProofKind, VerifierTranscript};
use fedproof_witness::Quantity;
use std::collections::{BTreeMap, HashMap};

const HEADER: usize = 11;

fn instance() -> Instance {
    Instance::quick(small(Loss::Sigmoid, &[5, 3, 3]), 3)
}

fn proven() -> (Instance, Vec<u8>) {
    let mut instance = instance();
    let file = instance.prove_recorded(&Shared::default(), honest);
    (instance, file)
}

/// The verifier over other decoding: accepted or not.
fn read_with(instance: &Instance, transcript: impl VerifierTranscript) -> Result<(), ProofError> {
    verify_training_with(&instance.key, &instance.statement, transcript).and_then(|(_, l, r)| confirm((l, r)))
}

fn over_body(instance: &Instance, body: &[u8]) -> Result<(), ProofError> {
    read_with(instance, KeccakVerifier::new(ProofKind::Training, body))
}

/// V1, V2, V3: the body behind a wrong header is a good one.
#[test]
fn headers() {
    let (instance, file) = proven();
    for (at, error) in [
        (0, ProofError::WrongMagic),
        (9, ProofError::UnsupportedVersion { expected: 2, got: 3 }),
        (10, ProofError::WrongKind { expected: 1, got: 3 }),
    ] {
        let mut changed = file.clone();
        changed[at] = if at == 0 { b'f' } else { 3 };
        assert_eq!(instance.verify(&changed), Err(error));
        assert_eq!(over_body(&instance, &changed[HEADER..]), Ok(()));
    }
}

/// V4: a reader that does not mind what follows accepts a longer proof. Both the file and the transcript check it.
#[test]
fn lengths() {
    let (instance, mut file) = proven();
    let expected = file.len() - HEADER;
    file.push(0);
    let error = ProofError::WrongLength { expected, got: expected + 1 };
    assert_eq!(instance.verify(&file), Err(error.clone()));
    assert_eq!(over_body(&instance, &file[HEADER..]), Err(error));
    assert_eq!(read_with(&instance, RawVerifier::new(&file[HEADER..])), Ok(()));
    assert_eq!(over_body(&instance, &file[HEADER..file.len() - 2]), Err(ProofError::WrongLength { expected, got: expected - 1 }));
}

/// V7: a prover that writes e1 + r, hashed like that.
#[test]
fn scalars() {
    let base = instance();
    let mut rng = base.rng.clone();
    let mut transcript = RawProver::new(label::E1);
    prove_training_with(&base.key, &Trapdoor, &base.statement, base.witness(), &mut rng, &mut transcript, &mut Silent)
        .expect("not cancelled");
    let offset = transcript.altered.expect("e1 is sent");
    let body = transcript.proof;
    assert_eq!(read_with(&base, RawVerifier::new(&body)), Ok(()));
    let verdict = base.verify(&encode_file(ProofKind::Training, &body));
    assert_eq!(verdict, Err(ProofError::NonCanonicalScalar { offset }));
}

/// V8: the last point by another name. V9: a point that is none.
#[test]
fn points() {
    let (instance, file) = proven();
    let last = file.len() - 64;
    let mut renamed = file.clone();
    let p: [u64; 4] = <ark_bn254::Fq as ark_ff::PrimeField>::MODULUS.0;
    let mut carry = 0u128;
    for (limb, bytes) in p.iter().zip(renamed[last..last + 32].rchunks_exact_mut(8)) {
        let sum = u128::from(u64::from_be_bytes((&*bytes).try_into().expect("8 bytes"))) + u128::from(*limb) + carry;
        bytes.copy_from_slice(&(sum as u64).to_be_bytes());
        carry = sum >> 64;
    }
    assert_eq!(read_with(&instance, RawVerifier::new(&renamed[HEADER..])), Ok(()));
    assert_eq!(instance.verify(&renamed), Err(ProofError::NonCanonicalCoordinate { offset: last - HEADER }));
    let mut off = file.clone();
    off[last + 63] ^= 1;
    assert_eq!(instance.verify(&off), Err(ProofError::NotOnCurve { offset: last - HEADER }));
}

type Drawn = HashMap<(u8, u16), Fr>;
type Hash<'a> = &'a dyn Fn(u8, u16) -> Fr;

fn zeta(drawn: &Drawn) -> Fr {
    drawn[&(label::ZETA, 0)]
}

fn z(drawn: &Drawn) -> Fr {
    drawn[&(label::Z, 0)]
}

fn inverse(x: Fr) -> Fr {
    x.inverse().expect("not zero")
}

/// Draws `value` for `name`.
fn set(name: u8, value: impl Fn(&Drawn) -> Fr, drawn: &Drawn, at: (u8, u16), hash: Hash<'_>) -> Fr {
    if at == (name, 0) {
        value(drawn)
    } else {
        hash(at.0, at.1)
    }
}

/// V10: challenges that the opening cannot use.
#[test]
fn degenerate_challenges() {
    let rules: [(&str, Rule); 8] = [
        ("z", |d, at, h| set(label::Z, |_| Fr::zero(), d, at, h)),
        ("z", |d, at, h| set(label::Z, |_| Fr::one(), d, at, h)),
        ("z", |d, at, h| set(label::Z, |_| -Fr::one(), d, at, h)),
        ("z", |d, at, h| set(label::Z, zeta, d, at, h)),
        ("z", |d, at, h| set(label::Z, |d| inverse(zeta(d)), d, at, h)),
        ("x", |d, at, h| set(label::X, z, d, at, h)),
        ("x", |d, at, h| set(label::X, |d| inverse(z(d)), d, at, h)),
        ("x", |d, at, h| set(label::X, zeta, d, at, h)),
    ];
    for (n, (name, rule)) in rules.into_iter().enumerate() {
        let mut instance = instance();
        let file = instance.prove_recorded(&Shared::default(), rule);
        let verdict = instance.verify_recorded(&file, &Shared::default(), rule);
        assert_eq!(verdict, Err(ProofError::DegenerateChallenge { name }), "rule {n}");
        let mut round = Round::quick(instance.key.program().clone(), 3, 2);
        let file = round.prove_recorded(&Shared::default(), rule);
        assert_eq!(round.verify_recorded(&file, rule), Err(ProofError::DegenerateChallenge { name }), "rule {n}, close");
    }
}

/// V11: everything before it says nothing about the truth.
#[test]
fn the_pairing_decides() {
    let mut instance = instance().fault((Quantity::Delta, 1, 1), |d| d[0] += 1);
    let file = instance.prove_recorded(&Shared::default(), honest);
    let transcript = KeccakVerifier::new(ProofKind::Training, &file[HEADER..]);
    assert!(verify_training_with(&instance.key, &instance.statement, transcript).is_ok());
    assert_eq!(instance.verify(&file), Err(ProofError::OpeningFailed));
}

/// One input for every error.
fn triggers() -> Vec<ProofError> {
    let (instance, file) = proven();
    let with = |at: usize, byte: u8| {
        let mut out = file.clone();
        out[at] = byte;
        instance.verify(&out)
    };
    let last = file.len() - 64;
    let mut strange = file.clone();
    strange[last..last + 32].fill(255);
    let mut scalar = file.clone();
    let layout = instance.key.layout();
    let columns: usize = (0..layout.columns.count()).map(|k| layout.columns.vectors(k)).sum();
    let first_scalar = HEADER + 64 * (columns + layout.weight_vectors + 1);
    scalar[first_scalar..first_scalar + 32].fill(255);
    let mut statement = instance.statement.clone();
    statement.count += 1;
    let key = Key::with(instance.key.program().clone(), &Trapdoor, [7; 32]);
    let rule: Rule = |d, at, h| set(label::Z, |_| Fr::one(), d, at, h);
    let verdicts = [
        with(0, 0),
        with(9, 9),
        with(10, 9),
        instance.verify(&file[..file.len() - 1]),
        verify_training(&instance.key, setup(), &statement, &file).map(|_| ()),
        verify_training(&key, setup(), &instance.statement, &file).map(|_| ()),
        instance.verify(&scalar),
        instance.verify(&strange),
        with(file.len() - 1, file[file.len() - 1] ^ 1),
        instance.verify_recorded(&file, &Shared::default(), rule),
        instance.verify(&[&file[..last], &[0; 64]].concat()),
    ];
    verdicts.into_iter().map(|v| v.expect_err("rejected")).collect()
}

/// Variants of `ProofError` with their checks, as the source lists them.
fn listed() -> BTreeMap<String, String> {
    let source = include_str!("../../src/error.rs");
    let body = source.split("pub fn check").nth(1).and_then(|s| s.split("pub fn name").next()).expect("check()");
    let line = |line: &str| {
        let (variant, id) = line.trim().strip_prefix("Self::")?.split_once(" => ")?;
        let name: String = variant.chars().take_while(|c| c.is_alphanumeric()).collect();
        Some((name, id.trim_matches(['"', ',']).to_string()))
    };
    body.lines().filter_map(line).collect()
}

#[test]
fn every_error_is_triggered() {
    let tested: BTreeMap<String, String> = triggers().iter().map(|e| (e.name().to_string(), e.check().to_string())).collect();
    assert_eq!(tested, listed());
    let ids: Vec<String> = triggers().iter().map(|e| e.check().to_string()).collect();
    assert_eq!(ids, (1..=11).map(|i| format!("V{i}")).collect::<Vec<_>>());
    for error in triggers() {
        assert!(!error.to_string().is_empty() && format!("{error:?}").starts_with(error.name()));
    }
}
