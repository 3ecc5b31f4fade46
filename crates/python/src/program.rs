//! `Program`.

use crate::data::weights_to_python;
use crate::errors::{bad_input, guard, program_error};
use fedproof_program as core;
use fedproof_program::{Activation, Layout, Loss, RegistrationLayout};
use numpy::PyArray2;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

#[pyclass(frozen, module = "fedproof._core")]
pub struct Program {
    pub inner: core::Program,
}

pub fn seed(bytes: &[u8]) -> PyResult<[u8; 32]> {
    bytes.try_into().map_err(|_| bad_input("seed", format!("32 bytes expected, got {}", bytes.len())))
}

#[pymethods]
impl Program {
    #[staticmethod]
    #[pyo3(signature = (*, loss, dims, activations, steps, batch, blocks, bits, weight_bits, activation_bits, delta_bits, rate,
                        bound_bits, openings = 4, group = 3))]
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
        rate: u64,
        bound_bits: u32,
        openings: usize,
        group: usize,
    ) -> PyResult<Self> {
        let loss = match loss {
            "squared" => Loss::Squared,
            "sigmoid" => Loss::Sigmoid,
            other => return Err(bad_input("loss", format!("'squared' or 'sigmoid', got '{other}'"))),
        };
        let activations = activations
            .iter()
            .map(|name| match name.as_str() {
                "identity" => Ok(Activation::Identity),
                "relu" => Ok(Activation::Relu),
                other => Err(bad_input("activations", format!("'identity' or 'relu', got '{other}'"))),
            })
            .collect::<PyResult<Vec<_>>>()?;
        let program = core::Program {
            loss,
            dims,
            activations,
            steps,
            batch,
            blocks,
            bits,
            weight_bits,
            activation_bits,
            delta_bits,
            rate,
            bound_bits,
            openings,
            group,
        };
        guard(|| Ok(Self { inner: program.validated().map_err(program_error)? }))
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
        let p = &self.inner;
        let layout = Layout::of(p);
        let registration = RegistrationLayout::of(p, &layout);
        let out = PyDict::new(py);
        let parameters: usize = (1..p.dims.len()).map(|i| (p.dims[i - 1] + 1) * p.dims[i]).sum();
        let has_table = p.loss == Loss::Sigmoid;
        out.set_item("loss", if has_table { "sigmoid" } else { "squared" })?;
        out.set_item("dims", p.dims.clone())?;
        let names: Vec<&str> = p.activations.iter().map(|a| if *a == Activation::Relu { "relu" } else { "identity" }).collect();
        out.set_item("activations", names)?;
        for (name, value) in [
            ("steps", p.steps as u64),
            ("batch", p.batch as u64),
            ("blocks", p.blocks as u64),
            ("bits", p.bits.into()),
            ("weight_bits", p.weight_bits.into()),
            ("activation_bits", p.activation_bits.into()),
            ("delta_bits", p.delta_bits.into()),
            ("rate", p.rate),
            ("bound_bits", p.bound_bits.into()),
            ("openings", p.openings as u64),
            ("group", p.group as u64),
            ("parameters", parameters as u64),
            ("rows", layout.n() as u64),
            ("trace_rows", layout.trace_rows as u64),
            ("lanes", layout.columns.lanes as u64),
            ("columns", layout.columns.count() as u64),
            ("helpers", layout.columns.helpers as u64),
            ("excess_limbs", layout.columns.excess_limbs as u64),
            ("remainder_limbs", layout.columns.limb_bits.len() as u64),
            ("data_vectors", layout.data_vectors() as u64),
            ("weight_vectors", layout.weight_vectors() as u64),
            ("mask_length", layout.masks.len() as u64),
            ("record_slots", 1 << layout.record.bits),
            ("setup_powers", layout.setup_powers() as u64),
            ("proof_bytes", 11 + layout.proof_bytes(has_table) as u64),
            ("registration_bytes", 11 + registration.proof_bytes() as u64),
        ] {
            out.set_item(name, value)?;
        }
        out.set_item("soundness_bits", core::soundness_bits(&layout))?;
        Ok(out)
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
