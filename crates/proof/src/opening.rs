//! One-point opening of all linear relations: S3, the Laurent inner product and the linearised opening (docs/protocol.md, section 3).

use crate::relation::{power_of_two, Relations, Table};
use crate::weight::Weight;
use crate::{Key, ProofError};
use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{Field, One, Zero};
use fedproof_kzg::Commit;
use fedproof_lookup::to_field;
use fedproof_program::{MaskLayout, Stage};
use fedproof_sumcheck::{Masking, Outcome, ProductSum, ProductTerm, SmallSum};
use fedproof_transcript::{label, G1Affine, ProverTranscript, VerifierTranscript};
use rayon::prelude::*;
use std::collections::BTreeMap;

use crate::training::S3;

/// Cells of a committed vector.
#[derive(Clone, Copy)]
pub(crate) enum Cells<'a> {
    Small(&'a [i64]),
    Field(&'a [Fr]),
}

impl Cells<'_> {
    /// Commits to the cells, at most n, and blinds from position n on.
    pub fn commit<S: Commit>(self, setup: &S, n: usize, blinds: &[Fr]) -> G1Affine {
        match self {
            Self::Small(cells) => setup.commit_small(cells, n, blinds),
            Self::Field(cells) => setup.commit(&[cells, &vec![Fr::zero(); n - cells.len()], blinds].concat()),
        }
    }

    fn is_zero(&self) -> bool {
        match self {
            Self::Small(cells) => cells.iter().all(|&v| v == 0),
            Self::Field(cells) => cells.iter().all(Zero::is_zero),
        }
    }

    /// As field elements.
    pub fn to_field(self) -> Vec<Fr> {
        match self {
            Self::Small(cells) => to_field(cells),
            Self::Field(cells) => cells.to_vec(),
        }
    }
}

/// A committed vector with its blinds at positions N, N+1, ...
#[derive(Clone)]
pub(crate) struct Vector<'a> {
    pub cells: Cells<'a>,
    pub blinds: &'a [Fr],
}

/// The private side of the degree check: `sum_v omega^v W_v` opened at zeta, of W_out or the next model of a close.
pub(crate) struct DegreeCheck {
    pub polynomial: Vec<Fr>,
    pub zeta: Fr,
    pub value: Fr,
}

impl DegreeCheck {
    /// Of vectors of n cells and their blinds, combined by the powers of omega.
    pub(crate) fn new(vectors: Vec<Vector<'_>>, n: usize, omega: Fr, zeta: Fr) -> Self {
        let factors = std::iter::successors(Some(Fr::one()), |p| Some(*p * omega));
        let parts: Vec<(Vector<'_>, Fr)> = vectors.into_iter().zip(factors).collect();
        let polynomial = combine(&parts, n);
        let value = polynomial.iter().rev().fold(Fr::zero(), |acc, &c| acc * zeta + c);
        Self { polynomial, zeta, value }
    }
}

const CHUNK: usize = 2048;

/// `sum scale * cells` over the vectors, n cells.
fn combine_cells(parts: &[(Vector<'_>, Fr)], n: usize) -> Vec<Fr> {
    let mut out = vec![Fr::zero(); n];
    out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
        let start = chunk * CHUNK;
        let mut sums = vec![SmallSum::default(); out.len()];
        for (vector, scale) in parts {
            match vector.cells {
                Cells::Small(cells) => {
                    let pairs = sums.iter_mut().zip(cells.iter().skip(start));
                    pairs.filter(|(_, v)| **v != 0).for_each(|(sum, &v)| sum.add(scale, v));
                }
                Cells::Field(cells) => {
                    let pairs = out.iter_mut().zip(cells.iter().skip(start));
                    pairs.filter(|(_, v)| !v.is_zero()).for_each(|(o, v)| *o += *scale * v);
                }
            }
        }
        out.iter_mut().zip(&sums).for_each(|(o, sum)| *o += sum.finish());
    });
    out
}

/// As [`combine_cells`], the blinds behind the cells.
fn combine(parts: &[(Vector<'_>, Fr)], n: usize) -> Vec<Fr> {
    let mut out = combine_cells(parts, n);
    out.resize(n + parts.iter().map(|(vector, _)| vector.blinds.len()).max().unwrap_or(0), Fr::zero());
    for (vector, scale) in parts {
        out[n..].iter_mut().zip(vector.blinds).for_each(|(o, b)| *o += *scale * b);
    }
    out
}

/// What the prover holds of a table: its vectors (missing ones are zero), and how many variables choose one of them.
pub(crate) struct Vectors<'a> {
    pub list: Vec<Vector<'a>>,
    pub bits: usize,
}

/// A vector of a table.
type Place = (Table, usize);

/// A product of S3: `(sum factor weight) (sum factor vector)`, the weights over the cells of one vector.
struct Product {
    weights: Vec<(Fr, Weight)>,
    vectors: Vec<(Place, Fr)>,
}

/// Writes the relations as few products: a weight function reads many vectors with the same function of the cell, up to a factor, and
/// several weights read the same vectors in the same proportion.
fn products(relations: &Relations, tables: &BTreeMap<Table, Vectors<'_>>) -> Vec<Product> {
    let mut out: Vec<Product> = Vec::new();
    for (index, weight) in relations.weights.iter().enumerate() {
        let mut parts: Vec<(Weight, Vec<(Place, Fr)>)> = Vec::new();
        for entry in relations.entries.iter().filter(|e| e.weight == index) {
            let Some(vectors) = tables.get(&entry.table) else { continue };
            for v in (0..vectors.list.len()).filter(|&v| weight.touches(v, vectors.bits) && !vectors.list[v].cells.is_zero()) {
                let Some((factor, rest)) = weight.part(v, vectors.bits) else { continue };
                let read = ((entry.table, v), entry.coefficient * factor);
                match parts.iter_mut().find(|(w, _)| *w == rest) {
                    Some((_, list)) => list.push(read),
                    None => parts.push((rest, vec![read])),
                }
            }
        }
        for (rest, mut list) in parts {
            list.sort_by_key(|(place, _)| *place);
            list.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 += next.1;
                }
                same
            });
            // What cancels must not be the scale of what does not.
            list.retain(|(_, c)| !c.is_zero());
            let Some(first) = list.first().map(|(_, c)| *c) else { continue };
            let Some(inverse) = first.inverse() else { continue };
            list.iter_mut().for_each(|(_, c)| *c *= inverse);
            match out.iter_mut().find(|p| p.vectors == list) {
                Some(product) => product.weights.push((first, rest)),
                None => out.push(Product { weights: vec![(first, rest)], vectors: list }),
            }
        }
    }
    out
}

fn s3_terms(relations: &Relations, n: usize, tables: &BTreeMap<Table, Vectors<'_>>) -> Vec<ProductTerm> {
    let term = |product: Product| {
        let vector = |&((table, v), scale): &(Place, Fr)| Some((tables.get(&table)?.list.get(v)?.clone(), scale));
        let parts: Vec<(Vector<'_>, Fr)> = product.vectors.iter().filter_map(vector).collect();
        let mut dense = vec![Fr::zero(); n];
        product.weights.iter().for_each(|(scale, weight)| weight.add_to(*scale, &mut dense));
        ProductTerm { coefficient: Fr::one(), factors: vec![dense, combine_cells(&parts, n)], masks: vec![Fr::zero(); 2] }
    };
    products(relations, tables).into_par_iter().map(term).collect()
}

/// Proves all relations: S3 and the opening.
pub(crate) fn prove_relations<'a, S: Commit, T: ProverTranscript>(
    setup: &S,
    transcript: &mut T,
    masks: &MaskLayout,
    relations: &Relations,
    vectors: impl Fn(Table) -> Vectors<'a>,
    mask_vector: &[Fr],
    degree: Option<&DegreeCheck>,
) {
    let c = masks.variables(Stage::S3);
    let n = 1usize << c;
    let vectors: BTreeMap<Table, Vectors<'a>> = relations.tables().into_iter().map(|t| (t, vectors(t))).collect();
    let first = masks.coefficients(Stage::S3);
    let coefficients = &mask_vector[first..first + 2 * c];
    let mut sum = ProductSum::new(c, s3_terms(relations, n, &vectors));
    let masking = Masking { coefficients, sum: None };
    let Outcome { point, last } =
        fedproof_sumcheck::prove(transcript, S3, masks.degrees(Stage::S3), masking, relations.target, &mut sum);
    let sizes = |table| vectors.get(&table).map_or((0, 0), |v| (v.list.len(), v.bits));
    let scalars = relations.scalars(&point, sizes).unwrap_or_default();
    let parts: Vec<(Vector<'a>, Fr)> =
        scalars.iter().filter_map(|&(table, v, scale)| Some((vectors.get(&table)?.list.get(v)?.clone(), scale))).collect();
    let a = combine(&parts, n);
    let functional = relations.opening_mask(masks, &point);
    open(setup, transcript, &a, &point, mask_vector, &functional, power_of_two(c) * last, degree);
}

/// `b(X) = 2^n prod_i (1 - r_i + r_i X^(2^i))` at x.
fn eq_polynomial(point: &[Fr], x: Fr) -> Fr {
    let mut power = x;
    point.iter().rev().fold(power_of_two(point.len()), |acc, &r| {
        let factor = Fr::one() - r + r * power;
        power = power * power;
        acc * factor
    })
}

fn evaluate(polynomial: &[Fr], x: Fr) -> Fr {
    polynomial.iter().rev().fold(Fr::zero(), |acc, &c| acc * x + c)
}

/// `(F(X) - F(z)) / (X - z)`.
fn divide(polynomial: &[Fr], z: Fr) -> Vec<Fr> {
    let mut out = vec![Fr::zero(); polynomial.len().saturating_sub(1)];
    let mut carry = Fr::zero();
    for i in (1..polynomial.len()).rev() {
        carry = polynomial[i] + z * carry;
        out[i - 1] = carry;
    }
    out
}

fn add_scaled(out: &mut Vec<Fr>, polynomial: &[Fr], scale: Fr) {
    if out.len() < polynomial.len() {
        out.resize(polynomial.len(), Fr::zero());
    }
    out.par_iter_mut().with_min_len(CHUNK).zip(polynomial).for_each(|(o, p)| *o += scale * p);
}

/// S' of `a(X) b(1/X) + a(1/X) b(X) + m(X) l(1/X) + m(1/X) l(X) = 2y + X S'(X) + X^-1 S'(1/X)`.
fn cross_terms(a: &[Fr], point: &[Fr], m: &[Fr], l: &[Fr]) -> Vec<Fr> {
    let n = 1usize << point.len();
    // Exponent e of a(X) b(1/X) sits at index e + n - 1: one shifted addition per factor of b.
    let mut product = vec![Fr::zero(); n - 1];
    product.extend_from_slice(a);
    // Below this index all is still zero.
    let mut zeros = n - 1;
    for (i, &r) in point.iter().rev().enumerate() {
        let shift = 1 << i;
        zeros -= shift;
        let mut next = vec![Fr::zero(); product.len()];
        next.par_iter_mut().enumerate().skip(zeros).with_min_len(CHUNK).for_each(|(e, out)| {
            let here = product[e];
            let there = product.get(e + shift).copied().unwrap_or_default();
            *out = here + r * (there - here);
        });
        product = next;
    }
    let scale = power_of_two(point.len());
    let length = a.len().max(n).max(m.len());
    let mut out = vec![Fr::zero(); length - 1];
    for (index, value) in out.iter_mut().enumerate() {
        let e = index + 1;
        let up = product.get(e + n - 1).copied().unwrap_or_default();
        let down = (n - 1).checked_sub(e).map_or(Fr::zero(), |i| product[i]);
        *value = scale * (up + down);
    }
    for (i, &x) in m.iter().enumerate() {
        for (j, &y) in l.iter().enumerate().filter(|&(j, y)| j != i && !y.is_zero()) {
            out[i.abs_diff(j) - 1] += x * y;
        }
    }
    out
}

#[allow(clippy::too_many_arguments)]
fn open<S: Commit, T: ProverTranscript>(
    setup: &S,
    transcript: &mut T,
    a: &[Fr],
    point: &[Fr],
    m: &[Fr],
    functional: &[Fr],
    y: Fr,
    degree: Option<&DegreeCheck>,
) {
    let s = cross_terms(a, point, m, functional);
    transcript.send_points(label::S_PRIME, 0, &[setup.commit(&s)]);
    let z = transcript.challenge(label::Z, 0);
    let z_inverse = z.inverse().unwrap_or_default();
    let linearised = |z: Fr, inverse: Fr| {
        let mut out = Vec::new();
        add_scaled(&mut out, a, eq_polynomial(point, inverse));
        add_scaled(&mut out, m, evaluate(functional, inverse));
        add_scaled(&mut out, &s, -z);
        out
    };
    let (first, second) = (linearised(z, z_inverse), linearised(z_inverse, z));
    let e1 = evaluate(&first, z);
    transcript.send_scalars(label::E1, 0, &[e1]);
    let nu = transcript.challenge(label::NU, 0);
    let mut quotient = divide(&first, z);
    add_scaled(&mut quotient, &divide(&second, z_inverse), nu);
    if let Some(check) = degree {
        add_scaled(&mut quotient, &divide(&check.polynomial, check.zeta), nu * nu);
    }
    transcript.send_points(label::QUOTIENT, 0, &[setup.commit(&quotient)]);
    let x = transcript.challenge(label::X, 0);
    let over = |numerator: Fr, root: Fr| numerator * (x - root).inverse().unwrap_or_default();
    let (c1, c2) = (over(Fr::one(), z), over(nu, z_inverse));
    let mut last = Vec::new();
    add_scaled(&mut last, &first, c1);
    add_scaled(&mut last, &second, c2);
    let mut constant = c1 * e1 + c2 * (y + y - e1);
    if let Some(check) = degree {
        let c3 = over(nu * nu, check.zeta);
        add_scaled(&mut last, &check.polynomial, c3);
        constant += c3 * check.value;
    }
    add_scaled(&mut last, &quotient, -Fr::one());
    if let Some(c) = last.first_mut() {
        *c -= constant;
    }
    transcript.send_points(label::OPENING, 0, &[setup.commit(&divide(&last, x))]);
}

/// What the verifier opens at zeta: the factor omega^v of each vector of W_out, zeta and v_zeta.
pub(crate) struct DegreeClaim<'a> {
    pub commitments: &'a [G1Affine],
    pub omega: Fr,
    pub zeta: Fr,
    pub value: Fr,
}

/// Commitments of a table's vectors, and how many variables choose one of them.
pub(crate) struct Commitments {
    pub points: Vec<G1Affine>,
    pub bits: usize,
}

/// Reads S3 and the opening and returns the two sides of the pairing check `e(left, H) = e(right, tau H)`.
///
/// Checks V10. The caller must check the pairing (V11); then all relations hold but with probability (2n + 4N + #relations) / 2^253.
pub(crate) fn verify_relations<T: VerifierTranscript>(
    key: &Key,
    transcript: &mut T,
    masks: &MaskLayout,
    relations: &Relations,
    commitments: impl Fn(Table) -> Commitments,
    mask_commitment: G1Affine,
    degree: Option<&DegreeClaim<'_>>,
) -> Result<(G1Affine, G1Affine), ProofError> {
    let Outcome { point, last } = fedproof_sumcheck::verify(transcript, S3, masks.degrees(Stage::S3), relations.target)?;
    let y = power_of_two(key.layout().vector_bits) * last;
    let functional = relations.opening_mask(masks, &point);
    let s = transcript.read_points(label::S_PRIME, 0, 1)?;
    let z = transcript.challenge(label::Z, 0);
    let z_inverse = z.inverse().ok_or(ProofError::DegenerateChallenge { name: "z" })?;
    if z == z_inverse || degree.is_some_and(|d| d.zeta == z || d.zeta == z_inverse) {
        return Err(ProofError::DegenerateChallenge { name: "z" });
    }
    let e1: Fr = transcript.read_scalars(label::E1, 0, 1)?.into_iter().sum();
    let e2 = y + y - e1;
    let nu = transcript.challenge(label::NU, 0);
    let quotient = transcript.read_points(label::QUOTIENT, 0, 1)?;
    let x = transcript.challenge(label::X, 0);
    let over = |numerator: Fr, root: Fr| {
        (x - root).inverse().map(|i| numerator * i).ok_or(ProofError::DegenerateChallenge { name: "x" })
    };
    let (c1, c2) = (over(Fr::one(), z)?, over(nu, z_inverse)?);
    let opening = transcript.read_points(label::OPENING, 0, 1)?;

    let on_rows = c1 * eq_polynomial(&point, z_inverse) + c2 * eq_polynomial(&point, z);
    let on_mask = c1 * evaluate(&functional, z_inverse) + c2 * evaluate(&functional, z);
    let mut constant = c1 * e1 + c2 * e2;
    let (mut bases, mut scalars) = (Vec::new(), Vec::new());
    let mut add = |base: G1Affine, scalar: Fr| {
        bases.push(base);
        scalars.push(scalar);
    };
    let tables: BTreeMap<Table, Commitments> = relations.tables().into_iter().map(|t| (t, commitments(t))).collect();
    let sizes = |table| tables.get(&table).map_or((0, 0), |c| (c.points.len(), c.bits));
    for (table, vector, scalar) in relations.scalars(&point, sizes).ok_or(ProofError::OpeningFailed)? {
        let base = tables.get(&table).and_then(|c| c.points.get(vector)).ok_or(ProofError::OpeningFailed)?;
        add(*base, on_rows * scalar);
    }
    add(mask_commitment, on_mask);
    s.iter().for_each(|&s| add(s, -(c1 * z + c2 * z_inverse)));
    if let Some(claim) = degree {
        let mut factor = over(nu * nu, claim.zeta)?;
        constant += factor * claim.value;
        for &commitment in claim.commitments {
            add(commitment, factor);
            factor *= claim.omega;
        }
    }
    quotient.iter().for_each(|&h| add(h, -Fr::one()));
    opening.iter().for_each(|&w| add(w, x));
    add(G1Affine::generator(), -constant);
    let left = ark_bn254::G1Projective::msm_unchecked(&bases, &scalars).into_affine();
    Ok((left, opening.first().copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests;
