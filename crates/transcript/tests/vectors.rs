//! Golden bytes of the transcript: `vectors/transcript.json`, which Python and Solidity read too.

use ark_bn254::{Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Zero;
use fedproof_transcript::{
    keccak256, label, point_to_bytes, scalar_to_bytes, KeccakProver, KeccakVerifier, ProofKind, ProverTranscript,
    VerifierTranscript,
};
use std::path::Path;
use std::{env, fs};

/// One step of a transcript as a line of JSON.
fn step(kind: &str, label: u8, index: u16, hex: &str) -> String {
    format!(r#"{{"do": "{kind}", "label": {label}, "index": {index}, "data": "{hex}"}}"#)
}

/// A transcript with every kind of step, of all labels.
fn transcript(kind: ProofKind) -> String {
    let mut prover = KeccakProver::new(kind);
    let mut steps = vec![];
    let statement: Vec<u8> = (0..=255).cycle().take(300).collect();
    prover.absorb(label::STATEMENT, 0, &statement);
    steps.push(step("absorb", label::STATEMENT, 0, &hex::encode(&statement)));
    prover.absorb(label::STATEMENT, 1, &[]);
    steps.push(step("absorb", label::STATEMENT, 1, ""));

    let points = [G1Affine::generator(), G1Affine::zero(), (G1Affine::generator() * -Fr::from(5u64)).into_affine()];
    let scalars = [Fr::zero(), Fr::from(1u64), -Fr::from(1u64), Fr::from(u64::MAX)];
    for (i, (_, at)) in label::ABSORBED.iter().enumerate() {
        let index = [0, 1, 255, 256, u16::MAX][i % 5];
        if i % 2 == 0 {
            let points = &points[..1 + i % 3];
            prover.send_points(*at, index, points);
            steps.push(step("send", *at, index, &points.iter().map(|p| hex::encode(point_to_bytes(p))).collect::<String>()));
        } else {
            let scalars = &scalars[..1 + i % 4];
            prover.send_scalars(*at, index, scalars);
            steps.push(step("send", *at, index, &scalars.iter().map(|s| hex::encode(scalar_to_bytes(s))).collect::<String>()));
        }
        if let Some((_, at)) = label::DRAWN.get(i) {
            let value = prover.challenge(*at, index);
            steps.push(step("draw", *at, index, &hex::encode(scalar_to_bytes(&value))));
        }
    }
    for (_, at) in &label::DRAWN[label::ABSORBED.len()..] {
        for index in [0, 1, 256] {
            let value = prover.challenge(*at, index);
            steps.push(step("draw", *at, index, &hex::encode(scalar_to_bytes(&value))));
        }
    }
    let proof = hex::encode(prover.into_proof());
    format!(
        "    {{\n      \"domain\": \"{}\",\n      \"kind\": {},\n      \"steps\": [\n        {}\n      ],\n      \"proof\": \"{proof}\"\n    }}",
        kind.domain(),
        kind.code(),
        steps.join(",\n        "),
    )
}

fn vectors() -> String {
    let hashes: Vec<String> = [0usize, 1, 135, 136, 137, 300]
        .into_iter()
        .map(|len| {
            let data: Vec<u8> = (0..=255).cycle().take(len).collect();
            format!(r#"    {{"data": "{}", "keccak256": "{}"}}"#, hex::encode(&data), hex::encode(keccak256(&[&data])))
        })
        .collect();
    let labels =
        |list: &[(&str, u8)]| list.iter().map(|(name, value)| format!(r#""{name}": {value}"#)).collect::<Vec<_>>().join(", ");
    format!(
        "{{\n  \"absorbed\": {{{}}},\n  \"drawn\": {{{}}},\n  \"hashes\": [\n{}\n  ],\n  \"transcripts\": [\n{}\n  ]\n}}\n",
        labels(label::ABSORBED),
        labels(label::DRAWN),
        hashes.join(",\n"),
        ProofKind::ALL.map(transcript).join(",\n"),
    )
}

#[test]
fn golden_bytes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/transcript.json");
    let vectors = vectors();
    if env::var_os("FEDPROOF_UPDATE_VECTORS").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, vectors).unwrap();
    } else {
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            golden == vectors,
            "vectors/transcript.json is missing or differs; if the change is meant, regenerate it: make vectors"
        );
    }
}

#[test]
fn first_states_by_hand() {
    // The definition of section 7, written out once more.
    let state = keccak256(&[b"fedproof/training/2"]);
    let absorbed = [&state[..], &[0x00, 0x13], &[0x01, 0x02], &[0, 0, 0, 3], b"abc"].concat();
    let state = keccak256(&[&absorbed]);
    let drawn = keccak256(&[&[&state[..], &[0x01, 0x46], &[0x03, 0x04]].concat()]);
    let mut expected = [0u8; 32];
    for i in 0..32 {
        expected[i] = drawn[i] >> 3 | if i > 0 { drawn[i - 1] << 5 } else { 0 };
    }
    let mut verifier = KeccakVerifier::new(ProofKind::Training, &[]);
    verifier.absorb(label::HELPERS, 0x0102, b"abc");
    assert_eq!(scalar_to_bytes(&verifier.challenge(label::RHO_J, 0x0304)), expected);
}
