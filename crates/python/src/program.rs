//! `Program`.

use crate::data::weights_to_python;
use crate::describe::describe;
use crate::errors::{bad_input, guard, program_error};
use fedproof_program as core;
use fedproof_program::{Activation, Kernel, Loss, Prefer};
use numpy::PyArray2;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

#[pyclass(frozen, module = "fedproof._core")]
pub struct Program {
    pub inner: core::Program,
}

/// k of plain SGD, or (fc, kappa_1.., c_1..).
#[derive(FromPyObject)]
pub enum KernelArgument {
    Plain(u64),
    Explicit(u32, Vec<i64>, Vec<i64>),
}

impl From<KernelArgument> for Kernel {
    fn from(argument: KernelArgument) -> Self {
        match argument {
            KernelArgument::Plain(k) => Self::Plain(k),
            KernelArgument::Explicit(fraction_bits, taps, decay) => Self::Explicit { fraction_bits, taps, decay },
        }
    }
}

pub fn seed(bytes: &[u8]) -> PyResult<[u8; 32]> {
    bytes.try_into().map_err(|_| bad_input("seed", format!("32 bytes expected, got {}", bytes.len())))
}

#[pymethods]
impl Program {
    #[staticmethod]
    #[pyo3(signature = (*, loss, dims, activations, steps, batch, blocks, bits, weight_bits, activation_bits, delta_bits, kernel,
                        bound_bits, one_hot, limb_bits = 0, openings = 4, group = 0, vector_bits = 0, huber = 0,
                        weights = Vec::new(), prefer = "time"))]
    #[allow(clippy::too_many_arguments)]
    fn build(
        loss: &str,
        dims: Vec<usize>,
        activations: Vec<String>,
        steps: usize,
        batch: usize,
        blocks: usize,
        bits: u32,
        weight_bits: u32,
        activation_bits: u32,
        delta_bits: u32,
        kernel: KernelArgument,
        bound_bits: u32,
        one_hot: bool,
        limb_bits: u32,
        openings: usize,
        group: usize,
        vector_bits: usize,
        huber: u32,
        weights: Vec<i64>,
        prefer: &str,
    ) -> PyResult<Self> {
        let prefer =
            Prefer::from_name(prefer).ok_or_else(|| bad_input("prefer", format!("'time', 'gas' or 'size', got '{prefer}'")))?;
        let loss = Loss::from_name(loss).ok_or_else(|| bad_input("loss", format!("unknown loss '{loss}'")))?;
        let activations = activations
            .iter()
            .map(|name| Activation::from_name(name).ok_or_else(|| bad_input("activations", format!("unknown function '{name}'"))))
            .collect::<PyResult<Vec<_>>>()?;
        let loss_weights = weights
            .iter()
            .map(|&w| u16::try_from(w).map_err(|_| bad_input("weights", format!("must be between 0 and 65535, got {w}"))))
            .collect::<PyResult<Vec<_>>>()?;
        let program = core::Program {
            loss,
            one_hot,
            dims,
            activations,
            steps,
            batch,
            blocks,
            bits,
            limb_bits,
            weight_bits,
            activation_bits,
            delta_bits,
            bound_bits,
            openings,
            group,
            vector_bits,
            huber,
            loss_weights,
            kernel: kernel.into(),
        };
        guard(|| Ok(Self { inner: program.choose(prefer).map_err(program_error)? }))
    }

    #[staticmethod]
    fn decode(data: &[u8]) -> PyResult<Self> {
        guard(|| Ok(Self { inner: core::Program::decode(data).map_err(program_error)? }))
    }

    fn encode<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.encode())
    }

    #[getter]
    fn digest(&self) -> [u8; 32] {
        self.inner.digest()
    }

    fn describe<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(|| describe(py, &self.inner))
    }

    fn init_weights<'py>(&self, py: Python<'py>, seed: &[u8]) -> PyResult<Vec<Bound<'py, PyArray2<i64>>>> {
        let weights = core::init_weights(&self.inner, &self::seed(seed)?);
        weights_to_python(py, &self.inner, &weights)
    }

    fn schedule(&self, seed: &[u8]) -> PyResult<(Vec<u32>, u32, Vec<usize>)> {
        let schedule = core::Schedule::from_seed(&self.inner, &self::seed(seed)?);
        let blocks = (0..self.inner.steps).map(|t| schedule.block(t)).collect();
        Ok((schedule.pi.iter().map(|&k| u32::from(k)).collect(), schedule.beta, blocks))
    }
}
