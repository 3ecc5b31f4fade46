//! Lookups and their multiplicities, tuple by tuple.

use crate::checker::Checker;
use fedproof_program::{sigmoid_table, Activation, Columns, Direction, Loss, Region, SegmentKind, Unit};
use std::collections::BTreeMap;

impl Checker<'_> {
    /// Tag and tuple of every table row.
    fn table(&self) -> Vec<(usize, usize, [i128; 4])> {
        let p = &self.case.program;
        let half = 1i128 << (p.bits - 1);
        let sigmoid = sigmoid_table(p.bits, p.activation_bits, p.delta_bits);
        let rows = self.case.layout.segments.iter().flat_map(|s| (0..1usize << s.bits).map(move |k| (s, k)));
        rows.map(|(s, k)| {
            let (index, tag) = (k as i128, i128::from(s.tag));
            let q = index - half;
            let tuple = match s.kind {
                SegmentKind::Range => [tag, index, 0, 0],
                SegmentKind::Sigmoid => [tag, index, sigmoid[k].into(), 0],
                SegmentKind::Hidden(Activation::Identity) => [tag, index, q, 1],
                SegmentKind::Hidden(Activation::Relu) => [tag, index, q.max(0), i128::from(q > 0)],
            };
            (s.lane, s.offset + k, tuple)
        })
        .collect()
    }

    /// What a unit looks up on a row.
    fn tuple(&self, unit: Unit, region: &Region, row: usize) -> Option<[i128; 4]> {
        let (p, columns) = (&self.case.program, &self.case.layout.columns);
        let q = self.at(Columns::Q, row) + (1i128 << (p.bits - 1));
        let (a, s) = (self.at(columns.a(), row), self.at(columns.s(), row));
        let forward = region.direction == Direction::Forward;
        match unit {
            Unit::Limb { column, tag } => Some([tag.into(), self.at(column, row), 0, 0]),
            Unit::Activation if forward && region.layer < p.layers() => {
                Some([32 + i128::from(p.activations[region.layer - 1].code()), q, a, s])
            }
            Unit::Activation if forward && p.loss == Loss::Sigmoid => Some([48, q, a, 0]),
            Unit::Activation => Some([p.bits.into(), q, 0, 0]),
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
