//! Golden vectors: proofs made by the independent Python reference are decided as they say; proofs made here are written for the
//! reference to check (`make vectors`), and the files must stay as they are.

mod common;

use common::close::{scale, Round};
use common::golden::{describe, folder, golden};
use common::{momentum, setup, tiny, tiny_with, Instance};
use fedproof_kzg::Setup;
use fedproof_program::{Activation, CloseLayout, Layout, Loss, Program, Schedule};
use fedproof_proof::{
    prove_registration, verify_close, verify_registration, verify_training, CloseStatement, Key, RegistrationStatement,
    RegistrationWitness, Silent, TrainingStatement,
};
use fedproof_transcript::{point_from_bytes, point_to_bytes, G1Affine};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{json, Value};

fn bytes(value: &Value, field: &str) -> Vec<u8> {
    hex::decode(value[field].as_str().expect(field)).expect(field)
}

/// Cuts statement bytes into fields.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take(&mut self, n: usize) -> Vec<u8> {
        let (head, tail) = self.0.split_at(n);
        self.0 = tail;
        head.to_vec()
    }

    fn word(&mut self) -> [u8; 32] {
        self.take(32).try_into().expect("32 bytes")
    }

    fn number(&mut self) -> u64 {
        let word = self.word();
        assert!(word[..24].iter().all(|&b| b == 0));
        u64::from_be_bytes(word[24..].try_into().expect("8 bytes"))
    }

    fn points(&mut self, n: usize) -> Vec<G1Affine> {
        (0..n).map(|_| point_from_bytes(&self.take(64).try_into().expect("64 bytes")).expect("point")).collect()
    }
}

fn decide(vector: &Value, setup: &Setup) -> bool {
    let program = Program::decode(&bytes(vector, "program")).expect("program");
    let key = Key::new(program, setup);
    let table: Vec<u8> = key.table_commitments().iter().flat_map(point_to_bytes).collect();
    let expected: String = vector["table"].as_array().expect("table").iter().map(|p| p.as_str().expect("point")).collect();
    assert_eq!(hex::encode(table), expected, "table commitment");
    let statement = bytes(vector, "statement");
    let mut f = Fields(&statement);
    let file = bytes(vector, "proof");
    let layout = key.layout();
    if vector["kind"] == "training" {
        let (chain_id, hub, submitter, task, round) = (f.word(), f.word(), f.word(), f.word(), f.word());
        assert_eq!((f.word(), f.word()), (key.digest(), key.setup_digest()));
        let weights = f.points(layout.weight_vectors);
        let (dataset_id, dataset) = (f.word(), f.points(layout.data_vectors));
        let pi = f.take(layout.nb);
        let (beta, count) = (f.number() as u32, f.number());
        let schedule = Schedule { pi, beta };
        let parsed = TrainingStatement { chain_id, hub, submitter, task, round, weights, dataset_id, dataset, schedule, count };
        assert_eq!(parsed.encode(&key), statement, "statement bytes");
        verify_training(&key, setup, &parsed, &file).is_ok()
    } else if vector["kind"] == "close" {
        let (chain_id, hub, submitter, task, round) = (f.word(), f.word(), f.word(), f.word(), f.word());
        assert_eq!((f.word(), f.word()), (key.digest(), key.setup_digest()));
        let (summed, weights) = (f.points(layout.weight_vectors), f.points(layout.weight_vectors));
        let count = f.number();
        let parsed = CloseStatement { chain_id, hub, submitter, task, round, summed, weights, count };
        assert_eq!(parsed.encode(&key), statement, "statement bytes");
        verify_close(key.close().expect("closable"), setup, &parsed, &file).is_ok()
    } else {
        let (chain_id, hub, submitter, task) = (f.word(), f.word(), f.word(), f.word());
        assert_eq!((f.word(), f.word()), (key.digest(), key.setup_digest()));
        let nonce_commitment = f.word();
        let (dataset, count) = (f.points(layout.data_vectors), f.number());
        let parsed = RegistrationStatement { chain_id, hub, submitter, task, nonce_commitment, dataset, count };
        assert_eq!(parsed.encode(&key), statement, "statement bytes");
        verify_registration(&key, setup, &parsed, &file).is_ok()
    }
}

#[test]
fn reference_proofs_are_decided_alike() {
    let mut seen = (0, 0);
    for entry in std::fs::read_dir(folder()).expect("vectors") {
        let path = entry.expect("entry").path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if !(name.starts_with("reference-") || name.starts_with("core-")) {
            continue;
        }
        let list: Value = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("json");
        for vector in list.as_array().expect("a list") {
            let valid = vector["valid"].as_bool().expect("valid");
            assert_eq!(decide(vector, setup()), valid, "{name}: {}", vector["name"]);
            if valid {
                seen.0 += 1;
            } else {
                seen.1 += 1;
            }
        }
    }
    assert!(seen.0 >= 14 && seen.1 >= 14, "vectors are missing ({seen:?}): run `make vectors`");
}

/// Proofs of the core, from fixed seeds: the prover is deterministic given its randomness.
fn core_vectors(program: Program, name: &str) -> Value {
    let mut instance = Instance::new(program, 77);
    let (file, _) = instance.prove();
    let registration = instance.registration();
    let witness = RegistrationWitness { dataset: &instance.dataset, blinds: &instance.dataset_blinds };
    let mut rng = ChaCha20Rng::seed_from_u64(78);
    let registered =
        prove_registration(&instance.key, setup(), &registration, witness, &mut rng, &mut Silent).expect("not cancelled");
    let mut cheat = Instance::new(instance.key.program().clone(), 77);
    cheat.trace.update[0][0] += 1;
    let (false_file, _) = cheat.prove();
    let vector = |kind: &str, label: &str, statement: Vec<u8>, proof: &[u8], valid: bool| {
        describe(&instance.key, kind, format!("{name}, {label}"), &statement, proof, valid)
    };
    let key = &instance.key;
    json!([
        vector("registration", "registration", registration.encode(key), &registered, true),
        vector("training", "training", instance.statement.encode(key), &file, true),
        vector("training", "update off by one", instance.statement.encode(key), &false_file, false),
    ])
}

/// Closes from fixed seeds: a good one, and one whose next model is too large by one.
fn close_vectors(program: Program, name: &str, count: u64) -> Value {
    // The development setup with as many powers as the program needs: the same tau, so the same digest.
    let long = Setup::development(Layout::of(&program).setup_powers());
    let mut round = Round::over(program, 79, count, &long, setup().digest());
    let file = round.prove_under(&long);
    let mut cheat = round.clone();
    let (m, _) = scale(cheat.key.program(), count);
    let cell = (0..cheat.key.layout().n()).find(|&cell| cheat.trace.columns[CloseLayout::NEXT][cell] == 0).expect("a small mean");
    cheat.trace.columns[CloseLayout::NEXT][cell] = 1;
    let remainder = cheat.shape().remainder(0);
    cheat.trace.columns[remainder][cell] -= m;
    cheat.recommit_over(&long);
    let false_file = cheat.prove_under(&long);
    let key = &round.key;
    json!([
        describe(key, "close", format!("{name}, close"), &round.statement.encode(key), &file, true),
        describe(key, "close", format!("{name}, mean off by one"), &cheat.statement.encode(key), &false_file, false),
    ])
}

fn programs() -> [(&'static str, Program); 7] {
    let softmax = tiny_with(Loss::Softmax, &[4, 9, 3], 4, 4, 4, |p| {
        (p.activations, p.loss_weights) = (vec![Activation::Tanh], vec![300, 256, 100]);
        (p.kernel, p.vector_bits) = (momentum(4, 6), 9);
    });
    assert!(Layout::of(&softmax).columns.vectors(0) > 1, "several vectors per column");
    let huber = tiny_with(Loss::Huber, &[3, 4, 2], 3, 2, 2, |p| p.kernel = momentum(3, 0));
    let labels = tiny_with(Loss::Sigmoid, &[4, 3, 3], 2, 2, 4, |p| {
        (p.one_hot, p.activations) = (false, vec![Activation::Gelu]);
        p.loss_weights = vec![256, 512, 0, 300, 1000, 1];
    });
    [
        ("core-logistic", tiny(Loss::Sigmoid, &[4, 1], 3, 2, 4)),
        ("core-softmax-linear", tiny(Loss::Softmax, &[4, 3], 2, 2, 4)),
        ("core-relu", tiny(Loss::Sigmoid, &[4, 5, 2], 2, 2, 4)),
        ("core-squared", tiny(Loss::Squared, &[3, 2, 1], 2, 2, 2)),
        ("core-softmax", softmax),
        ("core-huber", huber),
        ("core-labels", labels),
    ]
}

/// Programs of closes: one layer, three weight vectors, a kernel with fractional bits, a vector longer than the range of its limbs, the
/// shape of the gas measurements.
fn close_programs() -> [(&'static str, Program, u64); 5] {
    let measured: Value = serde_json::from_slice(&std::fs::read(folder().join("gas-30-16-2.json")).expect("read")).expect("json");
    let measured = Program::decode(&bytes(&measured[0], "program")).expect("program");
    let several = tiny(Loss::Sigmoid, &[30, 20, 8], 2, 2, 2);
    assert_eq!(Layout::of(&several).weight_vectors % 2, 1, "missing vectors");
    [
        ("core-close-logistic", tiny(Loss::Sigmoid, &[4, 1], 3, 2, 4), 3),
        ("core-close-several", several, 65_535),
        ("core-close-long", tiny_with(Loss::Squared, &[3, 2, 1], 2, 2, 2, |p| p.vector_bits = 17), 11),
        ("core-close-30-16-2", measured, 20),
        ("core-close-momentum", tiny_with(Loss::Huber, &[3, 4, 2], 3, 2, 2, |p| p.kernel = momentum(3, 6)), 6),
    ]
}

#[test]
fn core_proofs_are_golden() {
    let closes = close_programs().map(|(name, program, count)| (name, close_vectors(program, name, count)));
    for (name, made) in programs().map(|(name, program)| (name, core_vectors(program, name))).into_iter().chain(closes) {
        golden(name, &made);
    }
}
