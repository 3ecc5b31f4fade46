//! Prover of a registration proof.

use super::circuit::RegistrationCircuit;
use super::draw_rows;
use super::relations::{registration_relations, Inputs};
use crate::opening::{prove_relations, Cells, Vector, Vectors};
use crate::progress::{Cancelled, Progress};
use crate::relation::Table;
use crate::training::S2;
use crate::{encode_file, Key, RegistrationStatement};
use ark_bn254::Fr;
use ark_ff::{One, UniformRand, Zero};
use fedproof_kzg::{Commit, Setup};
use fedproof_lookup::{helper_columns, to_field, Challenges, RowSum};
use fedproof_program::Stage;
use fedproof_sumcheck::{eq_table, Masking};
use fedproof_transcript::{label, G1Affine, KeccakProver, ProofKind, ProverTranscript};
use fedproof_witness::Dataset;
use rand::{CryptoRng, RngCore};

/// The dataset and its blinds, one per vector.
#[derive(Clone, Copy)]
pub struct RegistrationWitness<'a> {
    /// The committed dataset.
    pub dataset: &'a Dataset,
    /// Its blinds.
    pub blinds: &'a [Fr],
}

/// Proves and wraps the proof file.
pub fn prove_registration<R: RngCore + CryptoRng>(
    key: &Key,
    setup: &Setup,
    statement: &RegistrationStatement,
    witness: RegistrationWitness<'_>,
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, Cancelled> {
    let mut transcript = KeccakProver::new(ProofKind::Registration);
    prove_registration_with(key, setup, statement, witness, rng, &mut transcript, progress)?;
    Ok(encode_file(ProofKind::Registration, &transcript.into_proof()))
}

/// How often each value of the range table is looked up; values outside are skipped (a cheating prover).
fn multiplicities(key: &Key, dataset: &Dataset, looked_up: &[Fr]) -> Vec<i64> {
    let half = 1i64 << (key.program().bits - 1);
    let mut out = vec![0i64; key.layout().n()];
    for v in 0..dataset.vectors() {
        for (&cell, _) in dataset.vector(v).iter().zip(looked_up).filter(|(_, s)| !s.is_zero()) {
            if let Some(slot) = usize::try_from(cell + half).ok().filter(|&i| i < 2 * half as usize).and_then(|i| out.get_mut(i))
            {
                *slot += 1;
            }
        }
    }
    out
}

/// Proves over any transcript and commitment scheme.
pub fn prove_registration_with<S: Commit, T: ProverTranscript, R: RngCore + CryptoRng>(
    key: &Key,
    setup: &S,
    statement: &RegistrationStatement,
    witness: RegistrationWitness<'_>,
    rng: &mut R,
    transcript: &mut T,
    progress: &mut dyn Progress,
) -> Result<(), Cancelled> {
    let (layout, registration) = (key.layout(), key.registration());
    let n = layout.n();
    progress.phase("commit", 0.0)?;
    transcript.absorb(label::STATEMENT, 0, &statement.encode(key));
    let masks: Vec<Fr> = (0..registration.masks.len()).map(|_| Fr::rand(rng)).collect();
    let count_blinds: Vec<Fr> = (0..3).map(|_| Fr::rand(rng)).collect();
    let helper_blinds: Vec<[Fr; 1]> = registration.helpers.iter().map(|_| [Fr::rand(rng)]).collect();
    let circuit = RegistrationCircuit::new(key);
    let looked_up = circuit.publics_dense(&vec![Fr::zero(); layout.vector_bits], Fr::zero()).swap_remove(1);
    let mut counts = multiplicities(key, witness.dataset, &looked_up);
    key.lies().counts(&mut counts);
    transcript.send_points(label::TRACE, 0, &[setup.commit_small(&counts, n, &count_blinds)]);
    transcript.send_points(label::MASK, 0, &[setup.commit(&masks)]);
    let (alpha, gamma) = (transcript.challenge(label::ALPHA, 0), transcript.challenge(label::GAMMA, 0));

    progress.phase("lookups", 0.2)?;
    let mut publics = circuit.publics_dense(&vec![Fr::zero(); layout.vector_bits], gamma);
    let mut fields: Vec<Vec<Fr>> = (0..witness.dataset.vectors()).map(|v| to_field(witness.dataset.vector(v))).collect();
    fields.push(to_field(&counts));
    key.lies().rows(&mut fields);
    let mut helpers = helper_columns(&circuit, &fields, &publics, &Challenges::new(alpha, gamma, Fr::zero(), 0));
    key.lies().helpers(&mut helpers);
    let committed: Vec<G1Affine> =
        helpers.iter().zip(&helper_blinds).map(|(h, b)| setup.commit(&[h.as_slice(), b].concat())).collect();
    transcript.send_points(label::HELPERS, 0, &committed);
    let rows = draw_rows(key, |l, i| transcript.challenge(l, i));

    progress.phase("trace constraints", 0.4)?;
    let challenges = Challenges::new(alpha, gamma, rows.chi, circuit.total_constraints());
    let challenges = key.weakened(challenges, registration.helpers.len());
    publics[0] = eq_table(&rows.tau, Fr::one());
    fields.extend(helpers.iter().cloned());
    let value_masks = (0..fields.len()).map(|k| masks[registration.masks.value(Stage::S2, k)]).collect();
    let mut sum = RowSum::new(&circuit, &challenges, fields, publics, value_masks);
    let degrees = registration.masks.degrees(Stage::S2);
    let first = registration.masks.coefficients(Stage::S2);
    let masking = Masking { coefficients: &masks[first..first + degrees.iter().sum::<usize>()], sum: Some(Fr::zero()) };
    let s2 = fedproof_sumcheck::prove(transcript, S2, degrees, masking, Fr::zero(), &mut sum);
    let values = sum.values();
    drop(sum);
    transcript.send_scalars(label::S2_VALUES, 0, &values);
    let xi = transcript.challenge(label::XI, 0);

    progress.phase("opening", 0.7)?;
    let relations =
        registration_relations(&Inputs { key, count: statement.count, alpha, gamma, rows: &rows, xi, s2: &s2, values: &values });
    let vectors = |table: Table| -> Vectors<'_> {
        let bits = if table == Table::Data { layout.data_vector_bits() } else { 0 };
        let list = match table {
            Table::Data => (0..witness.dataset.vectors())
                .map(|v| Vector { cells: Cells::Small(witness.dataset.vector(v)), blinds: &witness.blinds[v..=v] })
                .collect(),
            Table::Column(k) if k == registration.multiplicity() => {
                vec![Vector { cells: Cells::Small(&counts), blinds: &count_blinds }]
            }
            Table::Column(k) => {
                let g = k - registration.helper(0);
                vec![Vector { cells: Cells::Field(&helpers[g]), blinds: &helper_blinds[g] }]
            }
            _ => Vec::new(),
        };
        Vectors { list, bits }
    };
    prove_relations(setup, transcript, &registration.masks, &relations, vectors, &masks, None);
    progress.phase("done", 1.0)
}
