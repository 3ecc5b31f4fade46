//! Scalars and points of a proof body.

use fedproof_transcript::{
    point_to_bytes, scalar_to_bytes, Fr, G1Affine, KeccakVerifier, ProofKind, VerifierTranscript, POINT_BYTES, SCALAR_BYTES,
};

/// A transcript that reads as many points, then scalars, as the first two bytes say, reads all of the rest or refuses it; what it reads
/// is what these bytes alone encode.
pub(crate) fn read(bytes: &[u8]) {
    let [points, scalars, body @ ..] = bytes else { return };
    let (points, scalars) = (usize::from(*points), usize::from(*scalars));
    let mut transcript = KeccakVerifier::new(ProofKind::Training, body);
    let Ok(first) = transcript.read_points(1, 0, points) else { return };
    let Ok(second) = transcript.read_scalars(2, 0, scalars) else { return };
    let whole = transcript.finish().is_ok();
    let again: Vec<u8> = first.iter().flat_map(point_to_bytes).chain(second.iter().flat_map(scalar_to_bytes)).collect();
    assert!(again.len() == points * POINT_BYTES + scalars * SCALAR_BYTES && body.starts_with(&again), "a second encoding");
    assert_eq!(whole, again.len() == body.len(), "bytes left over are an error, no others");
    assert!(first.iter().all(G1Affine::is_on_curve));
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let generator = G1Affine::new_unchecked(1.into(), 2.into());
    let one = [vec![1, 1], point_to_bytes(&generator).to_vec(), scalar_to_bytes(&Fr::from(7)).to_vec()].concat();
    let identity = [vec![2, 0], vec![0; POINT_BYTES], point_to_bytes(&-generator).to_vec()].concat();
    vec![one, identity, [vec![0, 3], vec![0x2f; 3 * SCALAR_BYTES]].concat(), vec![255, 255]]
}
