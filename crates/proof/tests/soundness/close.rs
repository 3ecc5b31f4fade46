//! A round-close proof holds for exactly one statement under one key, and no other bytes are one.

use crate::cheats::close::{close_programs, closes};
use crate::common::close::Round;
use crate::common::scene::small;
use crate::common::trapdoor::{integer, Trapdoor};
use crate::common::{momentum, setup, tiny_with, Instance};
use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Zero;
use fedproof_kzg::Commit;
use fedproof_program::{Loss, Program};
use fedproof_proof::{verify_close, CloseStatement, Key, ProofError};
use fedproof_transcript::{G1Affine, ProofKind};

const HEADER: usize = 11;

fn program() -> Program {
    small(Loss::Sigmoid, &[5, 3, 3])
}

fn closed(program: Program, count: u64) -> (Round, Vec<u8>) {
    let mut round = Round::quick(program, 3, count);
    let file = round.prove_quick();
    assert_eq!(round.verify(&file), Ok(()));
    (round, file)
}

fn verdict(round: &Round, statement: &CloseStatement, file: &[u8]) -> Result<(), ProofError> {
    verify_close(round.key.close().expect("closable"), setup(), statement, file)
}

#[test]
fn false_closes_are_rejected() {
    for (program, count) in close_programs() {
        for mut cheat in closes(&Round::quick(program, 5, count)) {
            let file = cheat.round.prove_quick();
            assert_eq!(cheat.round.verify(&file), Err(ProofError::OpeningFailed), "{}", cheat.name);
        }
    }
}

/// Replays: another chain, hub, closer, task or round; another sum, model or number of updates.
#[test]
fn a_proof_is_about_one_statement() {
    let (round, file) = closed(program(), 3);
    let base = &round.statement;
    type Word = fn(&mut CloseStatement) -> &mut [u8; 32];
    let words: [Word; 5] = [|s| &mut s.chain_id, |s| &mut s.hub, |s| &mut s.submitter, |s| &mut s.task, |s| &mut s.round];
    for (n, word) in words.into_iter().enumerate() {
        for (at, bit) in [(0, 0x80), (15, 4), (31, 1)] {
            let mut other = base.clone();
            word(&mut other)[at] ^= bit;
            assert_eq!(verdict(&round, &other, &file), Err(ProofError::OpeningFailed), "word {n}, byte {at}");
        }
    }
    for count in [1, 2, 4, 65_535] {
        let other = CloseStatement { count, ..base.clone() };
        assert_eq!(verdict(&round, &other, &file), Err(ProofError::OpeningFailed), "{count} updates");
    }
    let moved = |p: &G1Affine| (*p + G1Affine::generator()).into_affine();
    let other = CloseStatement { summed: base.summed.iter().map(moved).collect(), ..base.clone() };
    assert_eq!(verdict(&round, &other, &file), Err(ProofError::OpeningFailed), "another sum");
    let other = CloseStatement { weights: base.weights.iter().map(moved).collect(), ..base.clone() };
    assert_eq!(verdict(&round, &other, &file), Err(ProofError::OpeningFailed), "another model");
    let other = CloseStatement { summed: base.weights.clone(), weights: base.summed.clone(), ..base.clone() };
    assert_eq!(verdict(&round, &other, &file), Err(ProofError::OpeningFailed), "exchanged");
}

/// A next model with coefficients beyond its cells, which whoever proves by the cells cannot open.
#[test]
fn the_next_model_has_no_coefficients_beyond_its_cells() {
    for (program, count) in close_programs() {
        let mut round = Round::quick(program, 5, count);
        let n = round.key.layout().n();
        let honest = round.statement.weights.clone();
        let beyond = |v: usize, at: usize, c: i64| {
            let blinds: Vec<Fr> = (n..at).map(|_| Fr::zero()).chain([integer(c)]).collect();
            (honest[v] + Trapdoor.commit_small(&vec![0; n], n, &blinds)).into_affine()
        };
        for (at, c) in [(n, 1), (n, -5), (2 * n, 1)] {
            round.statement.weights.clone_from(&honest);
            round.statement.weights[0] = beyond(0, at, c);
            let file = round.prove_quick();
            assert_eq!(round.verify(&file), Err(ProofError::OpeningFailed), "{c} X^{at}");
        }
        if honest.len() > 1 {
            round.statement.weights[..2].copy_from_slice(&[beyond(0, 2 * n, 7), beyond(1, n, -7)]);
            let file = round.prove_quick();
            assert_eq!(round.verify(&file), Err(ProofError::OpeningFailed), "two vectors");
        }
        round.statement.weights = honest;
        let file = round.prove_quick();
        assert_eq!(round.verify(&file), Ok(()));
    }
}

/// Two vectors of [S] or [W'] in another order.
#[test]
fn vectors_keep_their_places() {
    let (round, file) = closed(close_programs().swap_remove(1).0, 10);
    let mut other = round.statement.clone();
    other.summed.swap(0, 1);
    assert_eq!(verdict(&round, &other, &file), Err(ProofError::OpeningFailed));
    let mut other = round.statement.clone();
    other.weights.swap(1, 2);
    assert_eq!(verdict(&round, &other, &file), Err(ProofError::OpeningFailed));
}

/// V5.
#[test]
fn statements_that_do_not_fit() {
    let (round, file) = closed(program(), 3);
    let wrong = |field| Err(ProofError::WrongStatement { field });
    for count in [0, 65_536, u64::MAX] {
        let other = CloseStatement { count, ..round.statement.clone() };
        assert_eq!(verdict(&round, &other, &file), wrong("count"), "{count}");
    }
    let mut other = round.statement.clone();
    other.summed.push(G1Affine::identity());
    assert_eq!(verdict(&round, &other, &file), wrong("summed"));
    let other = CloseStatement { weights: Vec::new(), ..round.statement.clone() };
    assert_eq!(verdict(&round, &other, &file), wrong("weights"));
}

/// V6, and a key whose program differs where the close does not look.
#[test]
fn keys() {
    let (mut round, file) = closed(program(), 3);
    let other = |change: fn(&mut Program)| {
        let mut program = program();
        change(&mut program);
        Key::with(program.validated().expect("legal program"), &Trapdoor, setup().digest())
    };
    let true_key = std::mem::replace(&mut round.key, Key::with(program(), &Trapdoor, [7; 32]));
    assert_eq!(round.verify(&file), Err(ProofError::WrongSetup));
    for change in [|p: &mut Program| p.steps = 3, |p: &mut Program| p.bound_bits = 13, |p: &mut Program| p.dims[2] = 4] {
        round.key = other(change);
        assert_eq!(round.verify(&file), Err(ProofError::OpeningFailed));
    }
    round.key = true_key;
    assert_eq!(round.verify(&file), Ok(()));
}

/// The scale of a kernel decides what m is.
#[test]
fn fractional_bits_count() {
    let kernel = |fraction_bits| tiny_with(Loss::Sigmoid, &[5, 3], 3, 2, 4, |p| p.kernel = momentum(3, fraction_bits));
    let (round, _) = closed(kernel(3), 6);
    let mut other = Round { key: Key::with(kernel(4), &Trapdoor, setup().digest()), ..round };
    let file = other.prove_quick();
    assert_eq!(other.verify(&file), Err(ProofError::OpeningFailed));
}

/// V1 to V4, and the kinds of proofs are never taken for each other.
#[test]
fn files() {
    let (round, file) = closed(program(), 3);
    let with = |at: usize, byte: u8| {
        let mut out = file.clone();
        out[at] = byte;
        round.verify(&out)
    };
    assert_eq!(with(0, b'f'), Err(ProofError::WrongMagic));
    assert_eq!(with(9, 3), Err(ProofError::UnsupportedVersion { expected: 2, got: 3 }));
    for kind in [0, 1, 2, 4] {
        assert_eq!(with(10, kind), Err(ProofError::WrongKind { expected: 3, got: kind }));
    }
    let expected = file.len() - HEADER;
    assert_eq!(round.verify(&[&file[..], &[0]].concat()), Err(ProofError::WrongLength { expected, got: expected + 1 }));
    assert_eq!(round.verify(&file[..file.len() - 1]), Err(ProofError::WrongLength { expected, got: expected - 1 }));
    assert_eq!(round.verify(&[]), Err(ProofError::WrongMagic));
    let instance = Instance::quick(program(), 3);
    assert_eq!(instance.verify(&file), Err(ProofError::WrongKind { expected: 1, got: 3 }));
    assert_eq!(instance.verify_registered(&instance.registration(), &file), Err(ProofError::WrongKind { expected: 2, got: 3 }));
    assert_eq!(ProofKind::from_code(3), Some(ProofKind::Close));
}

/// Every word of the proof changed by its last bit, and replaced by a number beyond both fields.
#[test]
fn every_word_is_checked() {
    for (program, count) in close_programs() {
        let (round, file) = closed(program, count);
        let words = (file.len() - HEADER) / 32;
        let columns: usize = (2..round.shape().helper(0)).map(|k| round.shape().vectors_of(k)).sum();
        let helpers: usize = (round.shape().helper(0)..round.shape().count()).map(|k| round.shape().vectors_of(k)).sum();
        let first = 2 * (columns + 1 + helpers);
        let points = |word: usize| word < first || (words - 7..words - 5).contains(&word) || word >= words - 4;
        for word in 0..words {
            let at = HEADER + 32 * word;
            let mut changed = file.clone();
            changed[at + 31] ^= 1;
            let offset = if points(word) { Some(at - HEADER - if word_is_y(word, first, words) { 32 } else { 0 }) } else { None };
            let error = offset.map_or(ProofError::OpeningFailed, |offset| ProofError::NotOnCurve { offset });
            assert_eq!(round.verify_quick(&changed), Err(error), "word {word}");
            changed[at..at + 32].fill(255);
            let got = round.verify_quick(&changed);
            let fits = match got {
                Err(ProofError::NonCanonicalCoordinate { offset }) => points(word) && offset.abs_diff(at - HEADER) <= 32,
                Err(ProofError::NonCanonicalScalar { offset }) => !points(word) && offset == at - HEADER,
                _ => false,
            };
            assert!(fits, "word {word}: {got:?}");
        }
    }
}

/// Whether a word of a point is its second coordinate. The last points are [S'], then e1, then [h] and [w].
fn word_is_y(word: usize, first: usize, words: usize) -> bool {
    if word < first {
        word % 2 == 1
    } else {
        [words - 6, words - 3, words - 1].contains(&word)
    }
}
