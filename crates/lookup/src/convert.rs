//! Small integers as field elements.

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;

/// Values of a committed column as field elements. Zeros, which fill most columns, cost nothing.
pub fn to_field(values: &[i64]) -> Vec<Fr> {
    let convert = |&v: &i64| match v {
        0 => Fr::zero(),
        v if v > 0 => Fr::from(v as u64),
        v => -Fr::from(v.unsigned_abs()),
    };
    if values.len() >= 4096 {
        values.par_iter().with_min_len(1024).map(convert).collect()
    } else {
        values.iter().map(convert).collect()
    }
}
