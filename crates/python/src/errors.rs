//! Typed exceptions: `.code` is the name of the Rust error, `.check` the check id.

use fedproof_kzg::SetupError;
use fedproof_program::ProgramError;
use fedproof_proof::ProofError;
use fedproof_witness::{DataError, ExecuteError};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use std::panic::{catch_unwind, AssertUnwindSafe};

pyo3::create_exception!(_core, CoreError, PyException, "Base of every error of the core.");
pyo3::create_exception!(_core, BadInput, CoreError, "Illegal program, dataset, weights, statement or setup file.");
pyo3::create_exception!(_core, ProofRejected, CoreError, "The verifier said no.");
/// One exception per check, named as in Rust, and how to raise it.
macro_rules! rejections {
    ($($name:ident),* $(,)?) => {
        $(pyo3::create_exception!(_core, $name, ProofRejected, concat!("Check ", stringify!($name), " of docs/protocol.md, section 5."));)*

        /// Adds them to the module.
        pub fn add_rejections(m: &Bound<'_, PyModule>) -> PyResult<()> {
            $(m.add(stringify!($name), m.py().get_type::<$name>())?;)*
            Ok(())
        }

        fn rejection(error: &ProofError, message: String) -> PyErr {
            match error {
                $(ProofError::$name { .. } => $name::new_err(message),)*
            }
        }
    };
}

rejections!(
    WrongMagic,
    UnsupportedVersion,
    WrongKind,
    WrongLength,
    WrongStatement,
    WrongSetup,
    NonCanonicalScalar,
    NonCanonicalCoordinate,
    NotOnCurve,
    DegenerateChallenge,
    OpeningFailed,
);

pyo3::create_exception!(_core, Cancelled, CoreError, "The work was stopped before its end.");

fn tagged(error: PyErr, code: &str, check: &str) -> PyErr {
    Python::attach(|py| {
        let value = error.value(py);
        // Setting an attribute of a fresh exception cannot fail short of memory; the error itself matters more.
        let _ = value.setattr("code", code).and_then(|()| value.setattr("check", check));
    });
    error
}

/// Name of a variant, from its Debug form.
fn variant(error: &impl std::fmt::Debug) -> String {
    format!("{error:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
}

/// An input that names its field.
pub fn bad_input(field: &str, why: impl std::fmt::Display) -> PyErr {
    tagged(BadInput::new_err(format!("{field}: {why}")), field, "")
}

pub fn program_error(error: ProgramError) -> PyErr {
    let code = match &error {
        ProgramError::Field { field, .. } | ProgramError::Overflow { field, .. } => (*field).to_owned(),
        ProgramError::Encoding(_) => "Encoding".to_owned(),
    };
    tagged(BadInput::new_err(error.to_string()), &code, "")
}

pub fn data_error(error: DataError) -> PyErr {
    tagged(BadInput::new_err(error.to_string()), &variant(&error), "")
}

pub fn execute_error(error: ExecuteError) -> PyErr {
    tagged(BadInput::new_err(error.to_string()), &variant(&error), "")
}

pub fn setup_error(error: SetupError) -> PyErr {
    tagged(BadInput::new_err(error.to_string()), &variant(&error), "")
}

pub fn proof_error(error: ProofError) -> PyErr {
    let message = format!("{} [{} {}]", error, error.check(), error.name());
    tagged(rejection(&error, message), error.name(), error.check())
}

pub fn cancelled() -> PyErr {
    tagged(Cancelled::new_err("stopped"), "Cancelled", "")
}

/// Runs `work`; a panic, which would be a defect of the core, becomes a typed error.
pub fn guard<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let message = "internal error of the proving core; please report it with the program and the version";
        Err(tagged(CoreError::new_err(message), "Internal", ""))
    })
}
