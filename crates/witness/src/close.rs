//! The columns of a round-close proof: division by the number of updates, clipping to the bound (docs/protocol.md, section 4a).

use crate::weights::weight_table;
use fedproof_program::{CloseLayout, Layout, Program, Weights};
use rayon::prelude::*;

/// Cells of one parallel task.
const CHUNK: usize = 4096;

/// Every column that the prover has before the first challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseTrace {
    /// S, W', sg, limbs of r, c, w, g (nW N cells each), then the multiplicities (N cells).
    pub columns: Vec<Vec<i64>>,
}

/// One cell of a round's close.
struct Cell {
    next: i64,
    sign: i64,
    remainder: i64,
    distance: i64,
}

/// `floor((sum + floor(m / 2)) / m)`, clipped to +-most. m > 0.
fn close(sum: i64, m: i64, most: i64) -> Cell {
    // sum = q m + rest, so nothing leaves 64 bits; a carry needs m > 1.
    let rounded = sum.rem_euclid(m) as u64 + m as u64 / 2;
    let carry = i64::from(rounded >= m as u64);
    let quotient = sum.div_euclid(m) + carry;
    let next = quotient.clamp(-most, most);
    let sign = i64::from(quotient > most) - i64::from(quotient < -most);
    let distance = if sign == 0 { next + most } else { (quotient.unsigned_abs() - most as u64 - 1) as i64 };
    Cell { next, sign, remainder: (rounded - m as u64 * carry as u64) as i64, distance }
}

impl CloseTrace {
    /// Of the sum of `count` updates, 1 <= count < 2^16, at scale 2^F'.
    pub fn new(program: &Program, layout: &Layout, shape: &CloseLayout, sum: &Weights, count: u64) -> Self {
        let m = (count as i64) << program.kernel.fraction_bits();
        let most = (1i64 << program.bound_bits) - 1;
        let sum = weight_table(program, layout, sum);
        let column = |of: &(dyn Fn(Cell) -> i64 + Sync)| -> Vec<i64> {
            sum.par_iter().with_min_len(CHUNK).map(|&s| of(close(s, m, most))).collect()
        };
        let mask = (1i64 << shape.limb_bits) - 1;
        let limb = |value: i64, k: usize| value >> (shape.limb_bits * k) & mask;
        let mut columns = vec![column(&|cell| cell.next), column(&|cell| cell.sign)];
        columns.extend((0..shape.remainder_limbs).map(|k| column(&|cell| limb(cell.remainder, k))));
        columns.extend((0..shape.remainder_limbs).map(|k| column(&|cell| limb(m - 1 - cell.remainder, k))));
        columns.extend((0..shape.room_limbs).map(|k| column(&|cell| limb(most - cell.next, k))));
        columns.extend((0..shape.distance_limbs).map(|k| column(&|cell| limb(cell.distance, k))));
        columns.insert(CloseLayout::SUM, sum);
        columns.push(vec![0; layout.n()]);
        let mut out = Self { columns };
        out.count_limbs(shape);
        out
    }

    /// Fills the multiplicities from the other columns; limbs out of range (only a cheating prover has them) are skipped.
    pub fn count_limbs(&mut self, shape: &CloseLayout) {
        let limbs = &self.columns[shape.remainder(0)..shape.multiplicity()];
        let rows = 1usize << shape.limb_bits;
        let counted: Vec<Vec<i64>> = limbs
            .par_iter()
            .map(|column| {
                let mut counts = vec![0; rows];
                for &limb in column {
                    if let Some(count) = usize::try_from(limb).ok().and_then(|row| counts.get_mut(row)) {
                        *count += 1;
                    }
                }
                counts
            })
            .collect();
        let total = &mut self.columns[shape.multiplicity()];
        total.fill(0);
        counted.iter().for_each(|counts| total.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count));
    }
}

#[cfg(test)]
mod tests {
    use super::close;

    #[test]
    fn a_cell_is_what_the_protocol_says() {
        let sums =
            [0, 1, -1, 2, 3, -2, -3, 100, -100, 12_345, i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1, 1 << 62, -(1 << 62)];
        for m in [1, 2, 3, 4, 7, 65_535, 65_535 << 32] {
            for most in [0, 1, 15, (1 << 56) - 1] {
                for sum in sums {
                    let cell = close(sum, m, most);
                    let (wide, m, most) = (i128::from(sum), i128::from(m), i128::from(most));
                    let quotient = (wide + m / 2).div_euclid(m);
                    assert_eq!(i128::from(cell.next), quotient.clamp(-most, most), "{sum} / {m}");
                    assert_eq!(i128::from(cell.remainder), (wide + m / 2).rem_euclid(m));
                    let (sign, distance) = (i128::from(cell.sign), i128::from(cell.distance));
                    assert!(distance >= 0);
                    if sign == 0 {
                        assert_eq!(distance, quotient + most);
                    } else {
                        assert_eq!(i128::from(cell.next) + sign * (1 + distance), quotient);
                    }
                }
            }
        }
    }
}
