//! Instances that go wrong: programs, faults, and both proofs over a recorded transcript.

use super::record::{Recorder, Rule, Shared};
use super::trapdoor::{pairing_check, Trapdoor};
use super::{setup, tiny_with, Instance};
use ark_bn254::Fr;
use ark_ff::UniformRand;
use fedproof_kzg::Commit;
use fedproof_program::{Direction, Kernel, Layout, Loss, Program};
use fedproof_proof::generic::{prove_registration_with, prove_training_with, verify_registration_with, verify_training_with};
use fedproof_proof::{decode_file, encode_file, ProofError, RegistrationStatement, RegistrationWitness, Silent};
use fedproof_transcript::{G1Affine, KeccakProver, KeccakVerifier, ProofKind};
use fedproof_witness::{execute_with, weight_table, Dataset, Hook, Quantity};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::cell::Cell;

/// The smallest programs: 5 bits, vectors of 128 to 512 cells, one for each column.
pub fn small(loss: Loss, dims: &[usize]) -> Program {
    small_with(loss, dims, |_| {})
}

/// As [`small`], with changes.
pub fn small_with(loss: Loss, dims: &[usize], change: impl FnOnce(&mut Program)) -> Program {
    one_vector(tiny_with(loss, dims, 4, 2, 4, |p| {
        (p.bits, p.limb_bits, p.weight_bits, p.activation_bits, p.delta_bits) = (5, 5, 10, 2, 3);
        (p.bound_bits, p.group, p.kernel) = (12, 4, Kernel::Plain(3));
        p.huber = p.huber.min(6);
        change(p);
    }))
}

/// The shortest vectors that hold a whole column of the trace.
pub fn one_vector(program: Program) -> Program {
    (1..=24)
        .find_map(|vector_bits| {
            let longer = Program { vector_bits, ..program.clone() }.validated().ok()?;
            (Layout::of(&longer).columns.vectors(0) == 1).then_some(longer)
        })
        .expect("legal program")
}

/// [`small`] with a top remainder limb of 2 bits.
pub fn partial(loss: Loss, dims: &[usize]) -> Program {
    small_with(loss, dims, |p| (p.weight_bits, p.bound_bits) = (12, 13))
}

/// The last check, V11.
pub fn confirm(sides: (G1Affine, G1Affine)) -> Result<(), ProofError> {
    if pairing_check(sides.0, sides.1) {
        Ok(())
    } else {
        Err(ProofError::OpeningFailed)
    }
}

impl Instance {
    /// As [`Instance::new`], but faster.
    pub fn quick(program: Program, seed: u64) -> Self {
        Self::over(program, seed, &Trapdoor, setup().digest())
    }

    /// Larger weights, so that values saturate.
    pub fn loud(program: Program, seed: u64) -> Self {
        let mut instance = Self::quick(program, seed);
        let limit = (1i64 << instance.key.program().bound_bits) - 1;
        instance.weights.iter_mut().flatten().for_each(|w| *w = (*w * 4).clamp(-limit, limit));
        instance.recommit();
        instance.execute(&|_, _, _, _| ());
        instance
    }

    /// Runs the program again, with faults.
    pub fn execute(&mut self, hook: &Hook) {
        let key = &self.key;
        self.trace =
            execute_with(key.program(), key.layout(), &self.weights, &self.dataset, &self.schedule, hook).expect("execution");
    }

    /// One fault; everything downstream follows from it.
    pub fn fault(mut self, at: (Quantity, usize, usize), change: impl Fn(&mut [i64])) -> Self {
        let hit = Cell::new(false);
        self.execute(&|quantity, layer, step, cells| {
            if (quantity, layer, step) == at {
                let before = cells.to_vec();
                change(cells);
                hit.set(before != cells);
            }
        });
        assert!(hit.get(), "the fault at {at:?} changes nothing");
        self
    }

    /// Public commitments of whatever weights and dataset are there now.
    pub fn recommit(&mut self) {
        let (key, n) = (&self.key, self.key.layout().n());
        let table = weight_table(key.program(), key.layout(), &self.weights);
        self.statement.weights = table.chunks_exact(n).map(|v| Trapdoor.commit_small(v, n, &[])).collect();
        self.statement.dataset = (0..self.dataset.vectors())
            .map(|v| Trapdoor.commit_small(self.dataset.vector(v), n, &self.dataset_blinds[v..=v]))
            .collect();
    }

    /// Another dataset table, committed and trained on.
    pub fn with_cells(mut self, change: impl Fn(&mut Vec<i64>)) -> Self {
        let mut cells = self.dataset.cells().to_vec();
        change(&mut cells);
        self.dataset = Dataset::from_cells(self.key.layout(), cells);
        self.recommit();
        self.execute(&|_, _, _, _| ());
        self
    }

    /// Dataset cell of a record's slot.
    pub fn cell(&self, block: usize, record: usize, slot: usize) -> usize {
        let layout = self.key.layout();
        (((block << layout.bb) + record) << layout.record.bits) + slot
    }

    /// Trace row of (step, record, unit).
    pub fn row(&self, layer: usize, direction: Direction, step: usize, record: usize, unit: usize) -> usize {
        let layout = self.key.layout();
        let region = layout.region(layer, direction).expect("region");
        region.offset + (((step << layout.bb) + record) << layout.unit_bits[layer]) + unit
    }

    /// Rows of real units in real steps.
    pub fn real_rows(&self, layer: usize, direction: Direction) -> Vec<usize> {
        let p = self.key.program();
        let cells = (0..p.steps).flat_map(|t| (0..p.batch).flat_map(move |b| (0..p.dims[layer]).map(move |j| (t, b, j))));
        cells.map(|(t, b, j)| self.row(layer, direction, t, b, j)).collect()
    }

    /// Proves over a recorded transcript.
    pub fn prove_recorded(&mut self, log: &Shared, rule: Rule) -> Vec<u8> {
        let mut rng = ChaCha20Rng::from_rng(&mut self.rng).expect("rng");
        let mut transcript = Recorder::new(KeccakProver::new(ProofKind::Training), log, rule);
        prove_training_with(&self.key, &Trapdoor, &self.statement, self.witness(), &mut rng, &mut transcript, &mut Silent)
            .expect("not cancelled");
        encode_file(ProofKind::Training, &transcript.inner.into_proof())
    }

    /// Verifies over a recorded transcript.
    pub fn verify_recorded(&self, file: &[u8], log: &Shared, rule: Rule) -> Result<(), ProofError> {
        let body = decode_file(ProofKind::Training, self.key.training_bytes(), file)?;
        let transcript = Recorder::new(KeccakVerifier::new(ProofKind::Training, body), log, rule);
        let (_, left, right) = verify_training_with(&self.key, &self.statement, transcript)?;
        confirm((left, right))
    }

    pub fn registration_witness(&self) -> RegistrationWitness<'_> {
        RegistrationWitness { dataset: &self.dataset, blinds: &self.dataset_blinds }
    }

    pub fn verify_registered(&self, statement: &RegistrationStatement, file: &[u8]) -> Result<(), ProofError> {
        fedproof_proof::verify_registration(&self.key, setup(), statement, file)
    }

    /// Registers over a recorded transcript.
    pub fn register_recorded(&mut self, statement: &RegistrationStatement, log: &Shared, rule: Rule) -> Vec<u8> {
        let mut rng = ChaCha20Rng::from_rng(&mut self.rng).expect("rng");
        let mut transcript = Recorder::new(KeccakProver::new(ProofKind::Registration), log, rule);
        prove_registration_with(
            &self.key,
            &Trapdoor,
            statement,
            self.registration_witness(),
            &mut rng,
            &mut transcript,
            &mut Silent,
        )
        .expect("not cancelled");
        encode_file(ProofKind::Registration, &transcript.inner.into_proof())
    }

    /// Verifies a registration over a recorded transcript.
    pub fn verify_registered_recorded(
        &self,
        statement: &RegistrationStatement,
        file: &[u8],
        log: &Shared,
        rule: Rule,
    ) -> Result<(), ProofError> {
        let body = decode_file(ProofKind::Registration, self.key.registration_bytes(), file)?;
        let transcript = Recorder::new(KeccakVerifier::new(ProofKind::Registration, body), log, rule);
        confirm(verify_registration_with(&self.key, statement, transcript)?)
    }

    /// A random scalar.
    pub fn scalar(&mut self) -> Fr {
        Fr::rand(&mut self.rng)
    }
}
