//! A file of declared sizes, read in parts. Memory is taken only after the bytes are known to be there.

use crate::SetupError;
use std::fs::{metadata, File};
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

pub(crate) struct Source<'a> {
    path: &'a Path,
    file: File,
    len: u64,
}

impl<'a> Source<'a> {
    pub(crate) fn open(path: &'a Path) -> Result<Self, SetupError> {
        let fail = |error| SetupError::io(path, &error);
        // Asked before opening: opening a pipe waits for whoever writes into it.
        if !metadata(path).map_err(fail)?.is_file() {
            return Err(fail(Error::new(ErrorKind::InvalidInput, "not a regular file")));
        }
        let file = File::open(path).map_err(fail)?;
        let len = file.metadata().map_err(fail)?.len();
        Ok(Self { path, file, len })
    }

    /// Bytes of the file.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// An error unless the file has exactly `expected` bytes.
    pub(crate) fn expect_len(&self, expected: u64) -> Result<(), SetupError> {
        if self.len == expected {
            Ok(())
        } else {
            Err(SetupError::WrongLength { expected, got: self.len })
        }
    }

    /// The `count` bytes at `at`.
    pub(crate) fn bytes(&mut self, at: u64, count: usize) -> Result<Vec<u8>, SetupError> {
        let end = at.saturating_add(count as u64);
        if end > self.len {
            return Err(SetupError::WrongLength { expected: end, got: self.len });
        }
        let mut bytes = vec![0; count];
        let read = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|error| SetupError::io(self.path, &error))?;
        Ok(bytes)
    }

    /// The `N` bytes at `at`.
    pub(crate) fn array<const N: usize>(&mut self, at: u64) -> Result<[u8; N], SetupError> {
        let mut array = [0; N];
        array.copy_from_slice(&self.bytes(at, N)?);
        Ok(array)
    }
}
