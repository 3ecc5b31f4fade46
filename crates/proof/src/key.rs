//! The key: a program, its layout and the commitment of its table.

use crate::part::{Honest, Lies, Part};
use fedproof_kzg::{Commit, Setup};
use fedproof_program::{keccak256, sigmoid_table, Layout, Loss, Program, RegistrationLayout};
use fedproof_transcript::{point_to_bytes, G1Affine};

/// Everything about a program that prover and verifier need. Made by anybody from the program and a setup; bound by its digest.
#[derive(Debug, Clone)]
pub struct Key {
    program: Program,
    layout: Layout,
    registration: RegistrationLayout,
    table: Option<Vec<i64>>,
    table_commitment: Vec<G1Affine>,
    digest: [u8; 32],
    setup_digest: [u8; 32],
    #[cfg(feature = "test-mutants")]
    removed: Option<Part>,
    #[cfg(feature = "test-mutants")]
    lies: Option<std::sync::Arc<dyn Lies>>,
}

impl Key {
    /// The key of `program` under `setup`.
    pub fn new(program: Program, setup: &Setup) -> Self {
        Self::with(program, setup, setup.digest())
    }

    /// The key under any commitment scheme.
    pub fn with<S: Commit>(program: Program, setup: &S, setup_digest: [u8; 32]) -> Self {
        let layout = Layout::of(&program);
        let registration = RegistrationLayout::of(&program, &layout);
        // The sigmoid segment is the first: it starts lane 0.
        let table =
            (program.loss == Loss::Sigmoid).then(|| sigmoid_table(program.bits, program.activation_bits, program.delta_bits));
        let table_commitment: Vec<G1Affine> = table.iter().map(|t| setup.commit_small(t, t.len(), &[])).collect();
        let points: Vec<u8> = table_commitment.iter().flat_map(point_to_bytes).collect();
        let digest = keccak256(&[b"fedproof/key/1", &program.digest(), &[table_commitment.len() as u8], &points]);
        Self {
            program,
            layout,
            registration,
            table,
            table_commitment,
            digest,
            setup_digest,
            #[cfg(feature = "test-mutants")]
            removed: None,
            #[cfg(feature = "test-mutants")]
            lies: None,
        }
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Its layout.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Layout of registration proofs.
    pub fn registration(&self) -> &RegistrationLayout {
        &self.registration
    }

    /// Sigmoid values at the first rows of lane 0, if the program has them.
    pub fn table(&self) -> Option<&[i64]> {
        self.table.as_deref()
    }

    /// Its commitment (no or one point).
    pub fn table_commitment(&self) -> &[G1Affine] {
        &self.table_commitment
    }

    /// Binds program and table.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Binds the setup.
    pub fn setup_digest(&self) -> [u8; 32] {
        self.setup_digest
    }

    /// Bytes of a training proof's body.
    pub fn training_bytes(&self) -> usize {
        self.layout.proof_bytes(self.table.is_some())
    }

    /// Bytes of a registration proof's body.
    pub fn registration_bytes(&self) -> usize {
        self.registration.proof_bytes()
    }
}

/// Hooks of tests (see [`crate::part`]): constants without the feature `test-mutants`.
#[cfg(not(feature = "test-mutants"))]
impl Key {
    pub(crate) fn removed(&self) -> Option<Part> {
        None
    }

    pub(crate) fn lies(&self) -> &dyn Lies {
        &Honest
    }
}

#[cfg(feature = "test-mutants")]
impl Key {
    pub(crate) fn removed(&self) -> Option<Part> {
        self.removed
    }

    pub(crate) fn lies(&self) -> &dyn Lies {
        self.lies.as_deref().unwrap_or(&Honest)
    }

    /// INSECURE: the protocol without one of its parts.
    pub fn without(mut self, part: Part) -> Self {
        self.removed = Some(part);
        self
    }

    /// A prover with this key lies.
    pub fn lying(mut self, lies: std::sync::Arc<dyn Lies>) -> Self {
        self.lies = Some(lies);
        self
    }

    /// A prover with this key uses another table under the same digest and commitment.
    pub fn with_table(mut self, table: Vec<i64>) -> Self {
        self.table = Some(table);
        self
    }
}
