//! Progress and interruption of a prover.

/// The caller asked the prover to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Told at the start of each phase.
pub trait Progress {
    /// `fraction` of the whole work is done. An error stops the prover.
    fn phase(&mut self, name: &'static str, fraction: f32) -> Result<(), Cancelled>;
}

/// Reports nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&mut self, _name: &'static str, _fraction: f32) -> Result<(), Cancelled> {
        Ok(())
    }
}
