//! `Setup`.

use crate::errors::{bad_input, guard, setup_error};
use fedproof_kzg as core;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// Most powers of tau that a setup in memory may have.
const MAX_POWERS: usize = 1 << 27;

#[pyclass(frozen, module = "fedproof._core")]
pub struct Setup {
    pub inner: Arc<core::Setup>,
}

fn limited(powers: usize) -> PyResult<usize> {
    if !(2..=MAX_POWERS).contains(&powers) {
        return Err(bad_input("powers", format!("between 2 and {MAX_POWERS}, got {powers}")));
    }
    Ok(powers)
}

#[pymethods]
impl Setup {
    #[staticmethod]
    fn development(py: Python<'_>, powers: usize) -> PyResult<Self> {
        let powers = limited(powers)?;
        guard(|| Ok(Self { inner: Arc::new(py.detach(|| core::Setup::development(powers))) }))
    }

    #[staticmethod]
    fn from_ptau(py: Python<'_>, path: PathBuf, powers: usize) -> PyResult<Self> {
        let powers = limited(powers)?;
        guard(|| {
            let setup = py.detach(|| core::Setup::from_ptau(&path, powers)).map_err(setup_error)?;
            Ok(Self { inner: Arc::new(setup) })
        })
    }

    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        guard(|| Ok(Self { inner: Arc::new(py.detach(|| core::Setup::load(&path)).map_err(setup_error)?) }))
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        guard(|| py.detach(|| self.inner.save(&path)).map_err(setup_error))
    }

    #[getter]
    fn digest(&self) -> [u8; 32] {
        self.inner.digest()
    }

    #[getter]
    fn powers(&self) -> usize {
        self.inner.powers()
    }

    #[getter]
    fn verifier_points(&self) -> [u8; 192] {
        self.inner.verifier_points()
    }

    #[getter]
    fn insecure(&self) -> bool {
        self.inner.insecure()
    }
}
