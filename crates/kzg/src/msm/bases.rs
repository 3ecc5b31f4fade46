//! The points that scalars multiply.

use ark_bn254::G1Affine;
use fedproof_lanes::{Ifma, Point};
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::Range;

/// Points in the representation of the fastest kernel that this processor has.
#[derive(Clone, Debug)]
pub(crate) struct Prepared(Option<(Ifma, Vec<Point>)>);

impl Prepared {
    /// 64 bytes per point on a processor with AVX-512 IFMA, else nothing.
    pub(crate) fn new(points: &[G1Affine]) -> Self {
        Self(Ifma::detect().map(|ifma| (ifma, points.par_iter().with_min_len(1024).map(Point::from).collect())))
    }

    /// Some of the points that this was made of, which are passed again.
    pub(crate) fn bases<'a>(&'a self, points: &'a [G1Affine], range: Range<usize>) -> Bases<'a> {
        match &self.0 {
            Some((ifma, prepared)) => Bases::Prepared(*ifma, &prepared[range]),
            None => Bases::Affine(&points[range]),
        }
    }
}

/// Points to be multiplied; the representation says how.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bases<'a> {
    /// On any processor.
    Affine(&'a [G1Affine]),
    /// Eight at a time.
    Prepared(Ifma, &'a [Point]),
}

impl<'a> Bases<'a> {
    pub(super) fn to_affine(self) -> Cow<'a, [G1Affine]> {
        match self {
            Self::Affine(points) => Cow::Borrowed(points),
            Self::Prepared(_, points) => points.iter().map(|point| G1Affine::from(*point)).collect(),
        }
    }
}
