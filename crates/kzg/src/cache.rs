//! The own file format.
use crate::{Setup, SetupError};
use std::path::Path;
pub(crate) fn save(_setup: &Setup, path: &Path) -> Result<(), SetupError> {
    Err(SetupError::io(
        path,
        &std::io::Error::from(std::io::ErrorKind::Unsupported),
    ))
}
pub(crate) fn load(path: &Path) -> Result<Setup, SetupError> {
    Err(SetupError::io(
        path,
        &std::io::Error::from(std::io::ErrorKind::Unsupported),
    ))
}
