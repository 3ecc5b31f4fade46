//! Public weight functions in product form: dense for the prover, at one point in O(variables) for the verifier.

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use fedproof_program::Schedule;
use fedproof_sumcheck::{eq, eq_index, eq_table, evaluate, prefix_eq, prefix_sum};

/// A factor over consecutive variables, most significant first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// `[i = value]` over n variables.
    Index(usize, usize),
    /// `eqbits(i, p)`.
    Eq(Vec<Fr>),
    /// `[i < d] eqbits(i, p)`.
    EqBelow(Vec<Fr>, usize),
    /// 1 over n variables.
    Ones(usize),
    /// `[i < d]` over n variables.
    Below(usize, usize),
    /// Explicit values.
    Values(Vec<Fr>),
    /// `base^i` over n variables.
    Powers(Fr, usize),
    /// Blocks of a schedule.
    Schedule(ScheduleWeight),
}

/// `sum_{t<T} E(t) [block = block(t)]`, E = eq(p, .) or 1 (docs/protocol.md, section 3).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScheduleWeight {
    pub schedule: Schedule,
    pub steps: usize,
    pub step_bits: usize,
    pub point: Option<Vec<Fr>>,
}

impl ScheduleWeight {
    fn dense(&self) -> Vec<Fr> {
        let mut out = vec![Fr::zero(); 1 << self.schedule.pi.len()];
        let weights = self.point.as_ref().map(|p| eq_table(p, Fr::one()));
        for t in 0..self.steps {
            out[self.schedule.block(t)] += weights.as_ref().map_or(Fr::one(), |w| w[t]);
        }
        out
    }

    fn at(&self, y: &[Fr]) -> Fr {
        let nb = y.len();
        let bit = |k: usize| {
            let to = usize::from(self.schedule.pi.get(k).copied().unwrap_or_default());
            let value = nb.checked_sub(to + 1).and_then(|i| y.get(i)).copied().unwrap_or_default();
            if self.schedule.beta >> to & 1 == 1 {
                Fr::one() - value
            } else {
                value
            }
        };
        let n = self.step_bits.min(nb);
        let fixed: Fr = (n..nb).map(|k| Fr::one() - bit(k)).product();
        let low: Vec<Fr> = (0..n).rev().map(bit).collect();
        let (epochs, rest) = (self.steps >> n, self.steps & ((1 << n) - 1));
        let Some(point) = &self.point else {
            return fixed * (Fr::from(epochs as u64) + prefix_sum(&low, rest));
        };
        let (p_high, p_low) = point.split_at(point.len().saturating_sub(n));
        let mut total = prefix_sum(p_high, epochs) * eq(p_low, &low);
        if rest > 0 {
            total += eq_index(epochs, p_high) * prefix_eq(p_low, &low, rest);
        }
        fixed * total
    }
}

impl Block {
    fn variables(&self) -> usize {
        match self {
            Self::Index(_, n) | Self::Ones(n) | Self::Below(_, n) | Self::Powers(_, n) => *n,
            Self::Eq(p) | Self::EqBelow(p, _) => p.len(),
            Self::Values(v) => v.len().trailing_zeros() as usize,
            Self::Schedule(s) => s.schedule.pi.len(),
        }
    }

    /// All values times `scale`.
    fn dense(&self, scale: Fr) -> Vec<Fr> {
        let cut = |mut v: Vec<Fr>, d: usize| {
            v.iter_mut().skip(d).for_each(|x| *x = Fr::zero());
            v
        };
        match self {
            Self::Index(value, n) => {
                let mut v = vec![Fr::zero(); 1 << n];
                v[*value] = scale;
                v
            }
            Self::Eq(p) => eq_table(p, scale),
            Self::EqBelow(p, d) => cut(eq_table(p, scale), *d),
            Self::Ones(n) => vec![scale; 1 << n],
            Self::Below(d, n) => cut(vec![scale; 1 << n], *d),
            Self::Values(v) => v.iter().map(|&x| scale * x).collect(),
            Self::Powers(base, n) => std::iter::successors(Some(scale), |p| Some(*p * base)).take(1 << n).collect(),
            Self::Schedule(s) => s.dense().iter().map(|&x| scale * x).collect(),
        }
    }

    /// The block with its first `bits` variables at `value`: a factor and the rest. None if it is zero there.
    fn part(&self, value: usize, bits: usize) -> Option<(Fr, Block)> {
        let rest = self.variables().checked_sub(bits)?;
        let first = value << rest;
        let one = |block| Some((Fr::one(), block));
        match self {
            Self::Index(fixed, _) if fixed >> rest != value => None,
            Self::Index(fixed, _) => one(Self::Index(fixed & ((1 << rest) - 1), rest)),
            Self::Eq(p) => Some((eq_index(value, &p[..bits]), Self::Eq(p[bits..].to_vec()))),
            Self::EqBelow(p, d) => {
                let below = d.checked_sub(first).filter(|&d| d > 0)?;
                Some((eq_index(value, &p[..bits]), Self::EqBelow(p[bits..].to_vec(), below)))
            }
            Self::Ones(_) => one(Self::Ones(rest)),
            Self::Below(d, _) => one(Self::Below(d.checked_sub(first).filter(|&d| d > 0)?, rest)),
            Self::Values(v) if rest == 0 => Some((v[first], Self::Ones(0))),
            Self::Values(v) => one(Self::Values(v[first..first + (1 << rest)].to_vec())),
            Self::Powers(base, _) => Some((base.pow([first as u64]), Self::Powers(*base, rest))),
            Self::Schedule(s) => Self::Values(s.dense()).part(value, bits),
        }
    }

    fn at(&self, r: &[Fr]) -> Fr {
        match self {
            Self::Index(value, _) => eq_index(*value, r),
            Self::Eq(p) => eq(p, r),
            Self::EqBelow(p, d) => prefix_eq(p, r, *d),
            Self::Ones(_) => Fr::one(),
            Self::Below(d, _) => prefix_sum(r, *d),
            Self::Values(v) => evaluate(v, r),
            Self::Powers(base, _) => {
                let mut power = *base;
                r.iter().rev().fold(Fr::one(), |acc, &x| {
                    let factor = Fr::one() - x + x * power;
                    power = power * power;
                    acc * factor
                })
            }
            Self::Schedule(s) => s.at(r),
        }
    }
}

/// A product of blocks over all variables of a table (vector bits, then cell bits).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weight(pub Vec<Block>);

impl Weight {
    /// The weight with its first `bits` variables at `value`: a factor, and what remains. None if it is zero there.
    pub fn part(&self, value: usize, bits: usize) -> Option<(Fr, Weight)> {
        let (mut factor, mut rest, mut left) = (Fr::one(), Vec::new(), bits);
        for block in &self.0 {
            let taken = block.variables().min(left);
            if taken == 0 {
                rest.push(block.clone());
                continue;
            }
            left -= taken;
            let (scale, inner) = block.part((value >> left) & ((1 << taken) - 1), taken)?;
            factor *= scale;
            rest.extend(Some(inner).filter(|b| b.variables() > 0));
        }
        (!factor.is_zero()).then_some((factor, Weight(rest)))
    }

    /// Adds `scale * weight` to a dense table of all cells.
    pub fn add_to(&self, scale: Fr, out: &mut [Fr]) {
        // Leading fixed bits only choose a part of the table.
        let (mut part, mut blocks) = (out, self.0.as_slice());
        while let Some((Block::Index(value, n), rest)) = blocks.split_first() {
            let len = part.len() >> n;
            part = &mut part[value * len..(value + 1) * len];
            blocks = rest;
        }
        let Some((last, blocks)) = blocks.split_last() else { return part.iter_mut().for_each(|o| *o += scale) };
        let mut outer = vec![scale];
        for block in blocks {
            let inner = block.dense(Fr::one());
            let mut next = Vec::with_capacity(outer.len() * inner.len());
            for &factor in &outer {
                if factor.is_zero() {
                    next.resize(next.len() + inner.len(), Fr::zero());
                } else {
                    next.extend(inner.iter().map(|&i| factor * i));
                }
            }
            outer = next;
        }
        match last {
            // One cell in each run of 2^n.
            Block::Index(value, n) => part.iter_mut().skip(*value).step_by(1 << n).zip(&outer).for_each(|(o, f)| *o += f),
            _ if outer.len() == 1 => part.iter_mut().zip(last.dense(outer[0])).for_each(|(o, v)| *o += v),
            _ => {
                let inner = last.dense(Fr::one());
                part.chunks_exact_mut(inner.len()).zip(&outer).filter(|(_, f)| !f.is_zero()).for_each(|(out, &factor)| {
                    out.iter_mut().zip(&inner).filter(|(_, i)| !i.is_zero()).for_each(|(o, i)| *o += factor * i);
                });
            }
        }
    }

    /// Whether it can be nonzero where the first `bits` variables are `value`.
    pub fn touches(&self, value: usize, bits: usize) -> bool {
        let mut left = bits;
        for block in &self.0 {
            let Block::Index(fixed, n) = block else { return true };
            let taken = (*n).min(left);
            left -= taken;
            if fixed >> (n - taken) != (value >> left) & ((1 << taken) - 1) {
                return false;
            }
            if left == 0 {
                return true;
            }
        }
        true
    }

    /// Variables of the table it weighs.
    pub fn variables(&self) -> usize {
        self.0.iter().map(Block::variables).sum()
    }

    /// Value of the multilinear extension at `r`.
    pub fn at(&self, r: &[Fr]) -> Fr {
        let mut rest = r;
        self.0.iter().fold(Fr::one(), |acc, block| {
            let (head, tail) = rest.split_at(block.variables().min(rest.len()));
            rest = tail;
            acc * block.at(head)
        })
    }
}

#[cfg(test)]
mod tests;
