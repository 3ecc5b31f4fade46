//! Golden vectors: how they stand in files.

use super::setup;
use ark_ff::{BigInteger, PrimeField};
use fedproof_proof::Key;
use fedproof_transcript::point_to_bytes;
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

/// A vector as it stands in a file.
pub fn describe(key: &Key, kind: &str, name: String, statement: &[u8], proof: &[u8], valid: bool) -> Value {
    let table: Vec<String> = key.table_commitments().iter().map(|p| hex::encode(point_to_bytes(p))).collect();
    json!({
        "kind": kind,
        "name": name,
        "program": hex::encode(key.program().encode()),
        "setup": { "tau_g1": hex::encode(point_to_bytes(&setup().g1()[1])), "tau_g2": hex::encode(tau_h()) },
        "table": table,
        "statement": hex::encode(statement),
        "proof": hex::encode(proof),
        "valid": valid,
    })
}

/// tau H as in the setup digest.
fn tau_h() -> Vec<u8> {
    let h = setup().tau_h();
    [h.x.c1, h.x.c0, h.y.c1, h.y.c0].iter().flat_map(|c| c.into_bigint().to_bytes_be()).collect()
}

/// The file is as it was, or is written anew when vectors are.
pub fn golden(name: &str, vectors: &Value) {
    let made = format!("{}\n", serde_json::to_string_pretty(vectors).expect("json"));
    let path = folder().join(format!("{name}.json"));
    if std::env::var_os("FEDPROOF_UPDATE_VECTORS").is_some() {
        std::fs::write(&path, made).expect("write");
    } else {
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "{name}.json differs: if the format changed on purpose, run `make vectors` and review the diff");
    }
}
