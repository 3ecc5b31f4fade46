//! Lookup tables: segments, the lanes they lie in, and the tables that the key commits to (docs/protocol.md, section 2).

use crate::loss::{clamp_table, exponential_table, sigmoid_table, CLAMP_TAG, EXPONENTIAL_TAG, SIGMOID_TAG};
use crate::{Activation, Program};

/// Most table columns.
pub(crate) const MAX_LANES: usize = 4;

/// What a lookup segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// 0 .. 2^bits - 1.
    Range,
    /// (q + 2^(l-1), a, s) of a hidden activation.
    Hidden(Activation),
    /// (q + 2^(l-1), sigmoid).
    Sigmoid,
    /// (i, exponential of -i).
    Exponential,
    /// (q + 2^(l-1), clamped q).
    Clamp,
}

/// Aligned rows of a table lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Content.
    pub kind: SegmentKind,
    /// Lookup tag.
    pub tag: u64,
    /// log2 of the number of rows.
    pub bits: usize,
    /// Lane.
    pub lane: usize,
    /// First row.
    pub offset: usize,
}

impl Segment {
    /// Whether its values are committed in the key; others have closed forms.
    pub fn is_committed(&self) -> bool {
        match self.kind {
            SegmentKind::Range => false,
            SegmentKind::Hidden(activation) => activation.is_smooth(),
            SegmentKind::Sigmoid | SegmentKind::Exponential | SegmentKind::Clamp => true,
        }
    }

    /// (a, s) of its rows; both empty for ranges, s empty for loss tables.
    pub fn values(&self, p: &Program) -> (Vec<i64>, Vec<i64>) {
        let (l, fa, fd) = (p.bits, p.activation_bits, p.delta_bits);
        match self.kind {
            SegmentKind::Range => (Vec::new(), Vec::new()),
            SegmentKind::Hidden(activation) => activation.table(l, fa),
            SegmentKind::Sigmoid => (sigmoid_table(l, fa, fd), Vec::new()),
            SegmentKind::Exponential => (exponential_table(l, fa), Vec::new()),
            SegmentKind::Clamp => (clamp_table(l, p.huber.into()), Vec::new()),
        }
    }
}

/// A committed table vector of the key: the activations, or the derivatives, of a lane's committed segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyTable {
    /// Lane.
    pub lane: usize,
    /// TS rather than TA.
    pub derivatives: bool,
}

/// Segments in order, not yet placed.
pub(crate) fn list_segments(p: &Program, limb_bits: &[u32]) -> Vec<Segment> {
    let segment = |kind, tag, bits: u32| Segment { kind, tag, bits: bits as usize, lane: 0, offset: 0 };
    let loss = p.loss.segment().map(|kind| {
        let tag = match kind {
            SegmentKind::Exponential => EXPONENTIAL_TAG,
            SegmentKind::Clamp => CLAMP_TAG,
            _ => SIGMOID_TAG,
        };
        segment(kind, tag, p.bits)
    });
    let mut out: Vec<Segment> = loss.into_iter().collect();
    out.push(segment(SegmentKind::Range, p.bits.into(), p.bits));
    let mut kinds = p.activations.clone();
    kinds.sort();
    kinds.dedup();
    out.extend(kinds.into_iter().map(|k| segment(SegmentKind::Hidden(k), k.tag(), p.bits)));
    let mut widths = vec![p.bits];
    for width in [Some(p.limb_bits), limb_bits.last().copied()].into_iter().flatten() {
        if !widths.contains(&width) {
            widths.push(width);
            out.push(segment(SegmentKind::Range, width.into(), width));
        }
    }
    out.sort_by_key(|s| std::cmp::Reverse(s.bits));
    out
}

/// First fit into lanes of 2^n rows; None if more than [`MAX_LANES`] are needed.
pub(crate) fn place_segments(mut segments: Vec<Segment>, n: usize) -> Option<(Vec<Segment>, usize)> {
    let mut used = [0usize; MAX_LANES];
    for s in &mut segments {
        let lane = used.iter().position(|&u| u + (1 << s.bits) <= 1 << n)?;
        s.lane = lane;
        s.offset = used[lane];
        used[lane] += 1 << s.bits;
    }
    let lanes = used.iter().filter(|&&u| u > 0).count();
    Some((segments, lanes))
}

pub(crate) fn list_key_tables(segments: &[Segment], lanes: usize) -> Vec<KeyTable> {
    let any = |lane: usize, smooth: bool| {
        segments.iter().any(|s| s.lane == lane && s.is_committed() && (!smooth || matches!(s.kind, SegmentKind::Hidden(_))))
    };
    (0..lanes)
        .flat_map(|lane| [(lane, false), (lane, true)])
        .filter(|&(lane, derivatives)| any(lane, derivatives))
        .map(|(lane, derivatives)| KeyTable { lane, derivatives })
        .collect()
}
