//! `Dataset`, `Trace`, weights and scalars as Python sees them.

use crate::errors::{bad_input, data_error, execute_error, guard};
use crate::key::{points_to_bytes, Key};
use crate::program::Program;
use crate::random::fresh_scalars;
use ark_bn254::Fr;
use ark_ff::Zero;
use fedproof_kzg::Commit;
use fedproof_program as core;
use fedproof_program::{Layout, Schedule, Weights};
use fedproof_transcript::{scalar_from_bytes, scalar_to_bytes, G1Affine};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::Arc;

pub fn scalars_from_bytes(field: &str, bytes: &[u8]) -> PyResult<Vec<Fr>> {
    let chunks = bytes.chunks_exact(32);
    if !chunks.remainder().is_empty() {
        return Err(bad_input(field, format!("scalars take 32 bytes each, got {} bytes", bytes.len())));
    }
    chunks
        .map(|chunk| {
            let chunk: &[u8; 32] = chunk.try_into().map_err(|e| bad_input(field, e))?;
            scalar_from_bytes(chunk).map_err(|e| bad_input(field, e))
        })
        .collect()
}

pub fn scalars_to_bytes(scalars: &[Fr]) -> Vec<u8> {
    scalars.iter().flat_map(scalar_to_bytes).collect()
}

/// Blinds of W_out by vector; no bytes mean zero blinds.
pub fn blinds_from_bytes(layout: &Layout, bytes: &[u8]) -> PyResult<Vec<Vec<Fr>>> {
    let counts = layout.masks.update_blinds();
    let total: usize = counts.iter().map(|&(_, n)| n).sum();
    let scalars = if bytes.is_empty() { vec![Fr::zero(); total] } else { scalars_from_bytes("blinds", bytes)? };
    if scalars.len() != total {
        return Err(bad_input("blinds", format!("{total} scalars expected, got {}", scalars.len())));
    }
    let mut rest = scalars.as_slice();
    Ok(counts
        .iter()
        .map(|&(_, n)| {
            let (head, tail) = rest.split_at(n);
            rest = tail;
            head.to_vec()
        })
        .collect())
}

pub fn weights_from_python(program: &core::Program, arrays: &[PyReadonlyArray2<'_, i64>]) -> PyResult<Weights> {
    if arrays.len() != program.layers() {
        return Err(bad_input("weights", format!("{} layers expected, got {}", program.layers(), arrays.len())));
    }
    arrays
        .iter()
        .enumerate()
        .map(|(i, array)| {
            let array = array.as_array();
            let expected = (program.dims[i] + 1, program.dims[i + 1]);
            if array.dim() != expected {
                let why = format!("layer {} has shape {expected:?} (the last row is the bias), got {:?}", i + 1, array.dim());
                return Err(bad_input("weights", why));
            }
            if let Some(w) = array.iter().find(|w| w.unsigned_abs() >= 1 << 62) {
                return Err(bad_input("weights", format!("layer {}: {w} does not fit 62 bits", i + 1)));
            }
            Ok(array.iter().copied().collect())
        })
        .collect()
}

pub fn weights_to_python<'py>(
    py: Python<'py>,
    program: &core::Program,
    weights: &Weights,
) -> PyResult<Vec<Bound<'py, PyArray2<i64>>>> {
    weights
        .iter()
        .enumerate()
        .map(|(i, layer)| {
            let shape = (program.dims[i] + 1, program.dims[i + 1]);
            let array = Array2::from_shape_vec(shape, layer.clone()).map_err(|e| bad_input("weights", e))?;
            Ok(array.into_pyarray(py))
        })
        .collect()
}

#[pyclass(frozen, module = "fedproof._core")]
pub struct Dataset {
    pub program: core::Program,
    pub layout: Arc<Layout>,
    pub inner: Arc<fedproof_witness::Dataset>,
    pub blinds: Vec<Fr>,
}

impl Dataset {
    pub fn points(&self, key: &Key) -> Vec<G1Affine> {
        let n = self.layout.n();
        (0..self.inner.vectors()).map(|v| key.setup.commit_small(self.inner.vector(v), n, &self.blinds[v..=v])).collect()
    }

    pub fn check(&self, program: &core::Program) -> PyResult<()> {
        if self.program == *program {
            Ok(())
        } else {
            Err(bad_input("dataset", "made for another program"))
        }
    }
}

#[pymethods]
impl Dataset {
    #[new]
    #[pyo3(signature = (program, features, targets, blinds = None))]
    fn new(
        py: Python<'_>,
        program: &Program,
        features: PyReadonlyArray2<'_, i64>,
        targets: PyReadonlyArray2<'_, i64>,
        blinds: Option<&[u8]>,
    ) -> PyResult<Self> {
        let program = program.inner.clone();
        for (field, array, width) in [("features", &features, program.dims[0]), ("targets", &targets, program.outputs())] {
            let (expected, got) = ((program.records(), width), array.as_array().dim());
            if got != expected {
                return Err(bad_input(field, format!("shape {expected:?} expected, got {got:?}")));
            }
        }
        let cells = |array: &PyReadonlyArray2<'_, i64>| array.as_array().iter().copied().collect::<Vec<i64>>();
        let (features, targets) = (cells(&features), cells(&targets));
        guard(|| {
            let layout = Layout::of(&program);
            let dataset =
                py.detach(|| fedproof_witness::Dataset::new(&program, &layout, &features, &targets)).map_err(data_error)?;
            let blinds = match blinds {
                Some(bytes) => scalars_from_bytes("blinds", bytes)?,
                None => fresh_scalars(dataset.vectors())?,
            };
            if blinds.len() != dataset.vectors() {
                return Err(bad_input("blinds", format!("{} scalars expected, got {}", dataset.vectors(), blinds.len())));
            }
            Ok(Self { program, layout: Arc::new(layout), inner: Arc::new(dataset), blinds })
        })
    }

    #[getter]
    fn blinds<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &scalars_to_bytes(&self.blinds))
    }

    #[getter]
    fn count(&self) -> u64 {
        self.inner.count()
    }

    fn commit<'py>(&self, py: Python<'py>, key: &Key) -> PyResult<Bound<'py, PyBytes>> {
        self.check(key.inner.program())?;
        let points = guard(|| Ok(py.detach(|| self.points(key))))?;
        Ok(PyBytes::new(py, &points_to_bytes(&points)))
    }
}

#[pyclass(frozen, module = "fedproof._core")]
pub struct Trace {
    pub program: core::Program,
    pub inner: Arc<fedproof_witness::Trace>,
}

#[pymethods]
impl Trace {
    #[getter]
    fn update<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyArray2<i64>>>> {
        weights_to_python(py, &self.program, &self.inner.update)
    }

    #[getter]
    fn saturations(&self) -> u64 {
        self.inner.saturations
    }

    fn with_update(&self, weights: Vec<PyReadonlyArray2<'_, i64>>) -> PyResult<Self> {
        let mut trace = (*self.inner).clone();
        trace.update = weights_from_python(&self.program, &weights)?;
        Ok(Self { program: self.program.clone(), inner: Arc::new(trace) })
    }
}

pub fn schedule(program: &core::Program, pi: &[u32], beta: u32) -> PyResult<Schedule> {
    let pi = pi
        .iter()
        .map(|&k| u8::try_from(k).map_err(|_| bad_input("pi", format!("{k} is no bit of a block index"))))
        .collect::<PyResult<Vec<u8>>>()?;
    Schedule::new(program, pi, beta).map_err(crate::errors::program_error)
}

#[pyfunction]
pub fn execute(
    py: Python<'_>,
    program: &Program,
    weights: Vec<PyReadonlyArray2<'_, i64>>,
    dataset: &Dataset,
    pi: Vec<u32>,
    beta: u32,
) -> PyResult<Trace> {
    let program = program.inner.clone();
    let weights = weights_from_python(&program, &weights)?;
    let schedule = schedule(&program, &pi, beta)?;
    // Another number of steps keeps the data layout only if rows agree; the layout used is always this program's own.
    let layout = Layout::of(&program);
    if layout.n() != dataset.layout.n()
        || layout.record != dataset.layout.record
        || layout.data_bits() != dataset.layout.data_bits()
    {
        return Err(bad_input("dataset", "made for a program with another data layout"));
    }
    guard(|| {
        let trace = py
            .detach(|| fedproof_witness::execute(&program, &layout, &weights, &dataset.inner, &schedule))
            .map_err(execute_error)?;
        Ok(Trace { program, inner: Arc::new(trace) })
    })
}
