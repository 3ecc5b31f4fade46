//! Layout of the registration proof of a dataset (docs/protocol.md, section 4).

use crate::columns::{group_units, s2_degrees};
use crate::{Helper, Layout, MaskLayout, Program, Stage, Unit};

/// Columns are the dataset vectors `0..data`, the multiplicities, then the helpers.
#[derive(Debug, Clone)]
pub struct RegistrationLayout {
    /// Dataset vectors.
    pub data: usize,
    /// Lookup units by helper.
    pub helpers: Vec<Helper>,
    /// Mask vector; S1a and S1b are empty.
    pub masks: MaskLayout,
    /// Whether targets are looked up as signed integers (squared error, Huber) rather than checked to be 0 or 2^fd.
    pub targets_in_range: bool,
    /// Whether the targets of a record must be one-hot.
    pub one_hot: bool,
}

impl RegistrationLayout {
    /// Computes the layout.
    pub fn of(p: &Program, layout: &Layout) -> Self {
        let (helpers, masks) = Self::parts(p, layout.data_vectors, layout.vector_bits);
        Self { data: layout.data_vectors, helpers, masks, targets_in_range: !p.loss.classifies(), one_hot: p.one_hot }
    }

    /// Helpers and mask vector for `data` vectors of 2^n cells.
    pub(crate) fn parts(p: &Program, data: usize, n: usize) -> (Vec<Helper>, MaskLayout) {
        let units = (0..data).map(|column| Unit::Signed { column, bits: p.bits }).chain([Unit::Lane(0)]);
        let helpers = group_units(units, p.group);
        let (inner, last) = s2_degrees(&helpers, (4, 6));
        let s2: Vec<usize> = (0..n).map(|v| if v + 1 < n { inner } else { last }).collect();
        let masks = MaskLayout::new([vec![], vec![], s2, vec![2; n]], [0, 0, data + 1 + helpers.len()], &[]);
        (helpers, masks)
    }

    /// Position of the multiplicity column.
    pub fn multiplicity(&self) -> usize {
        self.data
    }

    /// Position of helper g.
    pub fn helper(&self, g: usize) -> usize {
        self.data + 1 + g
    }

    /// Columns whose value is revealed.
    pub fn count(&self) -> usize {
        self.data + 1 + self.helpers.len()
    }

    /// Bytes of a registration proof's body.
    pub fn proof_bytes(&self) -> usize {
        let points = 1 + 1 + self.helpers.len() + 3;
        64 * points + 32 * (self.masks.fold_scalars() + self.masks.value_count(Stage::S2) + 1)
    }
}
