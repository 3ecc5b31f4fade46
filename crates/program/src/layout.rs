//! Everything that follows from a program: regions, records, tables, columns, degrees (docs/protocol.md, section 2).

use crate::columns::{group_units, s2_degrees};
use crate::places::{place_regions, place_weights};
use crate::segments::{list_key_tables, list_segments, place_segments, MAX_LANES};
use crate::{
    log2_ceil, Bounds, Columns, Direction, Helper, KeyTable, MaskLayout, Program, ProgramError, Record, Region,
    RegistrationLayout, Segment, Stage, Unit, WeightRegion,
};

/// Longest trace: 2^26 rows.
pub(crate) const MAX_ROW_BITS: usize = 26;

/// Longest vector: 2^24 cells.
pub(crate) const MAX_VECTOR_BITS: usize = 24;

/// Most vectors of a dataset, or of the weights.
const MAX_VECTORS: usize = 1024;

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
