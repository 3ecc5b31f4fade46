//! `Key` and sums of commitments.

use crate::data::{blinds_from_bytes, scalars_to_bytes, weights_from_python};
use crate::errors::{bad_input, guard};
use crate::program::Program;
use crate::setup::Setup;
use ark_bn254::{Fr, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::Zero;
use fedproof_kzg::Commit;
use fedproof_proof as core;
use fedproof_transcript::{point_from_bytes, point_to_bytes, G1Affine};
use fedproof_witness::weight_table;
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::Arc;

#[pyclass(frozen, module = "fedproof._core")]
pub struct Key {
    pub inner: Arc<core::Key>,
    pub setup: Arc<fedproof_kzg::Setup>,
}

pub fn points_from_bytes(field: &str, bytes: &[u8]) -> PyResult<Vec<G1Affine>> {
    let chunks = bytes.chunks_exact(64);
    if !chunks.remainder().is_empty() {
        return Err(bad_input(field, format!("points take 64 bytes each, got {} bytes", bytes.len())));
    }
    chunks
        .map(|chunk| {
            let chunk: &[u8; 64] = chunk.try_into().map_err(|e| bad_input(field, e))?;
            point_from_bytes(chunk).map_err(|e| bad_input(field, e))
        })
        .collect()
}

pub fn points_to_bytes(points: &[G1Affine]) -> Vec<u8> {
    points.iter().flat_map(point_to_bytes).collect()
}

#[pymethods]
impl Key {
    #[new]
    fn new(py: Python<'_>, program: &Program, setup: &Setup) -> PyResult<Self> {
        let needed = fedproof_program::Layout::of(&program.inner).setup_powers();
        if setup.inner.powers() < needed {
            let why = format!("{} powers of tau, the program needs {needed}", setup.inner.powers());
            return Err(bad_input("setup", why));
        }
        let (program, setup) = (program.inner.clone(), Arc::clone(&setup.inner));
        guard(|| {
            let inner = py.detach(|| core::Key::new(program, &setup));
            Ok(Self { inner: Arc::new(inner), setup })
        })
    }

    #[getter]
    fn digest(&self) -> [u8; 32] {
        self.inner.digest()
    }

    #[getter]
    fn setup_digest(&self) -> [u8; 32] {
        self.inner.setup_digest()
    }

    #[getter]
    fn table_points<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &points_to_bytes(self.inner.table_commitments()))
    }

    #[pyo3(signature = (weights, blinds = None))]
    fn commit_weights<'py>(
        &self,
        py: Python<'py>,
        weights: Vec<PyReadonlyArray2<'py, i64>>,
        blinds: Option<&[u8]>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (program, layout) = (self.inner.program(), self.inner.layout());
        let weights = weights_from_python(program, &weights)?;
        let blinds = blinds_from_bytes(layout, blinds.unwrap_or(&[]))?;
        let n = layout.n();
        let points = guard(|| {
            Ok(py.detach(|| {
                let table = weight_table(program, layout, &weights);
                let vectors = table.chunks_exact(n).zip(&blinds);
                vectors.map(|(v, b)| self.setup.commit_small(v, n, b)).collect::<Vec<_>>()
            }))
        })?;
        Ok(PyBytes::new(py, &points_to_bytes(&points)))
    }
}

/// Sum, vector by vector.
#[pyfunction]
pub fn add_commitments<'py>(py: Python<'py>, commitments: Vec<Vec<u8>>) -> PyResult<Bound<'py, PyBytes>> {
    let lists = commitments.iter().map(|b| points_from_bytes("commitment", b)).collect::<PyResult<Vec<_>>>()?;
    let length = lists.first().map_or(0, Vec::len);
    let mut sums = vec![G1Projective::zero(); length];
    for list in &lists {
        if list.len() != length {
            return Err(bad_input("commitment", format!("{length} points expected, got {}", list.len())));
        }
        sums.iter_mut().zip(list).for_each(|(s, p)| *s += p);
    }
    let points: Vec<G1Affine> = sums.into_iter().map(|s| s.into_affine()).collect();
    Ok(PyBytes::new(py, &points_to_bytes(&points)))
}

/// Sum of blinds, scalar by scalar.
#[pyfunction]
pub fn add_blinds<'py>(py: Python<'py>, blinds: Vec<Vec<u8>>) -> PyResult<Bound<'py, PyBytes>> {
    let lists = blinds.iter().map(|b| crate::data::scalars_from_bytes("blinds", b)).collect::<PyResult<Vec<_>>>()?;
    let length = lists.first().map_or(0, Vec::len);
    let mut sums = vec![Fr::zero(); length];
    for list in &lists {
        if list.len() != length {
            return Err(bad_input("blinds", format!("{length} scalars expected, got {}", list.len())));
        }
        sums.iter_mut().zip(list).for_each(|(s, b)| *s += b);
    }
    Ok(PyBytes::new(py, &scalars_to_bytes(&sums)))
}
