//! Prover of a training proof.

use super::circuit::{integer, TrainingCircuit};
use super::contraction::{deltas, inputs, scheduled_columns, Matrix};
use super::kernel::{last_taps_row, taps_row};
use super::relations::{s1b_coefficients, training_relations, weight_point, Inputs};
use super::{draw_first, draw_points, FirstChallenges, PointChallenges, Revealed, S1A, S1B, S2};
use crate::opening::{prove_relations, Cells, DegreeCheck, Vector, Vectors};
use crate::part::Part;
use crate::progress::{Cancelled, Progress};
use crate::relation::Table;
use crate::{encode_file, Key, TrainingStatement};
use ark_bn254::Fr;
use ark_ff::{One, UniformRand, Zero};
use fedproof_kzg::{Commit, Setup};
use fedproof_lookup::{helper_columns, to_field, Challenges, RowSum};
use fedproof_program::{Columns, Kernel, Stage, TermKind, Weights};
use fedproof_sumcheck::{eq_table, evaluate, small_dot, Masking, Outcome, ProductSum, ProductTerm};
use fedproof_transcript::{label, G1Affine, KeccakProver, ProofKind, ProverTranscript};
use fedproof_witness::{weight_table, Dataset, Trace};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;

/// Everything private that a training proof is made from. The prover does not check it: a false witness gives a proof that is rejected.
#[derive(Clone, Copy)]
pub struct TrainingWitness<'a> {
    /// W_0.
    pub weights: &'a Weights,
    /// The committed dataset.
    pub dataset: &'a Dataset,
    /// Its blinds, one per vector.
    pub dataset_blinds: &'a [Fr],
    /// The execution.
    pub trace: &'a Trace,
}

/// Commitment of the update and the secret blinds that open it.
#[derive(Debug, Clone)]
pub struct UpdateSecret {
    /// [W_out].
    pub commitment: Vec<G1Affine>,
    /// Blinds by vector: 2p + 1 for the first, one for every other.
    pub blinds: Vec<Vec<Fr>>,
}

/// Proves and wraps the proof file.
pub fn prove_training<R: RngCore + CryptoRng>(
    key: &Key,
    setup: &Setup,
    statement: &TrainingStatement,
    witness: TrainingWitness<'_>,
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<(Vec<u8>, UpdateSecret), Cancelled> {
    let mut transcript = KeccakProver::new(ProofKind::Training);
    let secret = prove_training_with(key, setup, statement, witness, rng, &mut transcript, progress)?;
    Ok((encode_file(ProofKind::Training, &transcript.into_proof()), secret))
}

struct Prover<'a> {
    key: &'a Key,
    witness: TrainingWitness<'a>,
    statement: &'a TrainingStatement,
    start: Vec<i64>,
    update: Vec<i64>,
    masks: Vec<Fr>,
}

/// Proves over any transcript and commitment scheme.
pub fn prove_training_with<S: Commit, T: ProverTranscript, R: RngCore + CryptoRng>(
    key: &Key,
    setup: &S,
    statement: &TrainingStatement,
    witness: TrainingWitness<'_>,
    rng: &mut R,
    transcript: &mut T,
    progress: &mut dyn Progress,
) -> Result<UpdateSecret, Cancelled> {
    let (program, layout) = (key.program(), key.layout());
    let n = layout.n();
    progress.phase("commit", 0.0)?;
    transcript.absorb(label::STATEMENT, 0, &statement.encode(key));
    let masks: Vec<Fr> = (0..layout.masks.len()).map(|_| Fr::rand(rng)).collect();
    // By column and vector: one, and two more for the first vector of q.
    let mut blinds: Vec<Vec<Vec<Fr>>> = (0..layout.columns.count())
        .map(|k| {
            let blinds = |v| if (k, v) == (Columns::Q, 0) { 3 } else { 1 };
            (0..layout.columns.vectors(k)).map(|v| (0..blinds(v)).map(|_| Fr::rand(rng)).collect()).collect()
        })
        .collect();
    let helper_blinds = blinds.split_off(layout.columns.committed_first());
    let mut p = Prover {
        key,
        witness,
        statement,
        start: weight_table(program, layout, witness.weights),
        update: weight_table(program, layout, &witness.trace.update),
        masks,
    };
    key.lies().update(&mut p.update);
    let p = p;
    let mut update_blinds: Vec<Vec<Fr>> =
        layout.masks.update_blinds().iter().map(|&(first, count)| p.masks[first..first + count].to_vec()).collect();
    key.lies().blinds(&mut update_blinds);
    let columns: Vec<G1Affine> = blinds
        .par_iter()
        .enumerate()
        .flat_map(|(k, blinds)| column_vectors(p.column(k), n, blinds))
        .map(|vector| vector.cells.commit(setup, n, vector.blinds))
        .collect();
    let commitment: Vec<G1Affine> =
        p.update.chunks_exact(n).zip(&update_blinds).map(|(v, b)| setup.commit_small(v, n, b)).collect();
    transcript.send_points(label::TRACE, 0, &columns);
    transcript.send_points(label::UPDATE, 0, &commitment);
    transcript.send_points(label::MASK, 0, &[setup.commit(&p.masks)]);
    let first = draw_first(|l, i| transcript.challenge(l, i));

    progress.phase("lookups", 0.15)?;
    let circuit = TrainingCircuit::new(key);
    // chi is not drawn yet; helpers do not depend on it.
    let lookup = Challenges::new(first.alpha, first.gamma, Fr::zero(), 0);
    let mut publics = circuit.publics_dense(&vec![Fr::zero(); layout.c], first.gamma);
    let rows = 1usize << layout.c;
    let padded = |mut column: Vec<Fr>| {
        column.resize(rows, Fr::zero());
        column
    };
    let mut fields: Vec<Vec<Fr>> = (0..blinds.len()).map(|k| padded(p.column(k).to_field())).collect();
    key.lies().rows(&mut fields);
    let mut helpers = helper_columns(&circuit, &fields, &publics, &lookup);
    key.lies().helpers(&mut helpers);
    for (helper, blinds) in helpers.iter_mut().zip(&helper_blinds) {
        helper.truncate(blinds.len() * n);
    }
    let committed: Vec<G1Affine> = helpers
        .iter()
        .zip(&helper_blinds)
        .flat_map(|(helper, blinds)| column_vectors(Cells::Field(helper), n, blinds))
        .map(|vector| vector.cells.commit(setup, n, vector.blinds))
        .collect();
    transcript.send_points(label::HELPERS, 0, &committed);
    let mut degree = p.degree_check(&first, &update_blinds);
    key.lies().values(label::DEGREE, std::slice::from_mut(&mut degree.value));
    transcript.send_scalars(label::DEGREE, 0, &[degree.value]);
    let points = draw_points(key, |l, i| transcript.challenge(l, i));

    progress.phase("contractions", 0.3)?;
    let matrices = p.matrices();
    let mut revealed = Revealed { degree: degree.value, ..Revealed::default() };
    let s1a = p.contractions(transcript, &points, &matrices, &mut revealed);
    let kappa = transcript.challenge(label::KAPPA, 0);
    progress.phase("virtual weights", 0.4)?;
    let s1b = p.virtual_weights(transcript, &points, kappa, &s1a, &matrices, &mut revealed);

    progress.phase("trace constraints", 0.45)?;
    let challenges = Challenges::new(first.alpha, first.gamma, points.chi, circuit.total_constraints());
    let challenges = key.weakened(challenges, layout.columns.helpers);
    publics[0] = eq_table(&points.tau, Fr::one());
    fields.extend(helpers.iter().cloned().map(padded));
    fields.extend(scheduled_columns(key, witness.dataset, &statement.schedule));
    let value_masks: Vec<Fr> = (0..fields.len()).map(|k| p.masks[layout.masks.value(Stage::S2, k)]).collect();
    let mut rows = RowSum::new(&circuit, &challenges, fields, publics, value_masks);
    let s2 = {
        let masking = Masking { coefficients: p.coefficients(Stage::S2), sum: Some(Fr::zero()) };
        fedproof_sumcheck::prove(transcript, S2, layout.masks.degrees(Stage::S2), masking, Fr::zero(), &mut rows)
    };
    revealed.s2 = rows.values();
    drop(rows);
    transcript.send_scalars(label::S2_VALUES, 0, &revealed.s2);
    revealed.tables = table_values(key, first.gamma, &s2.point);
    if !revealed.tables.is_empty() {
        transcript.send_scalars(label::TABLE_VALUE, 0, &revealed.tables);
    }
    let xi = transcript.challenge(label::XI, 0);

    progress.phase("opening", 0.7)?;
    let revealed = &revealed;
    let relations = training_relations(&Inputs {
        key,
        statement,
        first: &first,
        points: &points,
        kappa,
        xi,
        s1a: &s1a,
        s1b: &s1b,
        s2: &s2,
        revealed,
    });
    let vectors = |table: Table| -> Vectors<'_> {
        let committed_first = layout.columns.committed_first();
        match table {
            Table::Column(k) => {
                let list = match k.checked_sub(committed_first) {
                    None => column_vectors(p.column(k), n, &blinds[k]),
                    Some(g) => column_vectors(Cells::Field(&helpers[g]), n, &helper_blinds[g]),
                };
                Vectors { list, bits: layout.row_vector_bits() }
            }
            Table::Data => {
                let vector =
                    |v| Vector { cells: Cells::Small(witness.dataset.vector(v)), blinds: &witness.dataset_blinds[v..=v] };
                Vectors { list: (0..witness.dataset.vectors()).map(vector).collect(), bits: layout.data_vector_bits() }
            }
            Table::Start => {
                let list = p.start.chunks_exact(n).map(|v| Vector { cells: Cells::Small(v), blinds: &[] }).collect();
                Vectors { list, bits: layout.weight_vector_bits() }
            }
            Table::Update => {
                Vectors { list: column_vectors(Cells::Small(&p.update), n, &update_blinds), bits: layout.weight_vector_bits() }
            }
            Table::Key(k) => Vectors { list: vec![Vector { cells: Cells::Small(&key.tables()[k]), blinds: &[] }], bits: 0 },
        }
    };
    let degree = Some(&degree).filter(|_| key.keeps(Part::DegreeOpening));
    prove_relations(setup, transcript, &layout.masks, &relations, vectors, &p.masks, degree);
    progress.phase("done", 1.0)?;
    Ok(UpdateSecret { commitment, blinds: update_blinds })
}

/// A column cut into its vectors, each with its blinds.
fn column_vectors<'a>(cells: Cells<'a>, n: usize, blinds: &'a [Vec<Fr>]) -> Vec<Vector<'a>> {
    let part = |v: usize| match cells {
        Cells::Small(cells) => Cells::Small(&cells[v * n..(v + 1) * n]),
        Cells::Field(cells) => Cells::Field(&cells[v * n..(v + 1) * n]),
    };
    blinds.iter().enumerate().map(|(v, blinds)| Vector { cells: part(v), blinds }).collect()
}

/// vtab of every lane with committed tables, at the point of S2.
fn table_values(key: &Key, gamma: Fr, point: &[Fr]) -> Vec<Fr> {
    let layout = key.layout();
    let low = point.get(layout.row_vector_bits()..).unwrap_or(&[]);
    let values: Vec<Fr> = key.tables().iter().map(|table| evaluate(&to_field(table), low)).collect();
    let value = |lane: usize| {
        let tables = layout.key_tables.iter().zip(&values).filter(|(table, _)| table.lane == lane);
        tables.map(|(table, &value)| gamma * gamma * value * if table.derivatives { gamma } else { Fr::one() }).sum()
    };
    layout.table_lanes().into_iter().map(value).collect()
}

/// Inputs and deltas of every layer: index i-1 holds A'_{i-1} and delta_i.
struct Matrices {
    inputs: Vec<Matrix>,
    deltas: Vec<Matrix>,
}

impl Prover<'_> {
    fn coefficients(&self, stage: Stage) -> &[Fr] {
        let masks = &self.key.layout().masks;
        let first = masks.coefficients(stage);
        &self.masks[first..first + masks.degrees(stage).iter().sum::<usize>()]
    }

    fn value_mask(&self, stage: Stage, k: usize) -> Fr {
        self.masks[self.key.layout().masks.value(stage, k)]
    }

    /// Committed cells of a trace column.
    fn column(&self, k: usize) -> Cells<'_> {
        self.key.lies().column(k).map_or(Cells::Small(&self.witness.trace.columns[k]), Cells::Field)
    }

    /// `sum_v omega^v W_out,v` and its value at zeta.
    fn degree_check(&self, first: &FirstChallenges, blinds: &[Vec<Fr>]) -> DegreeCheck {
        let n = self.key.layout().n();
        DegreeCheck::new(column_vectors(Cells::Small(&self.update), n, blinds), n, first.omega, first.zeta)
    }

    fn matrices(&self) -> Matrices {
        let layers = self.key.program().layers();
        let w = self.witness;
        Matrices {
            inputs: (0..layers).map(|i| inputs(self.key, w.dataset, w.trace, &self.statement.schedule, i)).collect(),
            deltas: (1..=layers).map(|i| deltas(self.key, w.trace, i)).collect(),
        }
    }

    /// Layer's part of W_0's table.
    fn start_layer(&self, layer: usize) -> &[i64] {
        let region = self.key.layout().weights[layer - 1];
        &self.start[region.offset..region.offset + (1 << region.bits)]
    }

    /// `W_t(., pout)` or `W_t(pin, .)` for all t, from the virtual identity.
    fn weight_rows(&self, layer: usize, matrices: &Matrices, e: &[Fr], over_outputs: bool) -> Vec<Fr> {
        let (program, layout) = (self.key.program(), self.key.layout());
        let outputs = 1usize << layout.unit_bits[layer];
        let (a, d) = (&matrices.inputs[layer - 1], &matrices.deltas[layer - 1]);
        let start = self.start_layer(layer);
        let (mut current, gradients): (Vec<Fr>, Vec<Vec<Fr>>) = if over_outputs {
            let rows = start.par_chunks_exact(outputs).map(|row| small_dot(row, e)).collect();
            (rows, a.contract_records(program.batch, &d.contract_inner(e)))
        } else {
            let table = Matrix { width: outputs, cells: start.to_vec() };
            let columns = table.contract_records(e.len(), e).pop().unwrap_or_default();
            (columns, d.contract_records(program.batch, &a.contract_inner(e)))
        };
        let mut out = Vec::with_capacity(gradients.len() * current.len());
        if let Kernel::Plain(rate) = program.kernel {
            let rate = Fr::from(rate);
            for gradient in gradients {
                out.extend_from_slice(&current);
                current.iter_mut().zip(gradient).for_each(|(w, g)| *w -= rate * g);
            }
            return out;
        }
        for t in 0..gradients.len() {
            let decay = integer(program.kernel.decay(t));
            let mut weights: Vec<Fr> = current.iter().map(|&w| decay * w).collect();
            for (u, gradient) in gradients.iter().enumerate().take(t) {
                let tap = integer(program.kernel.tap(t - u));
                weights.iter_mut().zip(gradient).for_each(|(w, g)| *w -= tap * g);
            }
            out.extend(weights);
        }
        out
    }

    fn contractions<T: ProverTranscript>(
        &self,
        transcript: &mut T,
        points: &PointChallenges,
        matrices: &Matrices,
        revealed: &mut Revealed,
    ) -> Outcome {
        let (program, layout) = (self.key.program(), self.key.layout());
        let steps = eq_table(&points.rho_t, Fr::one());
        let records = eq_table(&points.rho_b, Fr::one());
        let weights: Vec<Fr> = steps.iter().flat_map(|_| records.iter().copied()).collect();
        let mut eta = Fr::one();
        let mut terms = Vec::new();
        for (k, &term) in layout.terms_a.iter().enumerate() {
            // The inner variables of `weight_point` are not bound yet: only the other half of the pair is read here.
            let forward = term.kind == TermKind::Forward;
            let matrix = if forward { &matrices.inputs[term.layer - 1] } else { &matrices.deltas[term.layer - 1] };
            let x: Vec<Fr> = matrix.contract_records(program.batch, &weights).concat();
            let w = if forward {
                self.weight_rows(term.layer, matrices, &eq_table(&points.rho_j[term.layer], Fr::one()), true)
            } else {
                let (pin, _) = weight_point(layout, points, &[], term);
                self.weight_rows(term.layer, matrices, &eq_table(&pin, Fr::one()), false)
            };
            let width = matrix.width;
            let e: Vec<Fr> = steps.iter().flat_map(|&s| std::iter::repeat_n(s, width)).collect();
            let masks = vec![Fr::zero(), self.value_mask(Stage::S1a, 2 * k), self.value_mask(Stage::S1a, 2 * k + 1)];
            terms.push(ProductTerm { coefficient: eta, factors: vec![e, x, w], masks });
            eta *= points.eta;
        }
        let degrees = layout.masks.degrees(Stage::S1a);
        let mut sum = ProductSum::new(degrees.len(), terms);
        let masking = Masking { coefficients: self.coefficients(Stage::S1a), sum: None };
        let outcome = fedproof_sumcheck::prove(transcript, S1A, degrees, masking, Fr::zero(), &mut sum);
        revealed.s1a = sum.values().iter().flat_map(|v| [v[1], v[2]]).collect();
        self.key.lies().values(label::S1A_VALUES, &mut revealed.s1a);
        transcript.send_scalars(label::S1A_VALUES, 0, &revealed.s1a);
        outcome
    }

    fn virtual_weights<T: ProverTranscript>(
        &self,
        transcript: &mut T,
        points: &PointChallenges,
        kappa: Fr,
        s1a: &Outcome,
        matrices: &Matrices,
        revealed: &mut Revealed,
    ) -> Outcome {
        let layout = self.key.layout();
        let earlier = taps_row(self.key, s1a.point.get(..layout.tb).unwrap_or(&[]));
        let end = last_taps_row(self.key, 1 << layout.tb);
        let mut terms = Vec::new();
        let coefficients = s1b_coefficients(layout, points, kappa);
        for (k, (&term, &coefficient)) in layout.terms_b.iter().zip(&coefficients).enumerate() {
            let (pin, pout) = weight_point(layout, points, &s1a.point, term);
            let a = matrices.inputs[term.layer - 1].contract_inner(&eq_table(&pin, Fr::one()));
            let d = matrices.deltas[term.layer - 1].contract_inner(&eq_table(&pout, Fr::one()));
            let kernel = if term.kind == TermKind::Output { &end } else { &earlier };
            let factor: Vec<Fr> = (0..a.len()).map(|row| kernel[row >> layout.bb]).collect();
            let masks = vec![Fr::zero(), self.value_mask(Stage::S1b, 2 * k), self.value_mask(Stage::S1b, 2 * k + 1)];
            terms.push(ProductTerm { coefficient, factors: vec![factor, a, d], masks });
        }
        let degrees = layout.masks.degrees(Stage::S1b);
        let mut sum = ProductSum::new(degrees.len(), terms);
        let masking = Masking { coefficients: self.coefficients(Stage::S1b), sum: None };
        let outcome = fedproof_sumcheck::prove(transcript, S1B, degrees, masking, Fr::zero(), &mut sum);
        revealed.s1b = sum.values().iter().flat_map(|v| [v[1], v[2]]).collect();
        self.key.lies().values(label::S1B_VALUES, &mut revealed.s1b);
        transcript.send_scalars(label::S1B_VALUES, 0, &revealed.s1b);
        outcome
    }
}
