//! Everything that follows from a program: regions, records, tables, columns, degrees (docs/protocol.md, section 2).

use crate::activation::SIGMOID_TAG;
use crate::columns::{group_units, s2_degrees};
use crate::{log2_ceil, Activation, Bounds, Columns, Helper, Loss, MaskLayout, Program, RegistrationLayout, Stage, Unit};

/// Most table columns.
const MAX_LANES: usize = 4;

/// Longest vector: 2^26 cells.
pub(crate) const MAX_ROW_BITS: usize = 26;

/// Most vectors of a dataset, or of the weights: 256.
const MAX_VECTOR_BITS: usize = 8;

/// Which pass a trace region holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Pre-activations of a layer.
    Forward,
    /// Deltas of a hidden layer.
    Backward,
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
    /// (q + 2^(l-1), sigmoid table).
    Sigmoid,
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
    /// log2 of rows and of the vector length.
    pub c: usize,
    /// log2 of the number of dataset vectors.
    pub data_vector_bits: usize,
    /// log2 of the number of weight vectors.
    pub weight_vector_bits: usize,
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
    let mut regions: Vec<Region> = (1..=p.layers())
        .flat_map(|layer| [(layer, Direction::Forward), (layer, Direction::Backward)])
        .filter(|&(layer, d)| d == Direction::Forward || layer < p.layers())
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
    let l = p.bits as usize;
    let segment = |kind, tag, bits| Segment { kind, tag, bits, lane: 0, offset: 0 };
    let mut out = Vec::new();
    if p.loss == Loss::Sigmoid {
        out.push(segment(SegmentKind::Sigmoid, SIGMOID_TAG, l));
    }
    out.push(segment(SegmentKind::Range, u64::from(p.bits), l));
    let mut kinds = p.activations.clone();
    kinds.sort();
    kinds.dedup();
    out.extend(kinds.into_iter().map(|k| segment(SegmentKind::Hidden(k), k.tag(), l)));
    let top = limb_bits.last().copied().unwrap_or(p.bits);
    if top != p.bits {
        out.push(segment(SegmentKind::Range, u64::from(top), top as usize));
    }
    out
}

/// First fit into lanes of 2^c rows; None if more than [`MAX_LANES`] are needed.
fn place_segments(mut segments: Vec<Segment>, c: usize) -> Option<(Vec<Segment>, usize)> {
    let mut used = [0usize; MAX_LANES];
    for s in &mut segments {
        let lane = used.iter().position(|&u| u + (1 << s.bits) <= 1 << c)?;
        s.lane = lane;
        s.offset = used[lane];
        used[lane] += 1 << s.bits;
    }
    let lanes = used.iter().filter(|&&u| u > 0).count();
    Some((segments, lanes))
}

impl Layout {
    /// The layout of a legal program.
    ///
    /// # Panics
    /// Never: a [`Program`] that exists has a layout (see [`Program::validated`]).
    pub fn of(p: &Program) -> Self {
        Self::find(p).expect("a validated program has a layout")
    }

    /// The layout, if the program fits 2^26 rows.
    pub(crate) fn find(p: &Program) -> Option<Self> {
        let layers = p.layers();
        let (tb, bb, nb) = (log2_ceil(p.steps), log2_ceil(p.batch), log2_ceil(p.blocks));
        let unit_bits: Vec<usize> = p.dims.iter().enumerate().map(|(i, &d)| if i == 0 { 0 } else { log2_ceil(d) }).collect();
        let input_bits: Vec<usize> = (0..=layers).map(|i| if i == 0 { 0 } else { log2_ceil(p.dims[i - 1] + 1) }).collect();
        let (regions, trace_rows) = place_regions(p, |i| tb + bb + unit_bits[i]);
        let (weights, weight_cells) = place_weights(&input_bits, &unit_bits);
        let record = Record::of(p);
        let excess_limbs = Bounds::of(p).map_or(1, |b| b.excess_limbs);
        let limbs = p.weight_bits.div_ceil(p.bits);
        let limb_bits: Vec<u32> = (0..limbs).map(|k| if k + 1 < limbs { p.bits } else { p.weight_bits - p.bits * k }).collect();
        let listed = list_segments(p, &limb_bits);
        let term = |kind| move |layer| Term { kind, layer };
        let terms_a: Vec<Term> =
            (1..=layers).map(term(TermKind::Forward)).chain((2..=layers).map(term(TermKind::Backward))).collect();
        let terms_b: Vec<Term> = terms_a.iter().copied().chain((1..=layers).map(term(TermKind::Output))).collect();
        let na = tb
            + terms_a
                .iter()
                .map(|t| if t.kind == TermKind::Forward { input_bits[t.layer] } else { unit_bits[t.layer] })
                .max()
                .unwrap_or(0);
        let (data_bits, weight_bits) = (nb + bb + record.bits, log2_ceil(weight_cells));
        let fixed = |c: usize| {
            let (data_vector_bits, weight_vector_bits) = (data_bits.saturating_sub(c), weight_bits.saturating_sub(c));
            if data_vector_bits.max(weight_vector_bits) > MAX_VECTOR_BITS {
                return None;
            }
            let (segments, lanes) = place_segments(listed.clone(), c)?;
            let mut columns = Columns { excess_limbs, limb_bits: limb_bits.clone(), lanes, helpers: 0 };
            let helpers = group_units(training_units(p, &columns), p.group);
            columns.helpers = helpers.len();
            let masks = training_masks(p, &columns, &helpers, [na, tb + bb, c], tb, 1 << weight_vector_bits);
            let (_, registration) = RegistrationLayout::parts(p, 1 << data_vector_bits, c);
            (masks.len().max(registration.len()) + 8 <= 1 << c).then_some((
                c,
                data_vector_bits,
                weight_vector_bits,
                segments,
                columns,
                helpers,
                masks,
            ))
        };
        let least = (p.bits as usize).max(bb + record.bits).max(log2_ceil(trace_rows));
        let (c, data_vector_bits, weight_vector_bits, segments, columns, helpers, masks) =
            (least..=MAX_ROW_BITS).find_map(fixed)?;
        Some(Self {
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
            c,
            data_vector_bits,
            weight_vector_bits,
            columns,
            helpers,
            terms_a,
            terms_b,
            masks,
        })
    }

    /// N = C = 2^c.
    pub fn n(&self) -> usize {
        1 << self.c
    }

    /// Dataset vectors.
    pub fn data_vectors(&self) -> usize {
        1 << self.data_vector_bits
    }

    /// Weight vectors.
    pub fn weight_vectors(&self) -> usize {
        1 << self.weight_vector_bits
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

    /// Bytes of a training proof's body.
    pub fn proof_bytes(&self, has_table: bool) -> usize {
        let points = self.columns.count() + self.weight_vectors() + 1 + 3;
        let values: usize = [Stage::S1a, Stage::S1b, Stage::S2].iter().map(|&s| self.masks.value_count(s)).sum();
        64 * points + 32 * (self.masks.fold_scalars() + values + 2 + usize::from(has_table))
    }
}

fn training_units(p: &Program, columns: &Columns) -> Vec<Unit> {
    let limbs = columns.limb_bits.iter().enumerate().map(|(k, &w)| Unit::Limb { column: columns.remainder(k), tag: w.into() });
    let excess = (0..columns.excess_limbs).map(|k| Unit::Limb { column: columns.excess_limb(k), tag: p.bits.into() });
    limbs.chain(excess).chain([Unit::Activation]).chain((0..columns.lanes).map(Unit::Lane)).collect()
}

fn training_masks(
    p: &Program,
    columns: &Columns,
    helpers: &[Helper],
    vars: [usize; 3],
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
    MaskLayout::new([s1(vars[0]), s1(vars[1]), s2, vec![2; c]], values, &blinds)
}
