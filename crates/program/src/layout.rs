//! Everything that follows from a program: regions, records, tables, columns, degrees (docs/protocol.md, section 2).

use crate::columns::{group_units, s2_degrees};
use crate::loss::{clamp_table, exponential_table, sigmoid_table, CLAMP_TAG, EXPONENTIAL_TAG, SIGMOID_TAG};
use crate::{
    log2_ceil, Activation, Bounds, Columns, Helper, Loss, MaskLayout, Program, ProgramError, RegistrationLayout, Stage, Unit,
};

/// Most table columns.
const MAX_LANES: usize = 4;

/// Longest trace: 2^26 rows.
pub(crate) const MAX_ROW_BITS: usize = 26;

/// Longest vector: 2^24 cells.
pub(crate) const MAX_VECTOR_BITS: usize = 24;

/// Most vectors of a dataset, or of the weights.
const MAX_VECTORS: usize = 1024;

/// What a trace region holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// F: pre-activations of a layer.
    Forward,
    /// B: what reaches a hidden layer backwards.
    Backward,
    /// D: deltas that are a rounded product (smooth activations, weighted losses).
    Derivative,
    /// P: exponentials of softmax.
    Exponential,
    /// Q: quotients of softmax.
    Quotient,
    /// H: differences of the Huber loss.
    Difference,
}

/// Aligned rows of one pass of one layer; a row is (t, b, unit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// 1..=L.
    pub layer: usize,
    /// Pass.
    pub direction: Direction,
    /// First row.
    pub offset: usize,
    /// log2 of the number of rows.
    pub bits: usize,
}

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

/// Slots of one record in the dataset table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// log2 of the slots of a record.
    pub bits: usize,
    /// First target slot.
    pub targets: usize,
    /// Slot of the valid flag.
    pub valid: usize,
}

/// Place of a layer in the weight table (input-major).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightRegion {
    /// First cell.
    pub offset: usize,
    /// log2 of the number of cells: I + J.
    pub bits: usize,
}

/// Kind of a contraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermKind {
    /// Forward product of a layer.
    Forward,
    /// Backward product through a layer's weights.
    Backward,
    /// The layer's part of W_out.
    Output,
}

/// One product of S1a or S1b.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Kind.
    pub kind: TermKind,
    /// Layer whose weights it uses, 1..=L.
    pub layer: usize,
}

/// The layout of a program's training proof.
#[derive(Debug, Clone)]
pub struct Layout {
    /// log2 of padded steps.
    pub tb: usize,
    /// log2 of the batch.
    pub bb: usize,
    /// log2 of the number of blocks.
    pub nb: usize,
    /// J_i: unit bits of layer i (index 0 unused).
    pub unit_bits: Vec<usize>,
    /// I_i: input bits of layer i, bias included (index 0 unused).
    pub input_bits: Vec<usize>,
    /// Trace regions in row order.
    pub regions: Vec<Region>,
    /// Rows that regions cover.
    pub trace_rows: usize,
    /// Record slots.
    pub record: Record,
    /// Weight regions, index i-1 for layer i.
    pub weights: Vec<WeightRegion>,
    /// Lookup segments.
    pub segments: Vec<Segment>,
    /// Committed tables, in the key's order.
    pub key_tables: Vec<KeyTable>,
    /// c: log2 of the rows of the trace, idle ones included.
    pub c: usize,
    /// n: log2 of the length of a vector.
    pub vector_bits: usize,
    /// nD.
    pub data_vectors: usize,
    /// nW.
    pub weight_vectors: usize,
    /// Trace columns.
    pub columns: Columns,
    /// Lookup units by helper.
    pub helpers: Vec<Helper>,
    /// Terms of S1a.
    pub terms_a: Vec<Term>,
    /// Terms of S1b.
    pub terms_b: Vec<Term>,
    /// Mask vector.
    pub masks: MaskLayout,
}

impl Record {
    fn of(p: &Program) -> Self {
        let (inputs, outputs) = (1 << log2_ceil(p.dims[0] + 1), 1usize << log2_ceil(p.outputs()));
        let targets = p.dims[0].div_ceil(outputs) * outputs;
        let free = (p.dims[0]..inputs).rev().find(|s| !(targets..targets + outputs).contains(s));
        match free {
            Some(valid) if targets + outputs <= inputs => Self { bits: log2_ceil(inputs), targets, valid },
            _ => {
                let half = inputs.max(2 * outputs);
                Self { bits: log2_ceil(2 * half), targets: half, valid: half + half / 2 }
            }
        }
    }
}

fn place_regions(p: &Program, size: impl Fn(usize) -> usize) -> (Vec<Region>, usize) {
    use Direction::{Backward, Derivative, Difference, Exponential, Forward, Quotient};
    let last = p.layers();
    let exists = |layer: usize, direction| match direction {
        Forward => true,
        Backward => layer < last,
        Derivative => p.has_derivative_region(layer),
        Exponential | Quotient => layer == last && p.loss == Loss::Softmax,
        Difference => layer == last && p.loss == Loss::Huber,
    };
    let mut regions: Vec<Region> = (1..=last)
        .flat_map(|layer| [Forward, Backward, Derivative, Exponential, Quotient, Difference].map(|d| (layer, d)))
        .filter(|&(layer, direction)| exists(layer, direction))
        .map(|(layer, direction)| Region { layer, direction, offset: 0, bits: size(layer) })
        .collect();
    regions.sort_by_key(|r| (std::cmp::Reverse(r.bits), r.layer, r.direction));
    let mut next = 0;
    for r in &mut regions {
        r.offset = next;
        next += 1 << r.bits;
    }
    (regions, next)
}

fn place_weights(input_bits: &[usize], unit_bits: &[usize]) -> (Vec<WeightRegion>, usize) {
    let layers = input_bits.len() - 1;
    let mut order: Vec<usize> = (1..=layers).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(input_bits[i] + unit_bits[i]), i));
    let mut regions = vec![WeightRegion { offset: 0, bits: 0 }; layers];
    let mut next = 0;
    for i in order {
        let bits = input_bits[i] + unit_bits[i];
        regions[i - 1] = WeightRegion { offset: next, bits };
        next += 1 << bits;
    }
    (regions, next)
}

/// Segments in order, not yet placed.
fn list_segments(p: &Program, limb_bits: &[u32]) -> Vec<Segment> {
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
fn place_segments(mut segments: Vec<Segment>, n: usize) -> Option<(Vec<Segment>, usize)> {
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

fn list_key_tables(segments: &[Segment], lanes: usize) -> Vec<KeyTable> {
    let any = |lane: usize, smooth: bool| {
        segments.iter().any(|s| s.lane == lane && s.is_committed() && (!smooth || matches!(s.kind, SegmentKind::Hidden(_))))
    };
    (0..lanes)
        .flat_map(|lane| [(lane, false), (lane, true)])
        .filter(|&(lane, derivatives)| any(lane, derivatives))
        .map(|(lane, derivatives)| KeyTable { lane, derivatives })
        .collect()
}

impl Layout {
    /// The layout of a legal program.
    ///
    /// # Panics
    /// Never: a [`Program`] that exists has a layout (see [`Program::validated`]).
    pub fn of(p: &Program) -> Self {
        Self::find(p).expect("a validated program has a layout")
    }

    /// The layout, or which limit the program misses.
    pub(crate) fn find(p: &Program) -> Result<Self, ProgramError> {
        let layers = p.layers();
        let n = p.vector_bits;
        let short = |why: String| ProgramError::field("vector_bits", why);
        let (tb, bb, nb) = (log2_ceil(p.steps), log2_ceil(p.batch), log2_ceil(p.blocks));
        let unit_bits: Vec<usize> = p.dims.iter().enumerate().map(|(i, &d)| if i == 0 { 0 } else { log2_ceil(d) }).collect();
        let input_bits: Vec<usize> = (0..=layers).map(|i| if i == 0 { 0 } else { log2_ceil(p.dims[i - 1] + 1) }).collect();
        let record = Record::of(p);
        let least = (p.bits.max(p.limb_bits) as usize).max(record.bits);
        if !(least..=MAX_VECTOR_BITS).contains(&n) {
            return Err(short(format!("must be between {least} and {MAX_VECTOR_BITS}, got {n}")));
        }
        let (regions, trace_rows) = place_regions(p, |i| tb + bb + unit_bits[i]);
        let c = n.max(log2_ceil(trace_rows));
        if c > MAX_ROW_BITS {
            return Err(ProgramError::field("steps", format!("the trace needs 2^{c} rows, more than 2^{MAX_ROW_BITS}")));
        }
        let (weights, weight_cells) = place_weights(&input_bits, &unit_bits);
        let (data_vectors, weight_vectors) =
            ((1usize << (nb + bb + record.bits)).div_ceil(1 << n), weight_cells.div_ceil(1 << n));
        if data_vectors.max(weight_vectors) > MAX_VECTORS {
            let most = data_vectors.max(weight_vectors);
            return Err(short(format!("{most} vectors for the dataset or the weights, more than {MAX_VECTORS}: raise it")));
        }
        let limbs = p.scale_bits().div_ceil(p.limb_bits);
        let limb_bits: Vec<u32> =
            (0..limbs).map(|k| if k + 1 < limbs { p.limb_bits } else { p.scale_bits() - p.limb_bits * k }).collect();
        let Some((segments, lanes)) = place_segments(list_segments(p, &limb_bits), n) else {
            return Err(short(format!("the lookup tables need more than {MAX_LANES} lanes: raise it")));
        };
        let key_tables = list_key_tables(&segments, lanes);
        let mut columns = Columns {
            excess_limbs: Bounds::of(p)?.excess_limbs,
            limb_bits,
            lanes,
            helpers: 0,
            vectors: trace_rows.div_ceil(1 << n),
            lane_helpers: Vec::new(),
        };
        let helpers = group_units(training_units(p, &columns), p.group);
        columns.helpers = helpers.len();
        columns.lane_helpers = helpers.iter().map(|h| h.iter().all(|u| matches!(u, Unit::Lane(_)))).collect();
        let term = |kind| move |layer| Term { kind, layer };
        let terms_a: Vec<Term> =
            (1..=layers).map(term(TermKind::Forward)).chain((2..=layers).map(term(TermKind::Backward))).collect();
        let terms_b: Vec<Term> = terms_a.iter().copied().chain((1..=layers).map(term(TermKind::Output))).collect();
        let inner = |t: &Term| if t.kind == TermKind::Forward { input_bits[t.layer] } else { unit_bits[t.layer] };
        let na = tb + terms_a.iter().map(inner).max().unwrap_or(0);
        let masks = training_masks(p, &columns, &helpers, [na, tb + bb, c, n], tb, weight_vectors);
        let (_, registration) = RegistrationLayout::parts(p, data_vectors, n);
        let longest = masks.len().max(registration.len()) + 8;
        if longest > 1 << n {
            return Err(short(format!("the mask vector has {longest} cells, more than 2^{n}: raise it")));
        }
        Ok(Self {
            tb,
            bb,
            nb,
            unit_bits,
            input_bits,
            regions,
            trace_rows,
            record,
            weights,
            segments,
            key_tables,
            c,
            vector_bits: n,
            data_vectors,
            weight_vectors,
            columns,
            helpers,
            terms_a,
            terms_b,
            masks,
        })
    }

    /// N = 2^n: cells of a vector.
    pub fn n(&self) -> usize {
        1 << self.vector_bits
    }

    /// wv: variables that choose a vector of the weights.
    pub fn weight_vector_bits(&self) -> usize {
        log2_ceil(self.weight_vectors)
    }

    /// dv: variables that choose a vector of the dataset.
    pub fn data_vector_bits(&self) -> usize {
        log2_ceil(self.data_vectors)
    }

    /// Variables that choose a vector of a trace column: c - n.
    pub fn row_vector_bits(&self) -> usize {
        self.c - self.vector_bits
    }

    /// Lanes with committed tables, ascending: one revealed value each.
    pub fn table_lanes(&self) -> Vec<usize> {
        self.key_tables.iter().filter(|t| !t.derivatives).map(|t| t.lane).collect()
    }

    /// Cells of a committed table.
    pub fn key_table(&self, p: &Program, table: KeyTable) -> Vec<i64> {
        let mut out = vec![0; self.n()];
        for segment in self.segments.iter().filter(|s| s.lane == table.lane && s.is_committed()) {
            let (a, s) = segment.values(p);
            let values = if table.derivatives { s } else { a };
            out[segment.offset..segment.offset + values.len()].copy_from_slice(&values);
        }
        out
    }

    /// The region of a layer's pass, if it has one.
    pub fn region(&self, layer: usize, direction: Direction) -> Option<&Region> {
        self.regions.iter().find(|r| r.layer == layer && r.direction == direction)
    }

    /// Bits that address the dataset: block, record, slot.
    pub fn data_bits(&self) -> usize {
        self.nb + self.bb + self.record.bits
    }

    /// Inner variables of a term of S1a.
    pub fn inner_bits(&self, term: Term) -> usize {
        match term.kind {
            TermKind::Backward => self.unit_bits[term.layer],
            _ => self.input_bits[term.layer],
        }
    }

    /// Powers of tau that proving needs: the longest committed vector.
    pub fn setup_powers(&self) -> usize {
        let blinds = self.masks.update_blinds().iter().map(|&(_, n)| n).max().unwrap_or(0).max(3);
        self.n() + blinds
    }

    /// Points of a training proof.
    pub fn proof_points(&self) -> usize {
        let columns: usize = (0..self.columns.count()).map(|k| self.columns.vectors(k)).sum();
        columns + self.weight_vectors + 1 + 3
    }

    /// Scalars of a training proof.
    pub fn proof_scalars(&self) -> usize {
        let values: usize = [Stage::S1a, Stage::S1b, Stage::S2].iter().map(|&s| self.masks.value_count(s)).sum();
        self.masks.fold_scalars() + values + 2 + self.table_lanes().len()
    }

    /// Bytes of a training proof's body.
    pub fn proof_bytes(&self) -> usize {
        64 * self.proof_points() + 32 * self.proof_scalars()
    }
}

fn training_units(p: &Program, columns: &Columns) -> Vec<Unit> {
    let limbs = columns.limb_bits.iter().enumerate().map(|(k, &w)| Unit::Limb { column: columns.remainder(k), tag: w.into() });
    let excess = (0..columns.excess_limbs).map(|k| Unit::Limb { column: columns.excess_limb(k), tag: p.limb_bits.into() });
    limbs.chain(excess).chain([Unit::Activation]).chain((0..columns.lanes).map(Unit::Lane)).collect()
}

fn training_masks(
    p: &Program,
    columns: &Columns,
    helpers: &[Helper],
    vars: [usize; 4],
    tb: usize,
    weight_vectors: usize,
) -> MaskLayout {
    let s1 = |n: usize| (0..n).map(|v| if v < tb { 3 } else { 2 } + if v == 0 { 2 } else { 0 }).collect::<Vec<_>>();
    let (inner, last) = s2_degrees(helpers, (4, 7));
    let c = vars[2];
    let s2 = (0..c).map(|v| if v + 1 < c { inner } else { last }).collect();
    let layers = p.layers();
    let values = [2 * (2 * layers - 1), 2 * (3 * layers - 1), columns.count() + 2];
    let blinds: Vec<usize> = (0..weight_vectors).map(|v| if v == 0 { 2 * p.openings + 1 } else { 1 }).collect();
    MaskLayout::new([s1(vars[0]), s1(vars[1]), s2, vec![2; vars[3]]], values, &blinds)
}
