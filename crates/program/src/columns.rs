//! Columns of the trace, lookup units and how they are grouped into helpers.

/// Positions of the trace columns, in transcript order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Number of saturation-distance limbs.
    pub excess_limbs: usize,
    /// Widths of the remainder limbs, lowest first.
    pub limb_bits: Vec<u32>,
    /// Number of lanes (multiplicity columns).
    pub lanes: usize,
    /// Number of helper columns.
    pub helpers: usize,
    /// V: vectors of a column that covers the trace.
    pub vectors: usize,
    /// Which helpers have lanes only, no lookups.
    pub(crate) lane_helpers: Vec<bool>,
}

impl Columns {
    /// Pre-activation, or rescaled backward value.
    pub const Q: usize = 0;
    /// Saturation sign.
    pub const SIGN: usize = 1;
    /// Signed saturation distance.
    pub const EXCESS: usize = 2;

    /// Limb k of the saturation distance.
    pub fn excess_limb(&self, k: usize) -> usize {
        3 + k
    }

    /// Limb k of the remainder.
    pub fn remainder(&self, k: usize) -> usize {
        3 + self.excess_limbs + k
    }

    /// Activation (forward rows) or delta (backward rows).
    pub fn a(&self) -> usize {
        3 + self.excess_limbs + self.limb_bits.len()
    }

    /// Derivative, or delta on output rows.
    pub fn s(&self) -> usize {
        self.a() + 1
    }

    /// Multiplicities of lane p.
    pub fn multiplicity(&self, p: usize) -> usize {
        self.a() + 2 + p
    }

    /// Committed before the lookup challenges.
    pub fn committed_first(&self) -> usize {
        self.a() + 2 + self.lanes
    }

    /// Helper g.
    pub fn helper(&self, g: usize) -> usize {
        self.committed_first() + g
    }

    /// All committed columns.
    pub fn count(&self) -> usize {
        self.committed_first() + self.helpers
    }

    /// Vectors of a column: V, or one if it covers lanes only.
    pub fn vectors(&self, index: usize) -> usize {
        let lanes = self.multiplicity(0)..self.committed_first();
        let helper = index.checked_sub(self.committed_first()).and_then(|g| self.lane_helpers.get(g));
        if lanes.contains(&index) || helper.is_some_and(|&lanes_only| lanes_only) {
            1
        } else {
            self.vectors
        }
    }

    /// Name of a column, for messages.
    pub fn name(&self, index: usize) -> String {
        let (r, a, mu) = (self.remainder(0), self.a(), self.multiplicity(0));
        match index {
            Self::Q => "q".into(),
            Self::SIGN => "sg".into(),
            Self::EXCESS => "ex".into(),
            i if i < r => format!("g{}", i - 3),
            i if i < a => format!("r{}", i - r),
            i if i == a => "a".into(),
            i if i == a + 1 => "s".into(),
            i if i < self.committed_first() => format!("mu{}", i - mu),
            i => format!("h{}", i - self.committed_first()),
        }
    }
}

/// One term of the lookup argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A column looked up in the range of the given tag: `column + gamma tag`.
    Limb {
        /// Column position.
        column: usize,
        /// Tag, the limb's width.
        tag: u64,
    },
    /// A signed column looked up in the range of l bits (datasets): `column + 2^(l-1) + gamma l`.
    Signed {
        /// Column position.
        column: usize,
        /// l.
        bits: u32,
    },
    /// The activation tuple (q, a, s).
    Activation,
    /// Table side of lane p.
    Lane(usize),
}

impl Unit {
    /// What it counts against the group size.
    pub fn weight(self) -> usize {
        match self {
            Self::Activation => 2,
            _ => 1,
        }
    }

    /// Degree of `alpha + x` in one variable; `masked`: when revealed columns carry a quadratic mask in it.
    pub fn degree(self, masked: bool) -> usize {
        match (self, masked) {
            (Self::Activation, false) => 2,
            (Self::Activation, true) => 3,
            (Self::Lane(_), _) | (_, false) => 1,
            (_, true) => 2,
        }
    }
}

/// Units that share one helper column.
pub type Helper = Vec<Unit>;

/// First fit in order: a unit goes into the first helper whose total weight stays at most `group`.
pub(crate) fn group_units(units: impl IntoIterator<Item = Unit>, group: usize) -> Vec<Helper> {
    let mut helpers: Vec<Helper> = Vec::new();
    for unit in units {
        let weight = |h: &Helper| h.iter().map(|u| u.weight()).sum::<usize>();
        match helpers.iter_mut().find(|h| weight(h) + unit.weight() <= group) {
            Some(helper) => helper.push(unit),
            None => helpers.push(vec![unit]),
        }
    }
    helpers
}

/// Fold degrees of S2: all folds but the last, and the last one. `floor` are the degrees that the constraints need.
pub(crate) fn s2_degrees(helpers: &[Helper], floor: (usize, usize)) -> (usize, usize) {
    let degree = |masked| helpers.iter().map(move |h| h.iter().map(|u| u.degree(masked)).sum::<usize>());
    let inner = degree(false).map(|d| d + 2).max().unwrap_or(0).max(floor.0);
    let last = degree(true).map(|d| d + 3).max().unwrap_or(0).max(floor.1);
    (inner, last)
}
