//! Exact execution of a training program on private data (docs/protocol.md, sections 1 and 2).
//!
//! [`Dataset`] is the checked table of a participant's records, [`execute`] runs the program on it and returns the [`Trace`]: every
//! column that the prover commits to before the first challenge, and the new weights. Nothing here is secret-independent in time;
//! it runs on the participant's own machine.

mod close;
mod dataset;
mod descent;
mod error;
mod execute;
mod fault;
mod matrix;
mod multiplicities;
mod output;
mod passes;
mod rescale;
mod softmax;
mod tables;
mod weights;

pub use close::CloseTrace;
pub use dataset::Dataset;
pub use error::{DataError, ExecuteError};
pub use execute::{execute, execute_with, Trace};
pub use fault::{Hook, Quantity};
pub use multiplicities::count_multiplicities;
pub use weights::{weight_table, weights_from_table};
