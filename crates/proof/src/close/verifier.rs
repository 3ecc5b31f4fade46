//! Verifier of a round-close proof. Deterministic, free of panics. Checks V1-V11 as in the training verifier.
//!
//! What the caller must still discharge: that [S] is the sum of the [W_out] accepted in the round and count their number, that the
//! round's W_0 was within its bound, that the submitter is whoever closes, and that the published model is what [W'] commits to.

use super::relations::{close_relations, Inputs};
use super::{draw_rows, CloseKey};
use crate::opening::{verify_relations, Commitments, DegreeClaim};
use crate::part::Part;
use crate::relation::Table;
use crate::training::{draw_first, S2};
use crate::{decode_file, CloseStatement, ProofError};
use ark_bn254::Fr;
use ark_ff::Zero;
use fedproof_kzg::Setup;
use fedproof_program::{CloseLayout, Stage};
use fedproof_transcript::{label, G1Affine, KeccakVerifier, ProofKind, VerifierTranscript};

/// Verifies a proof file.
pub fn verify_close(key: CloseKey<'_>, setup: &Setup, statement: &CloseStatement, file: &[u8]) -> Result<(), ProofError> {
    let body = decode_file(ProofKind::Close, key.close_bytes(), file)?;
    if key.setup_digest() != setup.digest() && key.keeps(Part::Setup) {
        return Err(ProofError::WrongSetup);
    }
    let transcript = KeccakVerifier::new(ProofKind::Close, body);
    let (left, right) = verify_close_with(key, statement, transcript)?;
    if !setup.pairing_check(left, right) {
        return Err(ProofError::OpeningFailed);
    }
    Ok(())
}

/// Reads a proof over any transcript: returns the two sides of the pairing check, which the caller must make.
pub fn verify_close_with<T: VerifierTranscript>(
    key: CloseKey<'_>,
    statement: &CloseStatement,
    mut transcript: T,
) -> Result<(G1Affine, G1Affine), ProofError> {
    if key.keeps(Part::Statement) {
        statement.check(&key)?;
    }
    let t = &mut transcript;
    let shape = key.shape();
    let masks = &shape.masks;
    t.absorb(label::STATEMENT, 0, &statement.encode(&key));
    let read = |t: &mut T, label: u8, columns: std::ops::Range<usize>| -> Result<Vec<Vec<G1Affine>>, ProofError> {
        let sizes: Vec<usize> = columns.map(|k| shape.vectors_of(k)).collect();
        let mut points = t.read_points(label, 0, sizes.iter().sum())?.into_iter();
        Ok(sizes.iter().map(|&size| points.by_ref().take(size).collect()).collect())
    };
    let mut columns = vec![statement.summed.clone(), statement.weights.clone()];
    columns.extend(read(t, label::TRACE, CloseLayout::SIGN..shape.helper(0))?);
    let mask = t.read_points(label::MASK, 0, 1)?;
    let first = draw_first(|l, i| t.challenge(l, i));
    columns.extend(read(t, label::HELPERS, shape.helper(0)..shape.count())?);
    let degree = t.read_scalars(label::DEGREE, 0, 1)?.into_iter().sum();
    let rows = draw_rows(key, |l, i| t.challenge(l, i));
    let s2 = fedproof_sumcheck::verify(t, S2, masks.degrees(Stage::S2), Fr::zero())?;
    let values = t.read_scalars(label::S2_VALUES, 0, masks.value_count(Stage::S2))?;
    let xi = t.challenge(label::XI, 0);
    let relations = close_relations(&Inputs {
        key,
        count: statement.count,
        first: &first,
        rows: &rows,
        xi,
        s2: &s2,
        values: &values,
        degree,
    });
    let commitments = |table: Table| match table {
        Table::Column(k) => Commitments { points: columns.get(k).cloned().unwrap_or_default(), bits: shape.vector_bits },
        _ => Commitments { points: Vec::new(), bits: 0 },
    };
    let mask = mask.first().copied().unwrap_or_default();
    let claim = DegreeClaim { commitments: &statement.weights, omega: first.omega, zeta: first.zeta, value: degree };
    let claim = Some(&claim).filter(|_| key.keeps(Part::DegreeOpening));
    let sides = verify_relations(&key, t, masks, &relations, commitments, mask, claim)?;
    transcript.finish()?;
    Ok(sides)
}
