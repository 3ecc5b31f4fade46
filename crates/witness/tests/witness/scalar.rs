//! Section 1 of docs/protocol.md, number by number, unpadded.

use crate::case::Case;
use fedproof_program::{sigmoid_table, Activation, Loss, Weights};

/// W_out and the number of saturated values.
pub fn train(case: &Case) -> (Weights, u64) {
    let p = &case.program;
    let (low, high) = (-(1i128 << (p.bits - 1)), (1i128 << (p.bits - 1)) - 1);
    let sigmoid = sigmoid_table(p.bits, p.activation_bits, p.delta_bits);
    let mut saturated = 0u64;
    let mut rescale = |x: i128| {
        let rounded = (x + (1i128 << p.weight_bits) / 2).div_euclid(1i128 << p.weight_bits);
        saturated += u64::from(rounded < low || rounded > high);
        rounded.max(low).min(high)
    };
    let mut weights = case.weights.clone();
    for t in 0..p.steps {
        let old = weights.clone();
        let w = |layer: usize, a: usize, j: usize| i128::from(old[layer - 1][a * p.dims[layer] + j]);
        for b in 0..p.batch {
            let (valid, features, targets) = case.record(t, b);
            let mut inputs: Vec<Vec<i128>> = vec![features.iter().map(|&x| x.into()).collect()];
            let mut slopes: Vec<Vec<i128>> = vec![];
            let mut delta: Vec<i128> = vec![];
            for i in 1..=p.layers() {
                let input = inputs.last_mut().unwrap();
                input.push(1 << p.activation_bits);
                let z = |j: usize| input.iter().enumerate().map(|(a, x)| x * w(i, a, j)).sum::<i128>();
                let q: Vec<i128> = (0..p.dims[i]).map(z).collect::<Vec<_>>().into_iter().map(&mut rescale).collect();
                if i < p.layers() {
                    let relu = p.activations[i - 1] == Activation::Relu;
                    inputs.push(q.iter().map(|&q| if relu && q < 0 { 0 } else { q }).collect());
                    slopes.push(q.iter().map(|&q| i128::from(!relu || q > 0)).collect());
                } else {
                    let predict = |q: i128| match p.loss {
                        Loss::Sigmoid => i128::from(sigmoid[(q - low) as usize]),
                        Loss::Squared => q << (p.delta_bits - p.activation_bits),
                    };
                    delta = q.iter().zip(&targets).map(|(&q, &y)| (predict(q) - i128::from(y)) * i128::from(valid)).collect();
                }
            }
            for i in (1..=p.layers()).rev() {
                for (a, x) in inputs[i - 1].iter().enumerate() {
                    for (j, d) in delta.iter().enumerate() {
                        weights[i - 1][a * p.dims[i] + j] -= (i128::from(p.rate) * x * d) as i64;
                    }
                }
                if i > 1 {
                    let e = |a: usize| delta.iter().enumerate().map(|(j, d)| d * w(i, a, j)).sum::<i128>();
                    let products: Vec<i128> = (0..p.dims[i - 1]).map(e).collect();
                    delta = products.into_iter().map(&mut rescale).zip(&slopes[i - 2]).map(|(q, s)| q * s).collect();
                }
            }
        }
    }
    (weights, saturated)
}
