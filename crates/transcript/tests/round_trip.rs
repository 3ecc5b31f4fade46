//! What the prover sends is what the verifier reads, with the same challenges; nothing else is accepted.

use ark_bn254::{Fq, Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, PrimeField, Zero};
use fedproof_transcript::{
    keccak256, label, point_from_bytes, point_to_bytes, scalar_from_bytes, scalar_to_bytes, DecodeError, KeccakProver,
    KeccakVerifier, ProofKind, ProverTranscript, VerifierTranscript,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Message {
    Absorb(Vec<u8>),
    Scalars(Vec<Fr>),
    Points(Vec<G1Affine>),
}

fn scalar() -> impl Strategy<Value = Fr> {
    prop_oneof![any::<i64>().prop_map(Fr::from), any::<[u8; 32]>().prop_map(|bytes| Fr::from_be_bytes_mod_order(&bytes)),]
}

fn point() -> impl Strategy<Value = G1Affine> {
    prop_oneof![Just(G1Affine::zero()), scalar().prop_map(|scalar| (G1Affine::generator() * scalar).into_affine())]
}

fn message() -> impl Strategy<Value = (u8, u16, Message)> {
    let message = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..100).prop_map(Message::Absorb),
        prop::collection::vec(scalar(), 0..6).prop_map(Message::Scalars),
        prop::collection::vec(point(), 0..4).prop_map(Message::Points),
    ];
    (any::<u8>(), any::<u16>(), message)
}

fn kind() -> impl Strategy<Value = ProofKind> {
    prop::sample::select(&ProofKind::ALL[..])
}

/// The proof body and a challenge after every message.
fn send(kind: ProofKind, messages: &[(u8, u16, Message)]) -> (Vec<u8>, Vec<Fr>) {
    let mut transcript = KeccakProver::new(kind);
    let mut challenges = vec![transcript.challenge(label::X, 0)];
    for (label, index, message) in messages {
        match message {
            Message::Absorb(data) => transcript.absorb(*label, *index, data),
            Message::Scalars(values) => transcript.send_scalars(*label, *index, values),
            Message::Points(points) => transcript.send_points(*label, *index, points),
        }
        challenges.push(transcript.challenge(label::X, 0));
    }
    (transcript.into_proof(), challenges)
}

fn receive(kind: ProofKind, messages: &[(u8, u16, Message)], proof: &[u8]) -> Result<Vec<Fr>, DecodeError> {
    let mut transcript = KeccakVerifier::new(kind, proof);
    let mut challenges = vec![transcript.challenge(label::X, 0)];
    for (label, index, message) in messages {
        match message {
            Message::Absorb(data) => transcript.absorb(*label, *index, data),
            Message::Scalars(values) => assert_eq!(&transcript.read_scalars(*label, *index, values.len())?, values),
            Message::Points(points) => assert_eq!(&transcript.read_points(*label, *index, points.len())?, points),
        }
        challenges.push(transcript.challenge(label::X, 0));
    }
    transcript.finish().map(|()| challenges)
}

proptest! {
    #[test]
    fn both_sides_agree(kind in kind(), messages in prop::collection::vec(message(), 0..6)) {
        let (proof, challenges) = send(kind, &messages);
        prop_assert_eq!(receive(kind, &messages, &proof), Ok(challenges.clone()));
        // Every message changes the state, and another kind has other challenges throughout.
        for (i, challenge) in challenges.iter().enumerate() {
            prop_assert!(!challenges[..i].contains(challenge));
        }
        let other = if kind == ProofKind::Training { ProofKind::Registration } else { ProofKind::Training };
        prop_assert!(send(other, &messages).1.iter().all(|challenge| !challenges.contains(challenge)));
    }

    #[test]
    fn labels_indices_and_data_are_bound(messages in prop::collection::vec(message(), 1..5), which in any::<prop::sample::Index>()) {
        let at = which.index(messages.len());
        let challenge = |messages: &[_]| *send(ProofKind::Training, messages).1.last().unwrap();
        let mut other = messages.clone();
        other[at].0 ^= 1;
        prop_assert_ne!(challenge(&other), challenge(&messages));
        let mut other = messages.clone();
        other[at].1 ^= 256;
        prop_assert_ne!(challenge(&other), challenge(&messages));
        let mut other = messages.clone();
        match &mut other[at].2 {
            Message::Absorb(data) => data.push(0),
            Message::Scalars(values) => values.push(Fr::zero()),
            Message::Points(points) => points.push(G1Affine::zero()),
        }
        prop_assert_ne!(challenge(&other), challenge(&messages));
    }

    #[test]
    fn lengths_must_fit(messages in prop::collection::vec(message(), 0..5), cut in any::<prop::sample::Index>(), extra in 1usize..70) {
        let (mut proof, _) = send(ProofKind::Training, &messages);
        let len = proof.len();
        if len > 0 {
            let left = cut.index(len);
            let error = receive(ProofKind::Training, &messages, &proof[..left]).unwrap_err();
            let truncated = matches!(error, DecodeError::Truncated { .. });
            prop_assert!(truncated, "{}", error);
        }
        proof.resize(len + extra, 0);
        let error = receive(ProofKind::Training, &messages, &proof).unwrap_err();
        prop_assert_eq!(error, DecodeError::WrongLength { expected: len, got: len + extra });
    }

    #[test]
    fn arbitrary_bytes_never_panic(proof in prop::collection::vec(any::<u8>(), 0..300), reads in prop::collection::vec((any::<bool>(), 0usize..5), 0..6)) {
        let mut transcript = KeccakVerifier::new(ProofKind::Registration, &proof);
        for (scalars, n) in reads {
            let _ = if scalars { transcript.read_scalars(0, 0, n).map(|_| ()) } else { transcript.read_points(0, 0, n).map(|_| ()) };
        }
        let _ = transcript.read_scalars(0, 0, usize::MAX).unwrap_err();
        let _ = transcript.read_points(0, 0, usize::MAX).unwrap_err();
        let _ = transcript.finish();
    }

    #[test]
    fn scalars_have_one_encoding(bytes in any::<[u8; 32]>(), small in any::<bool>()) {
        let mut bytes = bytes;
        if small { bytes[0] &= 0x1f; }
        match scalar_from_bytes(&bytes) {
            Ok(value) => prop_assert_eq!(scalar_to_bytes(&value), bytes),
            Err(error) => {
                prop_assert_eq!(error, DecodeError::NonCanonicalScalar { offset: 0 });
                prop_assert!(bytes.as_slice() >= Fr::MODULUS.to_bytes_be().as_slice());
            }
        }
    }

    #[test]
    fn points_round_trip(point in point()) {
        prop_assert_eq!(point_from_bytes(&point_to_bytes(&point)), Ok(point));
    }

    #[test]
    fn any_points_bytes(bytes in any::<[[u8; 32]; 2]>()) {
        let bytes: [u8; 64] = bytes.concat().try_into().unwrap();
        if let Ok(point) = point_from_bytes(&bytes) {
            prop_assert_eq!(point_to_bytes(&point), bytes);
        }
    }
}

fn joined(x: Vec<u8>, y: Vec<u8>) -> [u8; 64] {
    [x, y].concat().try_into().unwrap()
}

#[test]
fn borders_of_the_encodings() {
    let order: [u8; 32] = Fr::MODULUS.to_bytes_be().try_into().unwrap();
    assert_eq!(scalar_from_bytes(&order), Err(DecodeError::NonCanonicalScalar { offset: 0 }));
    assert_eq!(scalar_from_bytes(&[255; 32]), Err(DecodeError::NonCanonicalScalar { offset: 0 }));
    assert_eq!(scalar_from_bytes(&scalar_to_bytes(&-Fr::from(1u64))), Ok(-Fr::from(1u64)));

    let p = Fq::MODULUS.to_bytes_be();
    let word = |value: u8| [vec![0; 31], vec![value]].concat();
    assert_eq!(point_from_bytes(&[0; 64]), Ok(G1Affine::zero()));
    assert_eq!(point_from_bytes(&joined(word(1), word(2))), Ok(G1Affine::generator()));
    assert_eq!(point_from_bytes(&joined(word(1), word(3))), Err(DecodeError::NotOnCurve { offset: 0 }));
    assert_eq!(point_from_bytes(&joined(word(0), word(1))), Err(DecodeError::NotOnCurve { offset: 0 }));
    // p stands for 0, but only 0 does.
    assert_eq!(point_from_bytes(&joined(p.clone(), word(0))), Err(DecodeError::NonCanonicalCoordinate { offset: 0 }));
    assert_eq!(point_from_bytes(&joined(word(0), p.clone())), Err(DecodeError::NonCanonicalCoordinate { offset: 32 }));
    assert_eq!(point_from_bytes(&joined(p.clone(), p)), Err(DecodeError::NonCanonicalCoordinate { offset: 0 }));
}

#[test]
fn errors_tell_the_place_in_the_proof() {
    let one = scalar_to_bytes(&Fr::from(1u64));
    let proof = [one.as_slice(), &one, &[255; 32]].concat();
    let mut transcript = KeccakVerifier::new(ProofKind::Training, &proof);
    assert!(transcript.read_scalars(1, 0, 1).is_ok());
    assert_eq!(transcript.read_scalars(1, 1, 2), Err(DecodeError::NonCanonicalScalar { offset: 64 }));
    assert_eq!(transcript.read_points(1, 1, 1), Err(DecodeError::NonCanonicalCoordinate { offset: 64 }));
    assert_eq!(transcript.read_scalars(1, 1, 3), Err(DecodeError::Truncated { offset: 32, needed: 96, left: 64 }));
    let on_no_curve = [one.as_slice(), &one, &one].concat();
    let mut transcript = KeccakVerifier::new(ProofKind::Training, &on_no_curve);
    assert!(transcript.read_scalars(1, 0, 1).is_ok());
    assert_eq!(transcript.read_points(1, 1, 1), Err(DecodeError::NotOnCurve { offset: 32 }));
}

#[test]
fn a_refused_message_leaves_the_transcript_as_it_was() {
    let mut transcript = KeccakVerifier::new(ProofKind::Training, &[255; 32]);
    let before = transcript.challenge(label::Z, 0);
    assert!(transcript.read_scalars(label::E1, 0, 1).is_err());
    assert_eq!(transcript.challenge(label::Z, 0), before);
}

#[test]
fn vectors_of_challenges_have_successive_indices() {
    let mut prover = KeccakProver::new(ProofKind::Training);
    let mut verifier = KeccakVerifier::new(ProofKind::Training, &[]);
    let base = label::rho_j_base(16);
    assert_eq!(base, 4096);
    let expected: Vec<Fr> = (0..20).map(|i| prover.challenge(label::RHO_J, base + i)).collect();
    assert_eq!(prover.challenge_vec(label::RHO_J, base, 20), expected);
    assert_eq!(verifier.challenge_vec(label::RHO_J, base, 20), expected);
    assert_eq!(prover.challenge_vec(label::RHO_J, u16::MAX, 1), [prover.challenge(label::RHO_J, u16::MAX)]);
    assert!(prover.challenge_vec(label::RHO_J, 0, 0).is_empty());
}

#[test]
fn kinds_have_codes() {
    for kind in ProofKind::ALL {
        assert_eq!(ProofKind::from_code(kind.code()), Some(kind));
    }
    assert_eq!(ProofKind::from_code(0), None);
    assert_eq!(ProofKind::from_code(4), None);
    assert_eq!(ProofKind::ALL.map(ProofKind::code), [1, 2, 3]);
    assert_eq!(ProofKind::Close.domain(), "fedproof/close/2");
}

#[test]
fn labels_are_those_of_the_protocol() {
    let all: Vec<u8> = label::ABSORBED.iter().chain(label::DRAWN).map(|(_, value)| *value).collect();
    let expected = [0x01].into_iter().chain(0x10..=0x14).chain(0x20..=0x27).chain(0x30..=0x33);
    assert_eq!(all, expected.chain(0x40..=0x4c).chain(0x50..=0x57).collect::<Vec<u8>>());
}

#[test]
fn hash_is_ethereums() {
    let empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    assert_eq!(hex::encode(keccak256(&[])), empty);
    let abc = "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45";
    assert_eq!(hex::encode(keccak256(&[b"a", b"", b"bc"])), abc);
}
