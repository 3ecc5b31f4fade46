//! Round-close statements and proofs.

use crate::data::{blinds_from_bytes, weights_from_python};
use crate::errors::{guard, program_error, proof_error};
use crate::key::{points_from_bytes, Key};
use crate::random::prover_rng;
use crate::training::{exact, word};
use crate::watch::Watch;
use fedproof_proof as core;
use fedproof_proof::CloseWitness;
use fedproof_witness::CloseTrace;
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

#[pyclass(frozen, get_all, module = "fedproof._core")]
pub struct CloseStatement {
    pub chain_id: u64,
    pub hub: Vec<u8>,
    pub submitter: Vec<u8>,
    pub task: Vec<u8>,
    pub round: u64,
    pub summed: Vec<u8>,
    pub weights: Vec<u8>,
    pub count: u64,
}

impl CloseStatement {
    fn core(&self) -> PyResult<core::CloseStatement> {
        Ok(core::CloseStatement {
            chain_id: word("chain_id", &self.chain_id.to_be_bytes())?,
            hub: word("hub", &self.hub)?,
            submitter: word("submitter", &self.submitter)?,
            task: exact("task", &self.task)?,
            round: word("round", &self.round.to_be_bytes())?,
            summed: points_from_bytes("summed", &self.summed)?,
            weights: points_from_bytes("weights", &self.weights)?,
            count: self.count,
        })
    }
}

#[pymethods]
impl CloseStatement {
    #[new]
    #[pyo3(signature = (*, chain_id, hub, submitter, task, round, summed, weights, count))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        chain_id: u64,
        hub: Vec<u8>,
        submitter: Vec<u8>,
        task: Vec<u8>,
        round: u64,
        summed: Vec<u8>,
        weights: Vec<u8>,
        count: u64,
    ) -> PyResult<Self> {
        exact::<20>("submitter", &submitter)?;
        let out = Self { chain_id, hub, submitter, task, round, summed, weights, count };
        out.core()?;
        Ok(out)
    }
}

#[pyfunction]
#[pyo3(signature = (key, statement, total, blinds, *, secret, progress = None))]
pub fn prove_close<'py>(
    py: Python<'py>,
    key: &Key,
    statement: &CloseStatement,
    total: Vec<PyReadonlyArray2<'_, i64>>,
    blinds: &[u8],
    secret: &[u8],
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let close = key.inner.close().map_err(program_error)?;
    let statement = statement.core()?;
    statement.check(&key.inner).map_err(proof_error)?;
    let (program, layout) = (key.inner.program(), key.inner.layout());
    let total = weights_from_python(program, &total)?;
    let sum_blinds = blinds_from_bytes(layout, blinds)?;
    let mut rng = prover_rng(secret, &statement.encode(&key.inner))?;
    let mut watch = Watch::new(progress);
    let proof = guard(|| {
        let proven = py.detach(|| {
            let trace = CloseTrace::new(program, layout, close.shape(), &total, statement.count);
            drop(total);
            let witness = CloseWitness { trace: &trace, sum_blinds: &sum_blinds };
            core::prove_close(close, &key.setup, &statement, witness, &mut rng, &mut watch)
        });
        proven.map_err(|_| watch.error())
    })?;
    Ok(PyBytes::new(py, &proof))
}

#[pyfunction]
pub fn verify_close(py: Python<'_>, key: &Key, statement: &CloseStatement, proof: &[u8]) -> PyResult<()> {
    let close = key.inner.close().map_err(program_error)?;
    let statement = statement.core()?;
    guard(|| py.detach(|| core::verify_close(close, &key.setup, &statement, proof)).map_err(proof_error))
}
