//! Progress towards Python, interruption from it, seconds per phase.

use crate::errors::cancelled;
use fedproof_proof::{Cancelled, Progress};
use pyo3::prelude::*;
use std::time::Instant;

pub struct Watch {
    callback: Option<Py<PyAny>>,
    error: Option<PyErr>,
    started: Option<(&'static str, Instant)>,
    seconds: Vec<(&'static str, f64)>,
}

impl Watch {
    pub fn new(callback: Option<Py<PyAny>>) -> Self {
        Self { callback, error: None, started: None, seconds: Vec::new() }
    }

    /// The exception that stopped the work.
    pub fn error(&mut self) -> PyErr {
        self.error.take().unwrap_or_else(cancelled)
    }

    pub fn seconds(self) -> Vec<(&'static str, f64)> {
        self.seconds
    }
}

impl Progress for Watch {
    fn phase(&mut self, name: &'static str, fraction: f32) -> Result<(), Cancelled> {
        if let Some((name, start)) = self.started.replace((name, Instant::now())) {
            self.seconds.push((name, start.elapsed().as_secs_f64()));
        }
        let told = Python::attach(|py| {
            py.check_signals()?;
            match &self.callback {
                Some(callback) => callback.call1(py, (name, fraction)).map(|_| ()),
                None => Ok(()),
            }
        });
        told.map_err(|error| {
            self.error = Some(error);
            Cancelled
        })
    }
}
