//! Linear algebra over the scalar field: Gauss-Jordan elimination.

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use rayon::prelude::*;

/// Brings `rows` to reduced echelon form over the first `columns` columns (what follows is carried along).
/// Returns the pivot column of rows 0, 1, ...; their number is the rank.
pub fn reduce(rows: &mut [Vec<Fr>], columns: usize) -> Vec<usize> {
    let mut pivots = Vec::new();
    for column in 0..columns {
        let rank = pivots.len();
        let Some(found) = (rank..rows.len()).find(|&i| !rows[i][column].is_zero()) else { continue };
        rows.swap(rank, found);
        let inverse = rows[rank][column].inverse().expect("a pivot is not zero");
        rows[rank].iter_mut().for_each(|v| *v *= inverse);
        let pivot = rows[rank].clone();
        rows.par_iter_mut().enumerate().filter(|(i, row)| *i != rank && !row[column].is_zero()).for_each(|(_, row)| {
            let factor = row[column];
            row.iter_mut().zip(&pivot).filter(|(_, p)| !p.is_zero()).for_each(|(v, p)| *v -= factor * p);
        });
        pivots.push(column);
    }
    pivots
}

pub fn rank(rows: &[Vec<Fr>]) -> usize {
    let columns = rows.first().map_or(0, Vec::len);
    reduce(&mut rows.to_vec(), columns).len()
}

/// Basis of all y with `y M = 0`.
pub fn left_null_space(rows: &[Vec<Fr>]) -> Vec<Vec<Fr>> {
    let columns = rows.first().map_or(0, Vec::len);
    let mut extended: Vec<Vec<Fr>> = rows.to_vec();
    for (i, row) in extended.iter_mut().enumerate() {
        row.extend((0..rows.len()).map(|j| if i == j { Fr::one() } else { Fr::zero() }));
    }
    let rank = reduce(&mut extended, columns).len();
    extended.drain(rank..).map(|row| row[columns..].to_vec()).collect()
}

/// Some x with `M x = target`.
pub fn solve(rows: &[Vec<Fr>], target: &[Fr]) -> Option<Vec<Fr>> {
    let columns = rows.first().map_or(0, Vec::len);
    let mut extended: Vec<Vec<Fr>> = rows.iter().zip(target).map(|(row, &t)| [row.as_slice(), &[t]].concat()).collect();
    let pivots = reduce(&mut extended, columns);
    if extended[pivots.len()..].iter().any(|row| !row[columns].is_zero()) {
        return None;
    }
    let mut x = vec![Fr::zero(); columns];
    pivots.iter().zip(&extended).for_each(|(&p, row)| x[p] = row[columns]);
    Some(x)
}

pub fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    a.iter().zip(b).map(|(x, y)| *x * y).sum()
}

#[test]
fn elimination() {
    let row = |v: [u64; 3]| v.map(Fr::from).to_vec();
    let matrix = [row([1, 2, 3]), row([2, 4, 6]), row([0, 1, 1])];
    assert_eq!(rank(&matrix), 2);
    let null = left_null_space(&matrix);
    assert_eq!(null.len(), 1);
    for column in 0..3 {
        assert!(dot(&null[0], &matrix.iter().map(|r| r[column]).collect::<Vec<_>>()).is_zero());
    }
    let target = [Fr::from(6u64), Fr::from(12u64), Fr::from(2u64)];
    let x = solve(&matrix, &target).expect("consistent");
    assert!(matrix.iter().zip(&target).all(|(row, t)| dot(row, &x) == *t));
    assert_eq!(solve(&matrix, &[Fr::from(6u64), Fr::from(13u64), Fr::zero()]), None);
}
