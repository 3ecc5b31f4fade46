//! Lookups and their multiplicities, tuple by tuple.

use crate::checker::Checker;
use fedproof_program::{Columns, Direction, Loss, Region, Unit};
use std::collections::BTreeMap;

impl Checker<'_> {
    /// Lane, row and tuple of every table row.
    fn table(&self) -> Vec<(usize, usize, [i128; 4])> {
        let cell = |cells: &[i64], k: usize| i128::from(cells.get(k).copied().unwrap_or(0));
        let mut rows = vec![];
        for s in &self.case.layout.segments {
            let (a, derivatives) = s.values(&self.case.program);
            rows.extend(
                (0..1usize << s.bits)
                    .map(|k| (s.lane, s.offset + k, [s.tag.into(), k as i128, cell(&a, k), cell(&derivatives, k)])),
            );
        }
        rows
    }

    /// What a unit looks up on a row.
    fn tuple(&self, unit: Unit, region: &Region, row: usize) -> Option<[i128; 4]> {
        let (p, columns) = (&self.case.program, &self.case.layout.columns);
        let q = self.at(Columns::Q, row) + (1i128 << (p.bits - 1));
        let (a, s) = (self.at(columns.a(), row), self.at(columns.s(), row));
        match unit {
            Unit::Limb { column, tag } => Some([tag.into(), self.at(column, row), 0, 0]),
            Unit::Activation => Some(match region.direction {
                Direction::Forward if region.layer < p.layers() => {
                    [32 + i128::from(p.activations[region.layer - 1].code()), q, a, s]
                }
                Direction::Forward if p.loss == Loss::Sigmoid => [48, q, a, 0],
                Direction::Exponential => [50, q, a, 0],
                Direction::Difference => [51, q, a, 0],
                _ => [p.bits.into(), q, 0, 0],
            }),
            _ => None,
        }
    }

    /// Multiplicities are exact and every tuple is in a table.
    pub fn multiplicities(&mut self) {
        let layout = &self.case.layout;
        let mut looked_up = BTreeMap::<[i128; 4], i64>::new();
        for region in &layout.regions {
            for row in region.offset..region.offset + (1 << region.bits) {
                for unit in layout.helpers.iter().flatten() {
                    if let Some(tuple) = self.tuple(*unit, region, row) {
                        *looked_up.entry(tuple).or_default() += 1;
                    }
                }
            }
        }
        let mut expected = vec![vec![0i64; layout.n()]; layout.columns.lanes];
        for (lane, row, tuple) in self.table() {
            expected[lane][row] = looked_up.remove(&tuple).unwrap_or(0);
        }
        let found = (0..layout.columns.lanes).map(|p| &self.trace.columns[layout.columns.multiplicity(p)]);
        let same = found.eq(expected.iter());
        self.require(same, "multiplicity");
        self.require(looked_up.is_empty(), "lookup");
    }
}
