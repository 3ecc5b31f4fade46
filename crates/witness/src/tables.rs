//! Values of the lookup segments, computed once.

use fedproof_program::{Layout, Program, SegmentKind};

/// (a, s) of every segment, in the layout's order; empty where the segment has none.
pub(crate) struct Tables {
    half: i64,
    segments: Vec<(SegmentKind, Vec<i64>, Vec<i64>)>,
}

/// One segment's values.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    half: i64,
    a: &'a [i64],
    s: &'a [i64],
}

impl Tables {
    pub(crate) fn of(program: &Program, layout: &Layout) -> Self {
        let values = layout.segments.iter().map(|segment| {
            let (a, s) = segment.values(program);
            (segment.kind, a, s)
        });
        Self { half: -program.min_value(), segments: values.collect() }
    }

    /// The table of a kind; empty if no segment has it.
    pub(crate) fn get(&self, kind: SegmentKind) -> Table<'_> {
        let found = self.segments.iter().find(|(k, ..)| *k == kind);
        let (a, s) = found.map_or((&[][..], &[][..]), |(_, a, s)| (a, s));
        Table { half: self.half, a, s }
    }
}

impl Table<'_> {
    /// (a, s) of a signed l-bit integer; beyond the table (only after a fault) those of its nearest end, 0 for what it lacks.
    pub(crate) fn at(&self, q: i64) -> (i64, i64) {
        let index = q.saturating_add(self.half).clamp(0, 2 * self.half - 1) as usize;
        let value = |cells: &[i64]| cells.get(index).copied().unwrap_or(0);
        (value(self.a), value(self.s))
    }

    /// Whether (q, a, s) stands in the table, as far as it has values.
    pub(crate) fn holds(&self, q: i64, a: i64, s: i64) -> bool {
        let index = usize::try_from(q.wrapping_add(self.half)).ok();
        let agrees = |cells: &[i64], value| cells.is_empty() || index.and_then(|i| cells.get(i)) == Some(&value);
        agrees(self.a, a) && agrees(self.s, s)
    }
}
