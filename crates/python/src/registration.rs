//! Registration statements and proofs.

use crate::data::Dataset;
use crate::errors::{guard, proof_error};
use crate::key::{points_from_bytes, Key};
use crate::random::prover_rng;
use crate::training::{exact, word};
use crate::watch::Watch;
use fedproof_proof as core;
use fedproof_proof::RegistrationWitness;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

#[pyclass(frozen, get_all, module = "fedproof._core")]
pub struct RegistrationStatement {
    pub chain_id: u64,
    pub hub: Vec<u8>,
    pub submitter: Vec<u8>,
    pub task: Vec<u8>,
    pub nonce_commitment: Vec<u8>,
    pub dataset: Vec<u8>,
    pub count: u64,
}

impl RegistrationStatement {
    fn core(&self) -> PyResult<core::RegistrationStatement> {
        Ok(core::RegistrationStatement {
            chain_id: word("chain_id", &self.chain_id.to_be_bytes())?,
            hub: word("hub", &self.hub)?,
            submitter: word("submitter", &self.submitter)?,
            task: exact("task", &self.task)?,
            nonce_commitment: exact("nonce_commitment", &self.nonce_commitment)?,
            dataset: points_from_bytes("dataset", &self.dataset)?,
            count: self.count,
        })
    }
}

#[pymethods]
impl RegistrationStatement {
    #[new]
    #[pyo3(signature = (*, chain_id, hub, submitter, task, nonce_commitment, dataset, count))]
    fn new(
        chain_id: u64,
        hub: Vec<u8>,
        submitter: Vec<u8>,
        task: Vec<u8>,
        nonce_commitment: Vec<u8>,
        dataset: Vec<u8>,
        count: u64,
    ) -> PyResult<Self> {
        exact::<20>("submitter", &submitter)?;
        let out = Self { chain_id, hub, submitter, task, nonce_commitment, dataset, count };
        out.core()?;
        Ok(out)
    }

    fn dataset_id(&self, key: &Key) -> PyResult<[u8; 32]> {
        Ok(self.core()?.dataset_id(&key.inner))
    }
}

#[pyfunction]
#[pyo3(signature = (key, statement, dataset, *, secret, progress = None))]
pub fn prove_registration<'py>(
    py: Python<'py>,
    key: &Key,
    statement: &RegistrationStatement,
    dataset: &Dataset,
    secret: &[u8],
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let statement = statement.core()?;
    statement.check(&key.inner).map_err(proof_error)?;
    dataset.check(key.inner.program())?;
    let mut rng = prover_rng(secret, &statement.encode(&key.inner))?;
    let mut watch = Watch::new(progress);
    let proof = guard(|| {
        let proven = py.detach(|| {
            let witness = RegistrationWitness { dataset: &dataset.inner, blinds: &dataset.blinds };
            core::prove_registration(&key.inner, &key.setup, &statement, witness, &mut rng, &mut watch)
        });
        proven.map_err(|_| watch.error())
    })?;
    Ok(PyBytes::new(py, &proof))
}

#[pyfunction]
pub fn verify_registration(py: Python<'_>, key: &Key, statement: &RegistrationStatement, proof: &[u8]) -> PyResult<()> {
    let statement = statement.core()?;
    guard(|| py.detach(|| core::verify_registration(&key.inner, &key.setup, &statement, proof)).map_err(proof_error))
}
