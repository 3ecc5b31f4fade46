//! Python bindings of the proving core: thin, typed, no logic. The interface is src/fedproof/_core.pyi.

mod close;
mod data;
mod describe;
mod errors;
mod key;
mod program;
mod random;
mod registration;
mod setup;
mod training;
mod watch;

use pyo3::prelude::*;

/// keccak256 of bytes.
#[pyfunction]
fn keccak256(data: &[u8]) -> [u8; 32] {
    fedproof_transcript::keccak256(&[data])
}

/// Number of threads of the prover in this process; only before its first use.
#[pyfunction]
fn set_threads(n: usize) -> PyResult<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n)
        .build_global()
        .map_err(|e| errors::bad_input("threads", format!("{e}: set the number of threads before proving")))
}

#[pymodule]
fn _core(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = m.py();
    m.add("CoreError", py.get_type::<errors::CoreError>())?;
    m.add("BadInput", py.get_type::<errors::BadInput>())?;
    m.add("ProofRejected", py.get_type::<errors::ProofRejected>())?;
    errors::add_rejections(m)?;
    m.add("Cancelled", py.get_type::<errors::Cancelled>())?;
    m.add_class::<program::Program>()?;
    m.add_class::<setup::Setup>()?;
    m.add_class::<key::Key>()?;
    m.add_class::<data::Dataset>()?;
    m.add_class::<data::Trace>()?;
    m.add_class::<training::TrainingStatement>()?;
    m.add_class::<training::TrainingProof>()?;
    m.add_class::<registration::RegistrationStatement>()?;
    m.add_class::<close::CloseStatement>()?;
    for function in [
        wrap_pyfunction!(keccak256, m)?,
        wrap_pyfunction!(set_threads, m)?,
        wrap_pyfunction!(key::add_commitments, m)?,
        wrap_pyfunction!(key::add_blinds, m)?,
        wrap_pyfunction!(data::execute, m)?,
        wrap_pyfunction!(training::prove_training, m)?,
        wrap_pyfunction!(training::verify_training, m)?,
        wrap_pyfunction!(registration::prove_registration, m)?,
        wrap_pyfunction!(registration::verify_registration, m)?,
        wrap_pyfunction!(close::prove_close, m)?,
        wrap_pyfunction!(close::verify_close, m)?,
    ] {
        m.add_function(function)?;
    }
    Ok(())
}
