//! The key: a program, its layout and the commitments of its tables.

use crate::part::{Honest, Lies, Part};
use fedproof_kzg::{Commit, Setup};
use fedproof_program::{keccak256, CloseLayout, Layout, Program, ProgramError, RegistrationLayout};
use fedproof_transcript::{point_to_bytes, G1Affine};

/// Everything about a program that prover and verifier need. Made by anybody from the program and a setup; bound by its digest.
#[derive(Debug, Clone)]
pub struct Key {
    program: Program,
    layout: Layout,
    registration: RegistrationLayout,
    close: Result<CloseLayout, ProgramError>,
    tables: Vec<Vec<i64>>,
    table_commitments: Vec<G1Affine>,
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
        let close = CloseLayout::of(&program, &layout);
        let tables: Vec<Vec<i64>> = layout.key_tables.iter().map(|&t| layout.key_table(&program, t)).collect();
        let table_commitments: Vec<G1Affine> = tables.iter().map(|t| setup.commit_small(t, t.len(), &[])).collect();
        let points: Vec<u8> = table_commitments.iter().flat_map(point_to_bytes).collect();
        let digest = keccak256(&[b"fedproof/key/2", &program.digest(), &[table_commitments.len() as u8], &points]);
        Self {
            program,
            layout,
            registration,
            close,
            tables,
            table_commitments,
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

    /// Layout of round-close proofs, or why the program has none.
    pub(crate) fn close_layout(&self) -> Result<&CloseLayout, ProgramError> {
        self.close.as_ref().map_err(Clone::clone)
    }

    /// Cells of the committed tables, in the order of [`Layout::key_tables`].
    pub fn tables(&self) -> &[Vec<i64>] {
        &self.tables
    }

    /// Their commitments.
    pub fn table_commitments(&self) -> &[G1Affine] {
        &self.table_commitments
    }

    /// Binds program and tables.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Binds the setup.
    pub fn setup_digest(&self) -> [u8; 32] {
        self.setup_digest
    }

    /// Bytes of a training proof's body.
    pub fn training_bytes(&self) -> usize {
        self.layout.proof_bytes()
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

    /// A prover with this key uses other tables under the same digest and commitments.
    pub fn with_tables(mut self, tables: Vec<Vec<i64>>) -> Self {
        self.tables = tables;
        self
    }
}
