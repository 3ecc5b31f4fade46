//! Verdicts on proofs that are given as bytes, key and statement included, as a chain gives them: what another implementation of the
//! verifier is held against.

mod key;
mod statement;

use ark_bn254::{Fr, G1Affine};
use ark_ec::CurveGroup;
use ark_ff::{Field, Zero};
use fedproof_kzg::verify_pairing;
use fedproof_proof::generic::{verify_close_with, verify_registration_with, verify_training_with};
use fedproof_proof::{decode_file, verify_close, verify_registration, verify_training, CloseKey, Key, ProofError};
use fedproof_transcript::{label, point_to_bytes, DecodeError, KeccakVerifier, ProofKind, VerifierTranscript, POINT_BYTES};
use key::{development, open_key};
use statement::{close, registration, training};
use std::cell::Cell;

/// A proof file and all that it is verified with.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The kind asked for.
    pub kind: ProofKind,
    /// Canonical bytes of the program.
    pub program: &'a [u8],
    /// Points of the key's tables.
    pub table: &'a [u8],
    /// tau G1, then tau H.
    pub setup: &'a [u8],
    /// The statement as absorbed.
    pub statement: &'a [u8],
    /// The proof file.
    pub file: &'a [u8],
}

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A check of docs/protocol.md, section 5.
    Proof(ProofError),
    /// The program's bytes are none, or its rounds have no round-close proof.
    IllegalProgram,
    /// Not as many table points as the program needs.
    WrongTable,
}

impl Refusal {
    /// Name of the error, then its numbers.
    pub fn words(&self) -> String {
        match self {
            Self::Proof(error) => {
                let numbers = match error {
                    ProofError::UnsupportedVersion { expected, got } => format!(" {expected} {got}"),
                    ProofError::WrongKind { expected, got } => format!(" {expected} {got}"),
                    ProofError::WrongLength { expected, got } => format!(" {expected} {got}"),
                    ProofError::NonCanonicalScalar { offset }
                    | ProofError::NonCanonicalCoordinate { offset }
                    | ProofError::NotOnCurve { offset } => format!(" {offset}"),
                    _ => String::new(),
                };
                format!("{}{numbers}", error.name())
            }
            other => format!("{other:?}"),
        }
    }
}

impl From<ProofError> for Refusal {
    fn from(error: ProofError) -> Self {
        Self::Proof(error)
    }
}

/// What an accepted proof gives: the points of [W_out], the id of the dataset, or the points of [W'].
pub fn verdict(case: &Case<'_>) -> Result<Vec<u8>, Refusal> {
    let (key, tau_h) = open_key(case)?;
    let development = development(case.setup);
    let body = body(case, &key)?;
    let holds = |(left, right)| if verify_pairing(&tau_h, left, right) { Ok(()) } else { Err(ProofError::OpeningFailed) };
    match case.kind {
        ProofKind::Training => {
            let statement = training(case.statement, &key)?;
            let update = match development {
                Some(setup) => verify_training(&key, setup, &statement, case.file)?,
                None => {
                    let (update, left, right) = verify_training_with(&key, &statement, KeccakVerifier::new(case.kind, body))?;
                    holds((left, right)).map(|()| update)?
                }
            };
            Ok(update.iter().flat_map(point_to_bytes).collect())
        }
        ProofKind::Registration => {
            let statement = registration(case.statement, &key)?;
            match development {
                Some(setup) => verify_registration(&key, setup, &statement, case.file)?,
                None => holds(verify_registration_with(&key, &statement, KeccakVerifier::new(case.kind, body))?)?,
            }
            Ok(statement.dataset_id(&key).to_vec())
        }
        ProofKind::Close => {
            let key = close_key(&key)?;
            let statement = close(case.statement, &key)?;
            match development {
                Some(setup) => verify_close(key, setup, &statement, case.file)?,
                None => holds(verify_close_with(key, &statement, KeccakVerifier::new(case.kind, body))?)?,
            }
            Ok(statement.weights.iter().flat_map(point_to_bytes).collect())
        }
    }
}

/// The one last point [w] with which whoever knows tau gets the rest of the proof accepted, whatever it says: `w = L / (tau - x)`.
/// A verifier that computes another L refuses it.
pub fn forge(case: &Case<'_>, tau: Fr) -> Result<[u8; POINT_BYTES], Refusal> {
    let (key, _) = open_key(case)?;
    let body = body(case, &key)?;
    let Some((head, _)) = body.split_last_chunk::<POINT_BYTES>() else { return Err(ProofError::WrongMagic.into()) };
    let body = [head, &[0; POINT_BYTES]].concat();
    let x = Cell::new(Fr::zero());
    let transcript = Noting { inner: KeccakVerifier::new(case.kind, &body), x: &x };
    let left = match case.kind {
        ProofKind::Training => verify_training_with(&key, &training(case.statement, &key)?, transcript)?.1,
        ProofKind::Registration => verify_registration_with(&key, &registration(case.statement, &key)?, transcript)?.0,
        ProofKind::Close => verify_close_with(close_key(&key)?, &close(case.statement, &key)?, transcript)?.0,
    };
    let factor = (tau - x.get()).inverse().ok_or(ProofError::DegenerateChallenge { name: "x" })?;
    Ok(point_to_bytes(&(left * factor).into_affine()))
}

fn close_key(key: &Key) -> Result<CloseKey<'_>, Refusal> {
    key.close().map_err(|_| Refusal::IllegalProgram)
}

fn body<'a>(case: &Case<'a>, key: &Key) -> Result<&'a [u8], Refusal> {
    let length = match case.kind {
        ProofKind::Training => key.training_bytes(),
        ProofKind::Registration => key.registration_bytes(),
        ProofKind::Close => close_key(key)?.close_bytes(),
    };
    Ok(decode_file(case.kind, length, case.file)?)
}

/// A transcript that notes the last challenge.
struct Noting<'a> {
    inner: KeccakVerifier<'a>,
    x: &'a Cell<Fr>,
}

impl VerifierTranscript for Noting<'_> {
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        self.inner.absorb(label, index, data);
    }

    fn read_scalars(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<Fr>, DecodeError> {
        self.inner.read_scalars(label, index, n)
    }

    fn read_points(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<G1Affine>, DecodeError> {
        self.inner.read_points(label, index, n)
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        let value = self.inner.challenge(label, index);
        if label == label::X {
            self.x.set(value);
        }
        value
    }

    fn finish(self) -> Result<(), DecodeError> {
        self.inner.finish()
    }
}
