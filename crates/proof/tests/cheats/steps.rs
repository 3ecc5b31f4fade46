//! One intermediate of one step is wrong; everything downstream, the new weights included, follows from it.

use super::{Cheat, C3, C4, C5, LOOKUP};
use crate::common::Instance;
use fedproof_program::Loss;
use fedproof_witness::Quantity;

struct List<'a> {
    base: &'a Instance,
    cheats: Vec<Cheat>,
}

impl List<'_> {
    fn add(&mut self, at: (Quantity, usize, usize), what: &str, stopped_by: &[&str], change: impl Fn(&mut [i64])) {
        let (quantity, layer, step) = at;
        let instance = self.base.clone().fault(at, change);
        assert_ne!(instance.trace, self.base.trace, "{at:?} {what} leaves no trace");
        self.cheats.push(Cheat::new(format!("{quantity:?} of layer {layer} in step {step} {what}"), stopped_by, instance));
    }
}

/// Every quantity of every layer.
pub fn steps(base: &Instance) -> Vec<Cheat> {
    use Quantity::*;
    let program = base.key.program().clone();
    let (one, last_layer, last_step) = (1i64 << program.weight_bits, program.layers(), program.steps - 1);
    let product: &[&str] = &["R-S1A"];
    let update: &[&str] = &["R-S1B"];
    // Padded steps use the last weights in their products, which are bound like all others.
    let end = program.steps.next_power_of_two() - 1;
    let mut list = List { base, cheats: Vec::new() };
    for layer in 1..=last_layer {
        let stride = 1 << base.key.layout().unit_bits[layer];
        let bias = program.dims[layer - 1] * stride;
        list.add((Z, layer, 1), "+ 1", product, |z| z[1] += 1);
        list.add((Z, layer, 1), "- 1", product, |z| z[1] -= 1);
        list.add((Z, layer, 1), "- 2^F", product, |z| z[1] -= one);
        list.add((Z, layer, 1), "+ 2^F", product, |z| z[1] += one);
        list.add((Z, layer, 0), "+ 2^(F+l)", product, |z| z[0] += one << program.bits);
        list.add((ForwardWeights, layer, last_step), "another bias", product, |w| w[bias] += one / 4);
        list.add((Q, layer, 1), "- 1, remainder + 2^F", LOOKUP, |q| q[0] -= 1);
        list.add((Q, layer, 1), "+ 1, remainder - 2^F", LOOKUP, |q| q[0] += 1);
        for (what, change) in [("- 1, paid by the saturation distance", -1), ("+ 1, paid by the saturation distance", 1)] {
            list.add((Clamp, layer, 1), what, C3, |q| *q.iter_mut().find(|q| q.abs() < 8).expect("a small value") += change);
        }
        list.add((Gradient, layer, end), "+ 1", update, |g| g[0] += 1);
        list.add((Gradient, layer, end), "bias - 1", update, |g| g[bias] -= 1);
        list.add((Gradient, layer, last_step), "skipped", if end == last_step { update } else { &[] }, |g| g.fill(0));
        list.add((Gradient, layer, 0), "early + 16", &[], |g| g[bias] += 16);
        let constraint = if layer == last_layer { C5 } else { C4 };
        list.add((Delta, layer, 1), "+ 1", constraint, |d| d[0] += 1);
        list.add((Delta, layer, 1), "zero", constraint, |d| d.fill(0));
    }
    for layer in 1..last_layer {
        list.add((Activation, layer, 1), "+ 1", LOOKUP, |a| a[0] += 1);
        list.add((Derivative, layer, 1), "flipped", LOOKUP, |s| s[0] = 1 - s[0]);
        list.add((Derivative, layer, 1), "of 2", LOOKUP, |s| s[1] = 2);
        list.add((DerivativeCopy, layer, 1), "flipped", &["R-LINK"], |s| s[0] = 1 - s[0]);
        list.add((E, layer, 1), "+ 1", product, |e| e[0] += 1);
        list.add((E, layer, 1), "+ 2^F", product, |e| e[0] += one);
        list.add((QE, layer, 1), "- 1, remainder + 2^F", LOOKUP, |q| q[0] -= 1);
        list.add((ClampE, layer, 1), "- 1, paid by the saturation distance", C3, |q| q[0] -= 1);
        list.add((BackwardWeights, layer + 1, last_step), "another", product, |w| w.iter_mut().for_each(|w| *w += one));
        list.add((BackwardWeights, layer + 1, last_step), "zero", product, |w| w.fill(0));
    }
    if program.loss == Loss::Sigmoid {
        list.add((Activation, last_layer, 1), "+ 1", LOOKUP, |a| a[0] += 1);
    }
    list.add((Label, last_layer, 1), "+ 1", C5, |y| y[0] += 1);
    list.add((Valid, last_layer, 1), "dropped", C5, |v| v[1] = 0);
    list.add((Valid, last_layer, 1), "of 2", C5, |v| v[0] = 2);
    if !program.steps.is_power_of_two() {
        let padded = program.steps;
        list.add((Valid, last_layer, padded), "in a padded step", C5, |v| v[0] = 1);
        list.add((ForwardWeights, 1, padded), "in a padded step", product, |w| w.iter_mut().for_each(|w| *w += one));
    }
    list.cheats
}
