//! Canonical bytes of a program (docs/protocol.md, section 8). Decoding is strict: one encoding per program.

use crate::{Activation, Kernel, Loss, Program, ProgramError};

const MAGIC: &[u8; 4] = b"FPRG";
const VERSION: u16 = 2;

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

    fn flag(&mut self, what: &'static str) -> Result<bool, ProgramError> {
        match self.uint(1)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(ProgramError::Encoding(what)),
        }
    }

    /// Unsigned integers of `bytes` bytes.
    fn sizes<const N: usize>(&mut self, bytes: usize) -> Result<[usize; N], ProgramError> {
        let mut out = [0; N];
        for value in &mut out {
            *value = self.uint(bytes)? as usize;
        }
        Ok(out)
    }

    /// `count` signed 64-bit integers; nothing is allocated before they are there.
    fn signed(&mut self, count: usize) -> Result<Vec<i64>, ProgramError> {
        Ok(self
            .take(count.saturating_mul(8))?
            .chunks_exact(8)
            .map(|v| v.iter().fold(0, |acc, &b| acc << 8 | i64::from(b)))
            .collect())
    }
}

impl Program {
    /// Canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_be_bytes());
        out.extend([self.loss.code(), u8::from(self.one_hot), self.layers() as u8]);
        for &d in &self.dims {
            out.extend((d as u32).to_be_bytes());
        }
        out.extend(self.activations.iter().map(|a| a.code()));
        for n in [self.steps, self.batch, self.blocks] {
            out.extend((n as u32).to_be_bytes());
        }
        for n in [self.bits, self.limb_bits, self.weight_bits, self.activation_bits, self.delta_bits, self.bound_bits] {
            out.push(n as u8);
        }
        out.extend([self.openings as u8, self.group as u8, self.vector_bits as u8]);
        out.extend(self.huber.to_be_bytes());
        out.push(u8::from(self.is_weighted()));
        out.extend(self.loss_weights.iter().flat_map(|w| w.to_be_bytes()));
        match &self.kernel {
            Kernel::Plain(k) => {
                out.push(0);
                out.extend(k.to_be_bytes());
            }
            Kernel::Explicit { fraction_bits, taps, decay } => {
                out.extend([1, *fraction_bits as u8]);
                out.extend(taps.iter().chain(decay).flat_map(|v| v.to_be_bytes()));
            }
        }
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
        let one_hot = r.flag("one-hot flag")?;
        let layers = r.uint(1)? as usize;
        if !(1..=16).contains(&layers) {
            return Err(ProgramError::Encoding("number of layers"));
        }
        let dims = (0..=layers).map(|_| Ok(r.uint(4)? as usize)).collect::<Result<Vec<_>, ProgramError>>()?;
        let activations = (1..layers)
            .map(|_| Activation::from_code(r.uint(1)? as u8).ok_or(ProgramError::Encoding("unknown activation")))
            .collect::<Result<Vec<_>, _>>()?;
        let [steps, batch, blocks] = r.sizes(4)?;
        let [bits, limb_bits, weight_bits, activation_bits, delta_bits, bound_bits] = r.sizes(1)?.map(|n| n as u32);
        let [openings, group, vector_bits] = r.sizes(1)?;
        let huber = r.uint(4)? as u32;
        let weights = match (r.flag("weights flag")?, dims.last()) {
            (true, Some(&outputs)) => outputs.saturating_mul(if one_hot { 1 } else { 2 }),
            _ => 0,
        };
        let loss_weights = r.take(weights.saturating_mul(2))?.chunks_exact(2).map(|w| u16::from_be_bytes([w[0], w[1]])).collect();
        let kernel = if r.flag("kernel")? {
            let fraction_bits = r.uint(1)? as u32;
            Kernel::Explicit { fraction_bits, taps: r.signed(steps)?, decay: r.signed(steps)? }
        } else {
            Kernel::Plain(r.uint(8)?)
        };
        let program = Self {
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
            kernel,
        };
        if !r.0.is_empty() {
            return Err(ProgramError::Encoding("trailing bytes"));
        }
        program.validated()
    }
}
