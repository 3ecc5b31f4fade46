//! Training statements and proofs.

use crate::data::{scalars_to_bytes, schedule, weights_from_python, Dataset, Trace};
use crate::errors::{bad_input, guard, proof_error};
use crate::key::{points_from_bytes, points_to_bytes, Key};
use crate::random::prover_rng;
use crate::watch::Watch;
use fedproof_proof as core;
use fedproof_proof::{ProofError, TrainingWitness};
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// A number or up to 32 bytes as a 32-byte word, left-padded.
pub fn word(field: &str, bytes: &[u8]) -> PyResult<[u8; 32]> {
    let mut out = [0u8; 32];
    let start =
        32usize.checked_sub(bytes.len()).ok_or_else(|| bad_input(field, format!("at most 32 bytes, got {}", bytes.len())))?;
    out[start..].copy_from_slice(bytes);
    Ok(out)
}

pub fn exact<const N: usize>(field: &str, bytes: &[u8]) -> PyResult<[u8; N]> {
    bytes.try_into().map_err(|_| bad_input(field, format!("{N} bytes expected, got {}", bytes.len())))
}

#[pyclass(frozen, get_all, module = "fedproof._core")]
pub struct TrainingStatement {
    pub chain_id: u64,
    pub hub: Vec<u8>,
    pub submitter: Vec<u8>,
    pub task: Vec<u8>,
    pub round: u64,
    pub weights: Vec<u8>,
    pub dataset_id: Vec<u8>,
    pub dataset: Vec<u8>,
    pub pi: Vec<u32>,
    pub beta: u32,
    pub count: u64,
}

#[pymethods]
impl TrainingStatement {
    #[new]
    #[pyo3(signature = (*, chain_id, hub, submitter, task, round, weights, dataset_id, dataset, pi, beta, count))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        chain_id: u64,
        hub: Vec<u8>,
        submitter: Vec<u8>,
        task: Vec<u8>,
        round: u64,
        weights: Vec<u8>,
        dataset_id: Vec<u8>,
        dataset: Vec<u8>,
        pi: Vec<u32>,
        beta: u32,
        count: u64,
    ) -> PyResult<Self> {
        exact::<20>("submitter", &submitter)?;
        exact::<32>("task", &task)?;
        exact::<32>("dataset_id", &dataset_id)?;
        word("hub", &hub)?;
        points_from_bytes("weights", &weights)?;
        points_from_bytes("dataset", &dataset)?;
        Ok(Self { chain_id, hub, submitter, task, round, weights, dataset_id, dataset, pi, beta, count })
    }
}

impl TrainingStatement {
    fn core(&self, key: &Key) -> PyResult<core::TrainingStatement> {
        let schedule = schedule(key.inner.program(), &self.pi, self.beta)
            .map_err(|_| proof_error(ProofError::WrongStatement { field: "schedule" }))?;
        Ok(core::TrainingStatement {
            chain_id: word("chain_id", &self.chain_id.to_be_bytes())?,
            hub: word("hub", &self.hub)?,
            submitter: word("submitter", &self.submitter)?,
            task: exact("task", &self.task)?,
            round: word("round", &self.round.to_be_bytes())?,
            weights: points_from_bytes("weights", &self.weights)?,
            dataset_id: exact("dataset_id", &self.dataset_id)?,
            dataset: points_from_bytes("dataset", &self.dataset)?,
            schedule,
            count: self.count,
        })
    }
}

#[pyclass(frozen, module = "fedproof._core")]
pub struct TrainingProof {
    proof: Vec<u8>,
    commitment: Vec<u8>,
    blinds: Vec<u8>,
    profile: Vec<(&'static str, f64)>,
}

#[pymethods]
impl TrainingProof {
    #[getter]
    fn proof<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.proof)
    }

    #[getter]
    fn commitment<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.commitment)
    }

    #[getter]
    fn blinds<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.blinds)
    }

    #[getter]
    fn profile<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        self.profile.iter().try_for_each(|(name, seconds)| out.set_item(name, seconds))?;
        Ok(out)
    }
}

#[pyfunction]
#[pyo3(signature = (key, statement, weights, dataset, trace, *, secret, progress = None))]
#[allow(clippy::too_many_arguments)]
pub fn prove_training(
    py: Python<'_>,
    key: &Key,
    statement: &TrainingStatement,
    weights: Vec<PyReadonlyArray2<'_, i64>>,
    dataset: &Dataset,
    trace: &Trace,
    secret: &[u8],
    progress: Option<Py<PyAny>>,
) -> PyResult<TrainingProof> {
    let statement = statement.core(key)?;
    statement.check(&key.inner).map_err(proof_error)?;
    let weights = weights_from_python(key.inner.program(), &weights)?;
    dataset.check(key.inner.program())?;
    let layout = key.inner.layout();
    let lengths = (0..layout.columns.committed_first()).map(|k| layout.columns.vectors(k) * layout.n());
    if !trace.inner.columns.iter().map(Vec::len).eq(lengths) {
        return Err(bad_input("trace", "made for a program with another layout"));
    }
    let mut rng = prover_rng(secret, &statement.encode(&key.inner))?;
    let mut watch = Watch::new(progress);
    guard(|| {
        let proven = py.detach(|| {
            let witness = TrainingWitness {
                weights: &weights,
                dataset: &dataset.inner,
                dataset_blinds: &dataset.blinds,
                trace: &trace.inner,
            };
            core::prove_training(&key.inner, &key.setup, &statement, witness, &mut rng, &mut watch)
        });
        let (proof, secret) = proven.map_err(|_| watch.error())?;
        Ok(TrainingProof {
            proof,
            commitment: points_to_bytes(&secret.commitment),
            blinds: scalars_to_bytes(&secret.blinds.concat()),
            profile: watch.seconds(),
        })
    })
}

#[pyfunction]
pub fn verify_training<'py>(
    py: Python<'py>,
    key: &Key,
    statement: &TrainingStatement,
    proof: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let statement = statement.core(key)?;
    let update = guard(|| py.detach(|| core::verify_training(&key.inner, &key.setup, &statement, proof)).map_err(proof_error))?;
    Ok(PyBytes::new(py, &points_to_bytes(&update)))
}
