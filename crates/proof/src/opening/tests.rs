//! How relations become products of S3.

use super::{s3_terms, Cells, Vector, Vectors};
use crate::part::Part;
use crate::relation::{Relations, Table};
use crate::weight::{Block, Weight};
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use std::collections::BTreeMap;

/// A table that drops out of a relation takes no other with it.
#[test]
fn coefficients_that_cancel() {
    let cells: Vec<i64> = (1..=8).collect();
    let table = || Vectors { list: cells.chunks(4).map(|v| Vector { cells: Cells::Small(v), blinds: &[] }).collect(), bits: 1 };
    let tables: BTreeMap<Table, Vectors<'_>> = [(Table::Column(0), table()), (Table::Column(1), table())].into();
    let mut relations = Relations::new(Fr::from(7u64), 0);
    relations.begin(Part::Rows, Fr::zero());
    let weight = relations.weight(Weight(vec![Block::Ones(3)]));
    for (column, coefficient) in [(0, Fr::one()), (0, -Fr::one()), (1, Fr::from(3u64))] {
        relations.table(Table::Column(column), coefficient, weight);
    }
    let sum: Fr = s3_terms(&relations, 4, &tables)
        .iter()
        .map(|t| t.coefficient * t.factors[0].iter().zip(&t.factors[1]).map(|(w, v)| *w * v).sum::<Fr>())
        .sum();
    assert_eq!(sum, Fr::from(3 * 36u64));
}
