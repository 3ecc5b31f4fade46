//! Section 1 of docs/protocol.md, number by number, unpadded.

use crate::case::Case;
use fedproof_program::{Kernel, Loss, Program, SegmentKind, Weights};

/// `W_t` from W_0 and the gradients of the steps before t.
fn weights_at(p: &Program, initial: &Weights, gradients: &[Vec<Vec<i128>>], t: usize) -> Vec<Vec<i128>> {
    let (fraction_bits, taps, decay) = match &p.kernel {
        Kernel::Plain(k) => (0, vec![*k as i64; t], vec![1; t]),
        Kernel::Explicit { fraction_bits, taps, decay } => (*fraction_bits, taps.clone(), decay.clone()),
    };
    let c = i128::from(if t == 0 { 1 << fraction_bits } else { decay[t - 1] });
    let mut weights: Vec<Vec<i128>> = initial.iter().map(|w| w.iter().map(|&w| c * i128::from(w)).collect()).collect();
    for (u, gradient) in gradients.iter().enumerate().take(t) {
        for (w, g) in weights.iter_mut().flatten().zip(gradient.iter().flatten()) {
            *w -= i128::from(taps[t - u - 1]) * g;
        }
    }
    weights
}

struct Scalar<'a> {
    case: &'a Case,
    saturated: u64,
}

impl Scalar<'_> {
    fn saturate(&mut self, x: i128) -> i128 {
        let half = 1i128 << (self.case.program.bits - 1);
        self.saturated += u64::from(x < -half || x >= half);
        x.max(-half).min(half - 1)
    }

    fn rescale(&mut self, x: i128, bits: u32) -> i128 {
        self.saturate((x + (1i128 << bits) / 2).div_euclid(1i128 << bits))
    }

    fn look_up(&self, kind: SegmentKind, q: i128) -> (i128, i128) {
        let (a, s) = self.case.table(kind);
        let index = (q + (1i128 << (self.case.program.bits - 1))) as usize;
        (a[index].into(), s.get(index).copied().unwrap_or(0).into())
    }

    fn softmax(&self, q: &[i128]) -> Vec<i128> {
        let table = &self.case.table(SegmentKind::Exponential).0;
        let largest = *q.iter().max().unwrap();
        let e: Vec<i128> = q.iter().map(|q| table[(largest - q) as usize].into()).collect();
        let sum: i128 = e.iter().sum();
        e.iter().map(|e| ((e << (self.case.program.delta_bits + 1)) + sum).div_euclid(2 * sum)).collect()
    }

    /// delta_L of a record.
    fn output(&mut self, q: &[i128], targets: &[i64], valid: i64) -> Vec<i128> {
        let p = &self.case.program;
        let y: Vec<i128> = targets.iter().map(|&y| y.into()).collect();
        let scale = p.delta_bits - p.activation_bits;
        let difference: Vec<i128> = match p.loss {
            Loss::Squared => q.iter().zip(&y).map(|(q, y)| (q << scale) - y).collect(),
            Loss::Sigmoid => q.iter().zip(&y).map(|(&q, y)| self.look_up(SegmentKind::Sigmoid, q).0 - y).collect(),
            Loss::Softmax => self.softmax(q).iter().zip(&y).map(|(pred, y)| pred - y).collect(),
            Loss::Huber => {
                let huber = i128::from(p.huber);
                q.iter().zip(&y).map(|(q, y)| self.saturate((q << scale) - y).max(-huber).min(huber)).collect()
            }
        };
        if p.loss_weights.is_empty() {
            return difference.into_iter().map(|d| d * i128::from(valid)).collect();
        }
        let weight = |j: usize| i128::from(p.loss_weights[j]);
        let class: i128 = if p.one_hot { (0..y.len()).map(|j| weight(j) * y[j]).sum() } else { 0 };
        let of = |j: usize| match p.one_hot {
            true => class,
            false => (weight(2 * j) << p.delta_bits) * i128::from(valid) + (weight(2 * j + 1) - weight(2 * j)) * y[j],
        };
        difference.iter().enumerate().map(|(j, d)| self.rescale(d * of(j), p.delta_bits + 8)).collect()
    }

    /// Adds a record's gradients to `g`.
    fn record(&mut self, t: usize, b: usize, weights: &[Vec<i128>], g: &mut [Vec<i128>]) {
        let p = &self.case.program;
        let shift = p.weight_bits + p.kernel.fraction_bits();
        let w = |layer: usize, a: usize, j: usize| weights[layer - 1][a * p.dims[layer] + j];
        let (valid, features, targets) = self.case.record(t, b);
        let mut inputs: Vec<Vec<i128>> = vec![features.iter().map(|&x| x.into()).collect()];
        let mut slopes: Vec<Vec<i128>> = vec![];
        let mut delta: Vec<i128> = vec![];
        for i in 1..=p.layers() {
            let input = inputs.last_mut().unwrap();
            input.push(1 << p.activation_bits);
            let z = |j: usize| input.iter().enumerate().map(|(a, x)| x * w(i, a, j)).sum::<i128>();
            let z: Vec<i128> = (0..p.dims[i]).map(z).collect();
            let q: Vec<i128> = z.into_iter().map(|z| self.rescale(z, shift)).collect();
            if i < p.layers() {
                let kind = SegmentKind::Hidden(p.activations[i - 1]);
                let (a, s) = q.iter().map(|&q| self.look_up(kind, q)).unzip();
                inputs.push(a);
                slopes.push(s);
            } else {
                delta = self.output(&q, &targets, valid);
            }
        }
        for i in (1..=p.layers()).rev() {
            for (a, x) in inputs[i - 1].iter().enumerate() {
                for (j, d) in delta.iter().enumerate() {
                    g[i - 1][a * p.dims[i] + j] += x * d;
                }
            }
            if i > 1 {
                let e = |a: usize| delta.iter().enumerate().map(|(j, d)| d * w(i, a, j)).sum::<i128>();
                let products: Vec<i128> = (0..p.dims[i - 1]).map(e).collect();
                let smooth = p.activations[i - 2].code() >= 2;
                let back = products.into_iter().zip(&slopes[i - 2]).map(|(e, s)| {
                    let product = self.rescale(e, shift) * s;
                    if smooth {
                        self.rescale(product, p.bits - 2)
                    } else {
                        product
                    }
                });
                delta = back.collect();
            }
        }
    }
}

/// W_out and the number of saturated values.
pub fn train(case: &Case) -> (Weights, u64) {
    let p = &case.program;
    let mut scalar = Scalar { case, saturated: 0 };
    let mut gradients: Vec<Vec<Vec<i128>>> = vec![];
    for t in 0..p.steps {
        let weights = weights_at(p, &case.weights, &gradients, t);
        let mut g: Vec<Vec<i128>> = case.weights.iter().map(|w| vec![0; w.len()]).collect();
        (0..p.batch).for_each(|b| scalar.record(t, b, &weights, &mut g));
        gradients.push(g);
    }
    let out = weights_at(p, &case.weights, &gradients, p.steps);
    (out.into_iter().map(|w| w.into_iter().map(|w| w as i64).collect()).collect(), scalar.saturated)
}
