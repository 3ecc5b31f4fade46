//! Verifier of a registration proof. Deterministic, free of panics. Checks V1-V11 as in the training verifier.
//!
//! What the caller must still discharge: that the registration precedes the randomness of every round that uses the dataset, and that
//! count is what the task asks for (count = all slots makes every record valid).

use super::draw_rows;
use super::relations::{registration_relations, Inputs};
use crate::opening::{verify_relations, Commitments};
use crate::part::Part;
use crate::relation::Table;
use crate::training::S2;
use crate::{decode_file, Key, ProofError, RegistrationStatement};
use ark_bn254::Fr;
use ark_ff::Zero;
use fedproof_kzg::Setup;
use fedproof_program::Stage;
use fedproof_transcript::{label, G1Affine, KeccakVerifier, ProofKind, VerifierTranscript};

/// Verifies a proof file.
pub fn verify_registration(key: &Key, setup: &Setup, statement: &RegistrationStatement, file: &[u8]) -> Result<(), ProofError> {
    let body = decode_file(ProofKind::Registration, key.registration_bytes(), file)?;
    if key.setup_digest() != setup.digest() && key.keeps(Part::Setup) {
        return Err(ProofError::WrongSetup);
    }
    let transcript = KeccakVerifier::new(ProofKind::Registration, body);
    let (left, right) = verify_registration_with(key, statement, transcript)?;
    if !setup.pairing_check(left, right) {
        return Err(ProofError::OpeningFailed);
    }
    Ok(())
}

/// Reads a proof over any transcript: returns the two sides of the pairing check, which the caller must make.
pub fn verify_registration_with<T: VerifierTranscript>(
    key: &Key,
    statement: &RegistrationStatement,
    mut transcript: T,
) -> Result<(G1Affine, G1Affine), ProofError> {
    if key.keeps(Part::Statement) {
        statement.check(key)?;
    }
    let t = &mut transcript;
    let registration = key.registration();
    let masks = &registration.masks;
    t.absorb(label::STATEMENT, 0, &statement.encode(key));
    let counts = t.read_points(label::TRACE, 0, 1)?;
    let mask = t.read_points(label::MASK, 0, 1)?;
    let (alpha, gamma) = (t.challenge(label::ALPHA, 0), t.challenge(label::GAMMA, 0));
    let helpers = t.read_points(label::HELPERS, 0, registration.helpers.len())?;
    let rows = draw_rows(key, |l, i| t.challenge(l, i));
    let s2 = fedproof_sumcheck::verify(t, S2, masks.degrees(Stage::S2), Fr::zero())?;
    let values = t.read_scalars(label::S2_VALUES, 0, masks.value_count(Stage::S2))?;
    let xi = t.challenge(label::XI, 0);
    let relations =
        registration_relations(&Inputs { key, count: statement.count, alpha, gamma, rows: &rows, xi, s2: &s2, values: &values });
    let commitments = |table: Table| match table {
        Table::Data => Commitments { points: statement.dataset.clone(), bits: key.layout().data_vector_bits() },
        Table::Column(k) if k == registration.multiplicity() => Commitments { points: counts.clone(), bits: 0 },
        Table::Column(k) => {
            let helper = k.checked_sub(registration.helper(0)).and_then(|g| helpers.get(g));
            Commitments { points: helper.copied().into_iter().collect(), bits: 0 }
        }
        _ => Commitments { points: Vec::new(), bits: 0 },
    };
    let mask = mask.first().copied().unwrap_or_default();
    let sides = verify_relations(key, t, masks, &relations, commitments, mask, None)?;
    transcript.finish()?;
    Ok(sides)
}
