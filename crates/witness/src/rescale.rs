//! Rounding, saturation and their limbs: `X + 2^(F'-1) = (q + ex) 2^F' + rem` (docs/protocol.md, section 2).

use fedproof_program::{Columns, Program};

/// One row's q, sg, ex, g and r.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rescaled {
    /// Saturated value.
    pub(crate) q: i64,
    /// Signed distance that saturation removed.
    pub(crate) excess: i64,
    /// What the limbs g hold besides: 0 but for quotients.
    pub(crate) complement: i128,
    /// What rounding removed, 0..2^F' when honest.
    pub(crate) remainder: i128,
}

impl Rescaled {
    /// Rounds and saturates; None when the distance does not fit 64 bits.
    pub(crate) fn of(program: &Program, x: i128) -> Option<Self> {
        let shifted = x.wrapping_add(1 << (program.scale_bits() - 1));
        let remainder = shifted & ((1 << program.scale_bits()) - 1);
        Some(Self { remainder, ..Self::saturated(program, shifted >> program.scale_bits())? })
    }

    /// Saturates an integer; None when the distance does not fit 64 bits.
    pub(crate) fn saturated(program: &Program, x: i128) -> Option<Self> {
        let min = program.min_value();
        let q = x.clamp(min.into(), (-min - 1).into());
        let excess = i64::try_from(x.wrapping_sub(q)).ok().filter(|&e| e != i64::MIN)?;
        Some(Self { q: q as i64, excess, complement: 0, remainder: 0 })
    }

    /// Another q, paid for by the saturation distance.
    pub(crate) fn with_clamp(self, q: i64) -> Self {
        Self { q, excess: self.excess.saturating_add(self.q).saturating_sub(q), ..self }
    }

    /// Another q, paid for by the remainder.
    pub(crate) fn with_q(self, program: &Program, q: i64) -> Self {
        let paid = (i128::from(self.q) - i128::from(q)) << program.scale_bits();
        Self { q, remainder: self.remainder + paid, ..self }
    }

    /// Writes q, sg, ex, g, r at a row. The top limbs keep whatever exceeds them.
    pub(crate) fn write(&self, program: &Program, at: &Columns, columns: &mut [Vec<i64>], row: usize) {
        columns[Columns::Q][row] = self.q;
        columns[Columns::SIGN][row] = self.excess.signum();
        columns[Columns::EXCESS][row] = self.excess;
        let distance = i128::from(self.excess).abs() - i128::from(self.excess != 0) + self.complement;
        let limb = |value: i128, k: usize, count: usize| {
            let rest = value >> (program.limb_bits as usize * k);
            if k + 1 < count {
                (rest & ((1 << program.limb_bits) - 1)) as i64
            } else {
                rest as i64
            }
        };
        for k in 0..at.excess_limbs {
            columns[at.excess_limb(k)][row] = limb(distance, k, at.excess_limbs);
        }
        for k in 0..at.limb_bits.len() {
            columns[at.remainder(k)][row] = limb(self.remainder, k, at.limb_bits.len());
        }
    }
}
