//! Sums of products of multilinear tables, front-aligned: a term with fewer variables is constant in the last ones.

use crate::prover::Integrand;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use rayon::prelude::*;

/// Below this many pairs a thread pool costs more than it brings.
const PARALLEL: usize = 512;

/// `coefficient * prod_k factor_k`.
#[derive(Debug, Clone)]
pub struct ProductTerm {
    /// Scalar in front.
    pub coefficient: Fr,
    /// Tables of equal length, a power of two.
    pub factors: Vec<Vec<Fr>>,
    /// Mask of each factor: `m x (1 - x)` is added, x the first variable. Zero for public factors.
    pub masks: Vec<Fr>,
}

/// A sum of [`ProductTerm`]s over `variables` variables.
#[derive(Debug, Clone)]
pub struct ProductSum {
    terms: Vec<ProductTerm>,
    remaining: usize,
    first: bool,
}

impl ProductSum {
    /// All factor tables of a term have 2^nv entries, nv <= variables.
    pub fn new(variables: usize, mut terms: Vec<ProductTerm>) -> Self {
        let two = Fr::from(2u64);
        for term in &mut terms {
            // Even a term without variables carries its masks on the first one: write it as constant in that one.
            term.factors.iter_mut().filter(|f| f.len() == 1).for_each(|f| f.extend_from_within(..));
            let nv = term.factors.first().map_or(0, |f| f.len().trailing_zeros() as usize);
            for _ in nv..variables {
                term.coefficient *= two;
            }
        }
        Self { terms, remaining: variables, first: true }
    }

    /// Values of all factors at the bound point, term by term.
    pub fn values(&self) -> Vec<Vec<Fr>> {
        self.terms.iter().map(|t| t.factors.iter().map(|f| f[0]).collect()).collect()
    }
}

fn term_sums(term: &ProductTerm, degree: usize, with_one: bool, masked: bool) -> Vec<Fr> {
    let half = term.factors[0].len() / 2;
    let bump: Vec<Vec<Fr>> = (0..=degree)
        .map(|x| {
            let x = Fr::from(x as u64);
            let weight = if masked { x * (Fr::one() - x) } else { Fr::zero() };
            term.masks.iter().map(|&m| m * weight).collect()
        })
        .collect();
    let at = |mut sums: Vec<Fr>, i: usize| {
        let mut current: Vec<(Fr, Fr)> = term.factors.iter().map(|f| (f[i], f[i + half] - f[i])).collect();
        for (x, sum) in sums.iter_mut().enumerate() {
            if x != 1 || with_one {
                let mut product = Fr::one();
                for (k, &(value, _)) in current.iter().enumerate() {
                    let value = if masked { value + bump[x][k] } else { value };
                    product = if k == 0 { value } else { product * value };
                }
                *sum += product;
            }
            for (value, step) in &mut current {
                *value += &*step;
            }
        }
        sums
    };
    let zero = || vec![Fr::zero(); degree + 1];
    let add = |mut a: Vec<Fr>, b: Vec<Fr>| {
        a.iter_mut().zip(b).for_each(|(x, y)| *x += y);
        a
    };
    let mut sums = if half >= PARALLEL {
        (0..half).into_par_iter().with_min_len(128).fold(zero, at).reduce(zero, add)
    } else {
        (0..half).fold(zero(), at)
    };
    sums.iter_mut().for_each(|s| *s *= term.coefficient);
    sums
}

impl Integrand for ProductSum {
    fn sums(&self, degree: usize, with_one: bool) -> Vec<Fr> {
        let mut total = vec![Fr::zero(); degree + 1];
        let half = Fr::from(2u64).inverse_or_zero();
        for term in &self.terms {
            if term.factors[0].len() > 1 {
                let sums = term_sums(term, degree, with_one, self.first);
                total.iter_mut().zip(sums).for_each(|(t, s)| *t += s);
            } else {
                // Constant from here on; its coefficient carries a factor 2 for every variable it does not have.
                let constant = term.factors.iter().fold(term.coefficient, |acc, f| acc * f[0]) * half;
                total.iter_mut().for_each(|t| *t += constant);
            }
        }
        total
    }

    fn bind(&mut self, r: Fr) {
        let half = Fr::from(2u64).inverse_or_zero();
        let weight = r * (Fr::one() - r);
        for term in &mut self.terms {
            if term.factors[0].len() == 1 {
                term.coefficient *= half;
                continue;
            }
            for (factor, &mask) in term.factors.iter_mut().zip(&term.masks) {
                crate::fold_in_place(factor, r);
                if self.first && !mask.is_zero() {
                    let bump = mask * weight;
                    factor.iter_mut().for_each(|v| *v += bump);
                }
            }
        }
        self.first = false;
        self.remaining -= 1;
    }
}

trait InverseOrZero {
    fn inverse_or_zero(self) -> Self;
}

impl InverseOrZero for Fr {
    fn inverse_or_zero(self) -> Self {
        ark_ff::Field::inverse(&self).unwrap_or_default()
    }
}
