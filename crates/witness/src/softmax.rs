//! Softmax in integers: exponentials below the maximum, their sum, rounded quotients (docs/protocol.md, section 1).

use crate::execute::Run;
use crate::rescale::Rescaled;
use crate::Quantity;
use fedproof_program::{Columns, Direction, SegmentKind};

impl Run<'_> {
    /// Predictions from the pre-activations `q`, both (B, 2^J_L); fills the P and Q rows.
    pub(crate) fn softmax(&mut self, t: usize, q: &[i64]) -> Vec<i64> {
        let last = self.program.layers();
        let (width, used) = (1usize << self.layout.unit_bits[last], self.program.outputs());
        let exponentials = self.exponentials(t, q);
        let sum = |row: &[i64]| row[..used].iter().fold(0i64, |sum, &e| sum.wrapping_add(e));
        let mut sums: Vec<i64> = exponentials.chunks_exact(width).flat_map(|row| vec![sum(row); width]).collect();
        let mut copies = exponentials;
        self.fault(Quantity::ExponentialCopy, last, t, &mut copies);
        self.fault(Quantity::Sum, last, t, &mut sums);
        self.quotients(t, &copies, &sums)
    }

    /// e_j; 2^fe on padded units.
    fn exponentials(&mut self, t: usize, q: &[i64]) -> Vec<i64> {
        let last = self.program.layers();
        let (width, used) = (1usize << self.layout.unit_bits[last], self.program.outputs());
        let min = self.program.min_value();
        let mut exponents = vec![0; q.len()];
        let mut marks = vec![0; q.len()];
        for (row, q) in q.chunks_exact(width).enumerate() {
            let largest = q[..used].iter().copied().max().unwrap_or(0);
            let first = q.iter().position(|&v| v == largest).unwrap_or(0);
            marks[row * width + first] = 1;
            let live = &mut exponents[row * width..][..used];
            live.iter_mut().zip(q).for_each(|(e, &q)| *e = largest.wrapping_sub(q));
        }
        self.fault(Quantity::Exponent, last, t, &mut exponents);
        let shifted: Vec<i64> = exponents.iter().map(|e| e.wrapping_add(min)).collect();
        let table = self.tables.get(SegmentKind::Exponential);
        let mut exponentials: Vec<i64> = shifted.iter().map(|&q| table.at(q).0).collect();
        self.fault(Quantity::Exponential, last, t, &mut exponentials);
        self.fault(Quantity::Mark, last, t, &mut marks);
        let row = self.row(last, Direction::Exponential, t);
        self.write(Columns::Q, row, &shifted);
        self.write(self.layout.columns.a(), row, &exponentials);
        self.write(self.layout.columns.s(), row, &marks);
        exponentials
    }

    /// `floor((2^(fd+1) e + S) / (2 S))`.
    fn quotients(&mut self, t: usize, exponentials: &[i64], sums: &[i64]) -> Vec<i64> {
        let last = self.program.layers();
        let pairs = exponentials.iter().zip(sums).map(|(&e, &s)| (i128::from(e), i128::from(s)));
        let pairs: Vec<(i128, i128)> = pairs.map(|(e, s)| ((e << (self.program.delta_bits + 1)) + s, 2 * s)).collect();
        // A divisor of zero comes from a fault only.
        let mut quotients: Vec<i64> = pairs.iter().map(|&(num, den)| num.checked_div_euclid(den).unwrap_or(0) as i64).collect();
        self.fault(Quantity::Quotient, last, t, &mut quotients);
        let remainder = |(&(num, den), &q): (&(i128, i128), &i64)| num.wrapping_sub(den.wrapping_mul(q.into()));
        let mut remainders: Vec<i128> = pairs.iter().zip(&quotients).map(remainder).collect();
        self.add_fault(Quantity::Remainder, last, t, &mut remainders);
        let mut complements: Vec<i128> = pairs.iter().zip(&remainders).map(|(&(_, den), r)| den - 1 - r).collect();
        self.add_fault(Quantity::Complement, last, t, &mut complements);
        let limbs = remainders.into_iter().zip(complements);
        let cells: Vec<Rescaled> = quotients
            .iter()
            .zip(limbs)
            .map(|(&q, (remainder, complement))| Rescaled { q, excess: 0, complement, remainder })
            .collect();
        self.place(&cells, last, Direction::Quotient, t);
        let row = self.row(last, Direction::Quotient, t);
        self.write(self.layout.columns.a(), row, exponentials);
        self.write(self.layout.columns.s(), row, sums);
        quotients
    }
}
