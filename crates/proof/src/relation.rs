//! Linear relations between private vectors, batched by powers of xi (docs/protocol.md, section 3).

use crate::part::Part;
use crate::weight::Weight;
use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use fedproof_program::{MaskLayout, Stage};
use fedproof_sumcheck::bit_point;

/// A committed table: one or several vectors of N cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Table {
    /// A column of the trace, of the registration or of the round-close proof, helpers included.
    Column(usize),
    /// The dataset.
    Data,
    /// W_0.
    Start,
    /// W_out.
    Update,
    /// A table vector of the key.
    Key(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub table: Table,
    pub coefficient: Fr,
    pub weight: usize,
}

/// `sum_entries coefficient <weight, table> + <m, mask> = target`: the sum of all relations, the i-th times xi^i.
#[derive(Debug, Clone)]
pub(crate) struct Relations {
    pub entries: Vec<Entry>,
    pub weights: Vec<Weight>,
    pub mask: Vec<Fr>,
    pub target: Fr,
    xi: Fr,
    power: Option<Fr>,
    base: Fr,
    factor: Fr,
    removed: Option<Part>,
    broken: bool,
}

impl Relations {
    pub fn new(xi: Fr, mask_length: usize) -> Self {
        Self {
            entries: Vec::new(),
            weights: Vec::new(),
            mask: vec![Fr::zero(); mask_length],
            target: Fr::zero(),
            xi,
            power: None,
            base: Fr::one(),
            factor: Fr::one(),
            removed: None,
            broken: false,
        }
    }

    /// Leaves out a kind of relation: for tests, see [`Part`].
    pub fn without(self, removed: Option<Part>) -> Self {
        Self { removed, ..self }
    }

    /// Starts the next relation, with this right-hand side.
    pub fn begin(&mut self, part: Part, target: Fr) {
        let power = self.power.map_or(Fr::one(), |p| p * self.xi);
        self.power = Some(power);
        self.base = if self.removed == Some(part) { Fr::zero() } else { power };
        self.factor = self.base;
        self.target += self.base * target;
    }

    /// What follows in this relation is multiplied by `k`.
    pub fn scale(&mut self, k: Fr) {
        self.factor = self.base * k;
    }

    /// Fails closed: something the layout promises is not there, so no proof of these relations may be accepted.
    pub fn require(&mut self, holds: bool) {
        self.broken |= !holds;
    }

    /// A weight function that entries refer to.
    pub fn weight(&mut self, weight: Weight) -> usize {
        self.weights.push(weight);
        self.weights.len() - 1
    }

    /// Adds `coefficient <weight, table>`.
    pub fn table(&mut self, table: Table, coefficient: Fr, weight: usize) {
        let coefficient = self.factor * coefficient;
        if !coefficient.is_zero() {
            self.entries.push(Entry { table, coefficient, weight });
        }
    }

    /// Adds `coefficient m[index]`.
    pub fn mask(&mut self, index: usize, coefficient: Fr) {
        if let Some(cell) = self.mask.get_mut(index) {
            *cell += self.factor * coefficient;
        }
    }

    /// Adds a constant to the left-hand side.
    pub fn constant(&mut self, value: Fr) {
        self.target -= self.factor * value;
    }

    /// The relation "revealed value k of `stage` = T~(point) + m x (1 - x)"; T~ follows by [`Relations::table`].
    pub fn value(&mut self, masks: &MaskLayout, stage: Stage, k: usize, value: Fr, masked_variable: Fr) {
        self.begin(Part::value(stage), value);
        self.mask(masks.value(stage, k), masked_variable * (Fr::one() - masked_variable));
    }

    /// The closing of a sumcheck up to its linear sum: `rest = g(r) - 2^-n (Lin + sigma)`. Leaves the factor at -2^-n, so that
    /// what follows in this relation is Lin.
    pub fn closing(&mut self, masks: &MaskLayout, stage: Stage, r: &[Fr], rest: Fr) {
        self.begin(Part::closing(stage), rest);
        self.mask_polynomial(masks, stage, r);
        let n = r.len();
        self.scale(-power_of_two(n).inverse().unwrap_or_default());
        self.mask_sum(masks, stage);
    }

    /// Adds `g(r)`.
    fn mask_polynomial(&mut self, masks: &MaskLayout, stage: Stage, r: &[Fr]) {
        let mut index = masks.coefficients(stage);
        for (&x, &degree) in r.iter().zip(masks.degrees(stage)) {
            let mut power = Fr::one();
            for _ in 0..degree {
                power *= x;
                self.mask(index, power);
                index += 1;
            }
        }
    }

    /// Adds `sigma`, the sum of g over the cube.
    fn mask_sum(&mut self, masks: &MaskLayout, stage: Stage) {
        let first = masks.coefficients(stage);
        let total: usize = masks.degrees(stage).iter().sum();
        let weight = power_of_two(masks.variables(stage).saturating_sub(1));
        for index in first..first + total {
            self.mask(index, weight);
        }
    }

    /// The functional l' of m that the opening of S3 at `r` uses: `l + 2^n g_3(r) - sigma_3`.
    pub fn opening_mask(&self, masks: &MaskLayout, r: &[Fr]) -> Vec<Fr> {
        let mut copy = Self { mask: self.mask.clone(), factor: power_of_two(r.len()), ..Self::new(Fr::zero(), 0) };
        copy.mask_polynomial(masks, Stage::S3, r);
        copy.factor = -Fr::one();
        copy.mask_sum(masks, Stage::S3);
        copy.mask
    }

    /// Scalar of each vector of each table at `r`: `(table, vector, sum of coefficient weight(bits(vector) ‖ r))`. `vectors` is how many
    /// vectors a table has and how many variables choose one of them.
    ///
    /// None if a weight does not have the variables of its table or a requirement of the relations failed.
    pub fn scalars(&self, r: &[Fr], vectors: impl Fn(Table) -> (usize, usize)) -> Option<Vec<(Table, usize, Fr)>> {
        if self.broken {
            return None;
        }
        let mut cache: Vec<Option<Vec<Fr>>> = vec![None; self.weights.len()];
        let mut out = Vec::new();
        for table in self.tables() {
            let (count, bits) = vectors(table);
            let mut sums = vec![Fr::zero(); count];
            for entry in self.entries.iter().filter(|e| e.table == table) {
                let weight = self.weights.get(entry.weight).filter(|w| w.variables() == bits + r.len())?;
                let values = cache.get_mut(entry.weight)?.get_or_insert_with(|| {
                    let at = |v| weight.at(&[bit_point(v, bits).as_slice(), r].concat());
                    (0..count).map(|v| if weight.touches(v, bits) { at(v) } else { Fr::zero() }).collect()
                });
                // A weight that several tables share has as many values as the longest of them.
                (values.len()..count).for_each(|v| values.push(weight.at(&[bit_point(v, bits).as_slice(), r].concat())));
                sums.iter_mut().zip(values.iter()).for_each(|(s, w)| *s += entry.coefficient * w);
            }
            out.extend(sums.into_iter().enumerate().map(|(v, s)| (table, v, s)));
        }
        Some(out)
    }

    /// Every table that a relation reads, once.
    pub fn tables(&self) -> Vec<Table> {
        let mut tables: Vec<Table> = self.entries.iter().map(|e| e.table).collect();
        tables.sort();
        tables.dedup();
        tables
    }
}

/// `2^n`.
pub(crate) fn power_of_two(n: usize) -> Fr {
    Fr::from(2u64).pow([n as u64])
}
