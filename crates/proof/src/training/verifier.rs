//! Verifier of a training proof. Deterministic, free of panics.
//!
//! Checks, in order (ids of docs/protocol.md, section 5): V1-V4 file and length; V5 the statement fits the key; V6 key and setup belong
//! together; V7-V9 strict decoding of every scalar and point; V10 no degenerate challenge; V11 one pairing check that confirms S3's
//! claim, hence every linear relation of `relations.rs`, hence the closings of S1a, S1b and S2.
//!
//! Soundness: docs/protocol.md, section 6. What the caller must still discharge: that [W_0] is the round's published model within its
//! bound and zero outside layers, that the dataset id and [D] belong to a registration verified before the round's randomness, that the
//! schedule comes from that randomness, and that count is the number the task asks for.

use super::relations::{training_relations, Inputs};
use super::{draw_first, draw_points, value_count, Revealed, S1A, S1B, S2};
use crate::opening::{verify_relations, Commitments, DegreeClaim};
use crate::part::Part;
use crate::relation::Table;
use crate::{decode_file, Key, ProofError, TrainingStatement};
use ark_bn254::Fr;
use ark_ff::Zero;
use fedproof_kzg::Setup;
use fedproof_program::Stage;
use fedproof_transcript::{label, G1Affine, KeccakVerifier, ProofKind, VerifierTranscript};

/// Verifies a proof file and returns [W_out].
pub fn verify_training(
    key: &Key,
    setup: &Setup,
    statement: &TrainingStatement,
    file: &[u8],
) -> Result<Vec<G1Affine>, ProofError> {
    let body = decode_file(ProofKind::Training, key.training_bytes(), file)?;
    if key.setup_digest() != setup.digest() && key.keeps(Part::Setup) {
        return Err(ProofError::WrongSetup);
    }
    let transcript = KeccakVerifier::new(ProofKind::Training, body);
    let (update, left, right) = verify_training_with(key, statement, transcript)?;
    if !setup.pairing_check(left, right) {
        return Err(ProofError::OpeningFailed);
    }
    Ok(update)
}

/// Reads a proof over any transcript: returns [W_out] and the two sides of the pairing check, which the caller must make.
pub fn verify_training_with<T: VerifierTranscript>(
    key: &Key,
    statement: &TrainingStatement,
    mut transcript: T,
) -> Result<(Vec<G1Affine>, G1Affine, G1Affine), ProofError> {
    if key.keeps(Part::Statement) {
        statement.check(key)?;
    }
    let t = &mut transcript;
    let (layout, masks) = (key.layout(), &key.layout().masks);
    t.absorb(label::STATEMENT, 0, &statement.encode(key));
    let count = |columns: std::ops::Range<usize>| columns.map(|k| layout.columns.vectors(k)).sum();
    let first_columns = layout.columns.committed_first();
    let mut columns = t.read_points(label::TRACE, 0, count(0..first_columns))?;
    let update = t.read_points(label::UPDATE, 0, layout.weight_vectors)?;
    let mask: Vec<G1Affine> = t.read_points(label::MASK, 0, 1)?;
    let first = draw_first(|l, i| t.challenge(l, i));
    columns.extend(t.read_points(label::HELPERS, 0, count(first_columns..layout.columns.count()))?);
    let degree = t.read_scalars(label::DEGREE, 0, 1)?.into_iter().sum();
    let points = draw_points(key, |l, i| t.challenge(l, i));

    let s1a = fedproof_sumcheck::verify(t, S1A, masks.degrees(Stage::S1a), Fr::zero())?;
    let s1a_values = t.read_scalars(label::S1A_VALUES, 0, value_count(key, Stage::S1a))?;
    let kappa = t.challenge(label::KAPPA, 0);
    let s1b = fedproof_sumcheck::verify(t, S1B, masks.degrees(Stage::S1b), Fr::zero())?;
    let s1b_values = t.read_scalars(label::S1B_VALUES, 0, value_count(key, Stage::S1b))?;
    let s2 = fedproof_sumcheck::verify(t, S2, masks.degrees(Stage::S2), Fr::zero())?;
    let s2_values = t.read_scalars(label::S2_VALUES, 0, value_count(key, Stage::S2))?;
    let tables = match layout.table_lanes().len() {
        0 => Vec::new(),
        lanes => t.read_scalars(label::TABLE_VALUE, 0, lanes)?,
    };
    let xi = t.challenge(label::XI, 0);

    let revealed = Revealed { s1a: s1a_values, s1b: s1b_values, s2: s2_values, tables, degree };
    let relations = training_relations(&Inputs {
        key,
        statement,
        first: &first,
        points: &points,
        kappa,
        xi,
        s1a: &s1a,
        s1b: &s1b,
        s2: &s2,
        revealed: &revealed,
    });
    let commitments = |table: Table| match table {
        Table::Column(k) => {
            let first: usize = count(0..k);
            let points = columns.get(first..first + layout.columns.vectors(k)).unwrap_or(&[]).to_vec();
            Commitments { points, bits: layout.row_vector_bits() }
        }
        Table::Data => Commitments { points: statement.dataset.clone(), bits: layout.data_vector_bits() },
        Table::Start => Commitments { points: statement.weights.clone(), bits: layout.weight_vector_bits() },
        Table::Update => Commitments { points: update.clone(), bits: layout.weight_vector_bits() },
        Table::Key(k) => Commitments { points: key.table_commitments().get(k).copied().into_iter().collect(), bits: 0 },
    };
    let claim = DegreeClaim { commitments: &update, omega: first.omega, zeta: first.zeta, value: degree };
    let mask = mask.first().copied().unwrap_or_default();
    let claim = Some(&claim).filter(|_| key.keeps(Part::DegreeOpening));
    let (left, right) = verify_relations(key, t, masks, &relations, commitments, mask, claim)?;
    transcript.finish()?;
    Ok((update, left, right))
}
