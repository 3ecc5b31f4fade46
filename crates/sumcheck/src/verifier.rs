//! Verifier of a sumcheck. Deterministic and free of panics.
//!
//! Checks: none of its own beyond decoding. It reads exactly `degrees[i]` field elements per fold, so degrees and counts come from the
//! key and never from the proof; each fold is absorbed before its challenge is drawn.
//!
//! Soundness: if the integrand's sum is not the claim, the returned last claim is wrong but with probability (sum of degrees) / 2^253.
//! The caller must discharge `last` (closing relation of docs/protocol.md, section 3).

use crate::claim::{next_claim, Labels, Outcome};
use ark_bn254::Fr;
use fedproof_transcript::{DecodeError, VerifierTranscript};

/// Reads and checks all folds, starting from the public `claim`.
pub fn verify<T: VerifierTranscript>(
    transcript: &mut T,
    labels: Labels,
    degrees: &[usize],
    claim: Fr,
) -> Result<Outcome, DecodeError> {
    let mut point = Vec::with_capacity(degrees.len());
    let mut last = claim;
    for (index, &degree) in (0u16..).zip(degrees) {
        let sent = transcript.read_scalars(labels.fold, index, degree)?;
        let r = transcript.challenge(labels.challenge, index);
        last = next_claim(last, &sent, r);
        point.push(r);
    }
    Ok(Outcome { point, last })
}
