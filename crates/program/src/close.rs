//! Layout of the round-close proof (docs/protocol.md, section 4a).

use crate::columns::{group_units, s2_degrees};
use crate::{Helper, Layout, MaskLayout, Program, ProgramError, Stage, Unit};

/// Widest limbs.
const MAX_LIMB_BITS: usize = 16;

/// Bits of the number of updates in a round.
const COUNT_BITS: usize = 16;

/// Bits of the distance of a quotient beyond the bound.
const DISTANCE_BITS: usize = 62;

/// Columns are S, W', sg, limbs of the remainder r, of its complement c, of the room w above W', of the distance g, the multiplicities,
/// then the helpers.
#[derive(Debug, Clone)]
pub struct CloseLayout {
    /// Bits of every limb.
    pub limb_bits: usize,
    /// Limbs of the remainder, and of its complement to m - 1.
    pub remainder_limbs: usize,
    /// Limbs of 2^wb - 1 - W'.
    pub room_limbs: usize,
    /// Limbs of the distance.
    pub distance_limbs: usize,
    /// nW.
    pub vectors: usize,
    /// wv: variables that choose a vector.
    pub vector_bits: usize,
    /// Lookup units by helper.
    pub helpers: Vec<Helper>,
    /// Mask vector; S1a and S1b are empty.
    pub masks: MaskLayout,
}

impl CloseLayout {
    /// The sum of the updates.
    pub const SUM: usize = 0;
    /// The next model.
    pub const NEXT: usize = 1;
    /// Where the quotient lies beyond the bound: 1, 0 or -1.
    pub const SIGN: usize = 2;

    /// The layout, unless the program's vectors are too short for its mask vector.
    pub fn of(p: &Program, layout: &Layout) -> Result<Self, ProgramError> {
        let n = layout.vector_bits;
        let limb_bits = n.min(MAX_LIMB_BITS);
        let limbs = |bits: usize| bits.div_ceil(limb_bits);
        let mut out = Self {
            limb_bits,
            remainder_limbs: limbs(COUNT_BITS + p.kernel.fraction_bits() as usize),
            room_limbs: limbs(p.bound_bits as usize + 1),
            distance_limbs: limbs(DISTANCE_BITS),
            vectors: layout.weight_vectors,
            vector_bits: layout.weight_vector_bits(),
            helpers: Vec::new(),
            masks: MaskLayout::new([vec![], vec![], vec![], vec![]], [0; 3], &[]),
        };
        let tag = limb_bits as u64;
        let units = (out.remainder(0)..out.multiplicity()).map(|column| Unit::Limb { column, tag }).chain([Unit::Lane(0)]);
        out.helpers = group_units(units, p.group);
        let (inner, last) = s2_degrees(&out.helpers, (4, 7));
        let c = out.vector_bits + n;
        let s2: Vec<usize> = (0..c).map(|v| if v + 1 < c { inner } else { last }).collect();
        out.masks = MaskLayout::new([vec![], vec![], s2, vec![2; n]], [0, 0, out.count()], &[]);
        let cells = out.masks.len() + 8;
        if cells > layout.n() {
            let why = format!("the mask vector of a round close has {cells} cells, more than 2^{n}: raise it to prove closes");
            return Err(ProgramError::field("vector_bits", why));
        }
        Ok(out)
    }

    /// Limb k of the remainder.
    pub fn remainder(&self, k: usize) -> usize {
        3 + k
    }

    /// Limb k of the remainder's complement to m - 1.
    pub fn complement(&self, k: usize) -> usize {
        self.remainder(self.remainder_limbs) + k
    }

    /// Limb k of the room above W'.
    pub fn room(&self, k: usize) -> usize {
        self.complement(self.remainder_limbs) + k
    }

    /// Limb k of the distance.
    pub fn distance(&self, k: usize) -> usize {
        self.room(self.room_limbs) + k
    }

    /// Position of the multiplicity column.
    pub fn multiplicity(&self) -> usize {
        self.distance(self.distance_limbs)
    }

    /// Position of helper g.
    pub fn helper(&self, g: usize) -> usize {
        self.multiplicity() + 1 + g
    }

    /// Columns whose value is revealed.
    pub fn count(&self) -> usize {
        self.helper(self.helpers.len())
    }

    /// Vectors of a column: one if it covers the lane only.
    pub fn vectors_of(&self, column: usize) -> usize {
        let helper = column.checked_sub(self.helper(0)).and_then(|g| self.helpers.get(g));
        let lane = helper.is_some_and(|units| units.iter().all(|unit| matches!(unit, Unit::Lane(_))));
        if column == self.multiplicity() || lane {
            1
        } else {
            self.vectors
        }
    }

    /// Name of a column, for messages.
    pub fn name(&self, column: usize) -> String {
        match column {
            Self::SUM => "S".into(),
            Self::NEXT => "W'".into(),
            Self::SIGN => "sg".into(),
            k if k < self.complement(0) => format!("r{}", k - self.remainder(0)),
            k if k < self.room(0) => format!("c{}", k - self.complement(0)),
            k if k < self.distance(0) => format!("w{}", k - self.room(0)),
            k if k < self.multiplicity() => format!("g{}", k - self.distance(0)),
            k if k == self.multiplicity() => "mu".into(),
            k => format!("h{}", k - self.helper(0)),
        }
    }

    /// Bytes of a round-close proof's body.
    pub fn proof_bytes(&self) -> usize {
        let columns: usize = (Self::SIGN..self.count()).map(|column| self.vectors_of(column)).sum();
        let points = columns + 1 + 3;
        64 * points + 32 * (self.masks.fold_scalars() + self.masks.value_count(Stage::S2) + 2)
    }
}
