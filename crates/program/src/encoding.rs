//! Canonical bytes of a program (docs/protocol.md, section 8). Decoding is strict: one encoding per program.

use crate::{Activation, Loss, Program, ProgramError};

const MAGIC: &[u8; 4] = b"FPRG";
const VERSION: u16 = 1;

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], ProgramError> {
        if self.0.len() < n {
            return Err(ProgramError::Encoding("too short"));
        }
        let (head, tail) = self.0.split_at(n);
        self.0 = tail;
        Ok(head)
    }

    fn uint(&mut self, n: usize) -> Result<u64, ProgramError> {
        Ok(self.take(n)?.iter().fold(0, |acc, &b| acc << 8 | u64::from(b)))
    }
}

impl Program {
    /// Canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_be_bytes());
        out.push(self.loss.code());
        out.push(self.layers() as u8);
        for &d in &self.dims {
            out.extend((d as u32).to_be_bytes());
        }
        out.extend(self.activations.iter().map(|a| a.code()));
        for n in [self.steps, self.batch, self.blocks] {
            out.extend((n as u32).to_be_bytes());
        }
        for n in [self.bits, self.weight_bits, self.activation_bits, self.delta_bits] {
            out.push(n as u8);
        }
        out.extend(self.rate.to_be_bytes());
        out.extend([self.bound_bits as u8, self.openings as u8, self.group as u8]);
        out
    }

    /// Decodes and validates; rejects anything but the canonical bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProgramError> {
        let mut r = Reader(bytes);
        if r.take(4)? != MAGIC {
            return Err(ProgramError::Encoding("not a program (magic bytes)"));
        }
        if r.uint(2)? != u64::from(VERSION) {
            return Err(ProgramError::Encoding("unsupported version"));
        }
        let loss = Loss::from_code(r.uint(1)? as u8).ok_or(ProgramError::Encoding("unknown loss"))?;
        let layers = r.uint(1)? as usize;
        if !(1..=16).contains(&layers) {
            return Err(ProgramError::Encoding("number of layers"));
        }
        let dims = (0..=layers).map(|_| Ok(r.uint(4)? as usize)).collect::<Result<Vec<_>, ProgramError>>()?;
        let activations = (1..layers)
            .map(|_| Activation::from_code(r.uint(1)? as u8).ok_or(ProgramError::Encoding("unknown activation")))
            .collect::<Result<Vec<_>, _>>()?;
        let program = Self {
            loss,
            dims,
            activations,
            steps: r.uint(4)? as usize,
            batch: r.uint(4)? as usize,
            blocks: r.uint(4)? as usize,
            bits: r.uint(1)? as u32,
            weight_bits: r.uint(1)? as u32,
            activation_bits: r.uint(1)? as u32,
            delta_bits: r.uint(1)? as u32,
            rate: r.uint(8)?,
            bound_bits: r.uint(1)? as u32,
            openings: r.uint(1)? as usize,
            group: r.uint(1)? as usize,
        };
        if !r.0.is_empty() {
            return Err(ProgramError::Encoding("trailing bytes"));
        }
        program.validated()
    }
}
