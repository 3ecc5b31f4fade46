//! Prover of a round-close proof.

use super::circuit::CloseCircuit;
use super::relations::{close_relations, Inputs};
use super::rows::{CloseSum, Rows};
use super::{draw_rows, CloseKey};
use crate::opening::{prove_relations, Cells, DegreeCheck, Vector, Vectors};
use crate::part::Part;
use crate::progress::{Cancelled, Progress};
use crate::relation::Table;
use crate::training::{draw_first, S2};
use crate::{encode_file, CloseStatement};
use ark_bn254::Fr;
use ark_ff::{UniformRand, Zero};
use fedproof_kzg::{Commit, Setup};
use fedproof_lookup::Challenges;
use fedproof_program::{CloseLayout, Stage};
use fedproof_sumcheck::Masking;
use fedproof_transcript::{label, G1Affine, KeccakProver, ProofKind, ProverTranscript};
use fedproof_witness::CloseTrace;
use rand::{CryptoRng, RngCore};

/// The opened sum, divided and clipped, and its blinds. The prover does not check it: a false witness gives a proof that is rejected.
#[derive(Clone, Copy)]
pub struct CloseWitness<'a> {
    /// Sum, next model and limbs.
    pub trace: &'a CloseTrace,
    /// Blinds of [S] by vector.
    pub sum_blinds: &'a [Vec<Fr>],
}

/// Proves and wraps the proof file.
pub fn prove_close<R: RngCore + CryptoRng>(
    key: CloseKey<'_>,
    setup: &Setup,
    statement: &CloseStatement,
    witness: CloseWitness<'_>,
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, Cancelled> {
    let mut transcript = KeccakProver::new(ProofKind::Close);
    prove_close_with(key, setup, statement, witness, rng, &mut transcript, progress)?;
    Ok(encode_file(ProofKind::Close, &transcript.into_proof()))
}

/// A column cut into vectors of n cells, each with its blinds.
fn column_vectors<'a>(cells: Cells<'a>, n: usize, blinds: &'a [Vec<Fr>]) -> Vec<Vector<'a>> {
    let part = |v: usize| match cells {
        Cells::Small(cells) => Cells::Small(&cells[v * n..(v + 1) * n]),
        Cells::Field(cells) => Cells::Field(&cells[v * n..(v + 1) * n]),
    };
    blinds.iter().enumerate().map(|(v, blinds)| Vector { cells: part(v), blinds }).collect()
}

/// Proves over any transcript and commitment scheme.
pub fn prove_close_with<S: Commit, T: ProverTranscript, R: RngCore + CryptoRng>(
    key: CloseKey<'_>,
    setup: &S,
    statement: &CloseStatement,
    witness: CloseWitness<'_>,
    rng: &mut R,
    transcript: &mut T,
    progress: &mut dyn Progress,
) -> Result<(), Cancelled> {
    let (shape, n) = (key.shape(), key.layout().n());
    progress.phase("commit", 0.0)?;
    transcript.absorb(label::STATEMENT, 0, &statement.encode(&key));
    let masks: Vec<Fr> = (0..shape.masks.len()).map(|_| Fr::rand(rng)).collect();
    // By column and vector: none of the next model, three of the multiplicities, else one.
    let mut blinds: Vec<Vec<Vec<Fr>>> = vec![witness.sum_blinds.to_vec(), vec![Vec::new(); shape.vectors]];
    blinds.extend((CloseLayout::SIGN..shape.count()).map(|k| {
        let each = if k == shape.multiplicity() { 3 } else { 1 };
        (0..shape.vectors_of(k)).map(|_| (0..each).map(|_| Fr::rand(rng)).collect()).collect()
    }));
    key.lies().blinds(&mut blinds[CloseLayout::NEXT]);
    let committed = |k: usize| key.lies().column(k).map_or(Cells::Small(&witness.trace.columns[k]), Cells::Field);
    let commit = |cells: Cells<'_>, k: usize| -> Vec<G1Affine> {
        column_vectors(cells, n, &blinds[k]).into_iter().map(|vector| vector.cells.commit(setup, n, vector.blinds)).collect()
    };
    let points: Vec<G1Affine> = (CloseLayout::SIGN..shape.helper(0)).flat_map(|k| commit(committed(k), k)).collect();
    transcript.send_points(label::TRACE, 0, &points);
    transcript.send_points(label::MASK, 0, &[setup.commit(&masks)]);
    let first = draw_first(|l, i| transcript.challenge(l, i));
    let (alpha, gamma) = (first.alpha, first.gamma);

    progress.phase("lookups", 0.2)?;
    let circuit = CloseCircuit::new(key, statement.count);
    let computed = |k: usize| key.lies().computed(k).map_or(committed(k), Cells::Field);
    let columns: Vec<Cells<'_>> = (0..shape.helper(0)).map(computed).collect();
    let mut rows = Rows { circuit: &circuit, columns, tau: vec![Fr::zero(); key.row_bits()], gamma };
    let mut helpers = rows.helpers(&Challenges::new(alpha, gamma, Fr::zero(), 0), shape.vectors * n, n);
    for (g, helper) in helpers.iter_mut().enumerate() {
        helper.truncate(shape.vectors_of(shape.helper(g)) * n);
    }
    key.lies().helpers(&mut helpers);
    let points: Vec<G1Affine> =
        helpers.iter().enumerate().flat_map(|(g, cells)| commit(Cells::Field(cells), shape.helper(g))).collect();
    transcript.send_points(label::HELPERS, 0, &points);
    let next = column_vectors(committed(CloseLayout::NEXT), n, &blinds[CloseLayout::NEXT]);
    let mut degree = DegreeCheck::new(next, n, first.omega, first.zeta);
    key.lies().values(label::DEGREE, std::slice::from_mut(&mut degree.value));
    transcript.send_scalars(label::DEGREE, 0, &[degree.value]);
    let drawn = draw_rows(key, |l, i| transcript.challenge(l, i));

    progress.phase("row constraints", 0.5)?;
    let challenges = Challenges::new(alpha, gamma, drawn.chi, circuit.total_constraints());
    let challenges = key.weakened(challenges, shape.helpers.len());
    rows.tau.clone_from(&drawn.tau);
    rows.columns.extend(helpers.iter().map(|cells| Cells::Field(cells)));
    let value_masks = (0..shape.count()).map(|k| masks[shape.masks.value(Stage::S2, k)]).collect();
    let mut sum = CloseSum::new(rows, &challenges, value_masks);
    let degrees = shape.masks.degrees(Stage::S2);
    let begin = shape.masks.coefficients(Stage::S2);
    let masking = Masking { coefficients: &masks[begin..begin + degrees.iter().sum::<usize>()], sum: Some(Fr::zero()) };
    let s2 = fedproof_sumcheck::prove(transcript, S2, degrees, masking, Fr::zero(), &mut sum);
    let values = sum.values();
    drop(sum);
    transcript.send_scalars(label::S2_VALUES, 0, &values);
    let xi = transcript.challenge(label::XI, 0);

    progress.phase("opening", 0.8)?;
    let relations = close_relations(&Inputs {
        key,
        count: statement.count,
        first: &first,
        rows: &drawn,
        xi,
        s2: &s2,
        values: &values,
        degree: degree.value,
    });
    let vectors = |table: Table| -> Vectors<'_> {
        let list = match table {
            Table::Column(k) => {
                let cells = k.checked_sub(shape.helper(0)).map_or_else(|| committed(k), |g| Cells::Field(&helpers[g]));
                column_vectors(cells, n, &blinds[k])
            }
            _ => Vec::new(),
        };
        Vectors { list, bits: shape.vector_bits }
    };
    let degree = Some(&degree).filter(|_| key.keeps(Part::DegreeOpening));
    prove_relations(setup, transcript, &shape.masks, &relations, vectors, &masks, degree);
    progress.phase("done", 1.0)
}
