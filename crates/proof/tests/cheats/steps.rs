//! One intermediate of one step is wrong; everything downstream, the new weights included, follows from it.

use super::{Cheat, C3, C4, C5, C6, LOOKUP};
use crate::common::Instance;
use fedproof_program::{Kernel, Loss};
use fedproof_witness::{Hook, Quantity};

pub struct List<'a> {
    pub base: &'a Instance,
    pub cheats: Vec<Cheat>,
}

impl List<'_> {
    pub fn add(&mut self, at: (Quantity, usize, usize), what: &str, stopped_by: &[&str], change: impl Fn(&mut [i64])) {
        let (quantity, layer, step) = at;
        let instance = self.base.clone().fault(at, change);
        assert_ne!(instance.trace, self.base.trace, "{at:?} {what} leaves no trace");
        self.cheats.push(Cheat::new(format!("{quantity:?} of layer {layer} in step {step} {what}"), stopped_by, instance));
    }

    /// Several faults that belong together.
    pub fn add_all(&mut self, name: &str, stopped_by: &[&str], hook: &Hook) {
        let mut instance = self.base.clone();
        instance.execute(hook);
        assert_ne!(instance.trace, self.base.trace, "{name} leaves no trace");
        self.cheats.push(Cheat::new(name, stopped_by, instance));
    }
}

/// Products of a layer with its weights, and how the weights come about.
fn products(list: &mut List<'_>, layer: usize) {
    use Quantity::*;
    let program = list.base.key.program().clone();
    let (one, last_step) = (1i64 << program.scale_bits(), program.steps - 1);
    let product: &[&str] = &["R-S1A"];
    let update: &[&str] = &["R-S1B"];
    let whole = program.steps.is_power_of_two();
    // Padded steps use the last weights in their products, which are bound like all others.
    let end = program.steps.next_power_of_two() - 1;
    let stride = 1 << list.base.key.layout().unit_bits[layer];
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
    list.add((Gradient, layer, last_step), "skipped", if whole { update } else { &[] }, |g| g.fill(0));
    list.add((Gradient, layer, 0), "early + 16", &[], |g| g[bias] += 16);
    if matches!(program.kernel, Kernel::Plain(_)) {
        list.add((Gradient, layer, end), "+ 1", update, |g| g[0] += 1);
        list.add((Gradient, layer, end), "bias - 1", update, |g| g[bias] -= 1);
    }
    let last: &[&str] = if whole { update } else { &[] };
    list.add((Taps, layer, last_step), "of the last step + 1", last, |k| k[k.len() - 1] += 1);
    if let Kernel::Explicit { fraction_bits, .. } = program.kernel {
        list.add((Gradient, layer, last_step), "+ 1", last, |g| g[bias] += 1);
        list.add((Taps, layer, last_step), "of the first step + 1", last, |k| k[0] += 1);
        list.add((Taps, layer, last_step), "reversed", last, |k| k.reverse());
        if fraction_bits > 0 {
            list.add((Decay, layer, last_step), "forgotten", last, |c| c[0] = 1 << fraction_bits);
        }
        list.add((Decay, layer, last_step), "+ 1", last, |c| c[0] += 1);
    }
}

/// A layer's deltas where they are a rounded product.
fn rounded(list: &mut List<'_>, layer: usize) {
    use Quantity::*;
    let one = 1i64 << list.base.key.program().scale_bits();
    list.add((Scaled, layer, 1), "+ 1", C6, |x| x[0] += 1);
    list.add((Scaled, layer, 1), "+ 2^F", C6, |x| x[0] += one);
    list.add((QScaled, layer, 1), "- 1, remainder + 2^F", LOOKUP, |q| q[0] -= 1);
    list.add((QScaled, layer, 1), "+ 1, remainder - 2^F", LOOKUP, |q| q[0] += 1);
    list.add((ClampScaled, layer, 1), "+ 1, paid by the saturation distance", C3, |q| q[0] += 1);
}

/// A hidden layer's activation, derivative and backward pass.
fn hidden(list: &mut List<'_>, layer: usize) {
    use Quantity::*;
    let program = list.base.key.program().clone();
    let (one, last_step) = (1i64 << program.scale_bits(), program.steps - 1);
    let product: &[&str] = &["R-S1A"];
    list.add((Activation, layer, 1), "+ 1", LOOKUP, |a| a[0] += 1);
    list.add((Derivative, layer, 1), "flipped", LOOKUP, |s| s[0] = 1 - s[0]);
    list.add((Derivative, layer, 1), "+ 2", LOOKUP, |s| s[1] += 2);
    list.add((E, layer, 1), "+ 1", product, |e| e[0] += 1);
    list.add((E, layer, 1), "+ 2^F", product, |e| e[0] += one);
    list.add((QE, layer, 1), "- 1, remainder + 2^F", LOOKUP, |q| q[0] -= 1);
    list.add((ClampE, layer, 1), "- 1, paid by the saturation distance", C3, |q| q[0] -= 1);
    list.add((BackwardWeights, layer + 1, last_step), "another", product, |w| w.iter_mut().for_each(|w| *w += one));
    list.add((BackwardWeights, layer + 1, last_step), "zero", product, |w| w.fill(0));
    if program.has_derivative_region(layer) {
        list.add((DerivativeCopy, layer, 1), "+ 1", &["R-LINK Slope"], |s| s[0] += 1);
        list.add((QCopy, layer, 1), "+ 1", &["R-LINK Backward"], |q| q[0] += 1);
        rounded(list, layer);
    } else {
        list.add((DerivativeCopy, layer, 1), "flipped", &["R-LINK Step"], |s| s[0] = 1 - s[0]);
        list.add((Delta, layer, 1), "+ 1", C4, |d| d[0] += 1);
        list.add((Delta, layer, 1), "zero", C4, |d| d.fill(0));
    }
}

/// The loss: predictions, targets, deltas.
fn output(list: &mut List<'_>) {
    use Quantity::*;
    let program = list.base.key.program().clone();
    let layer = program.layers();
    let copied: &[&str] = match program.loss {
        Loss::Sigmoid => LOOKUP,
        Loss::Softmax => &["R-LINK Quotient"],
        Loss::Huber => &["R-LINK Clamped"],
        Loss::Squared => &[],
    };
    if !copied.is_empty() {
        list.add((Activation, layer, 1), "+ 1", copied, |a| a[0] += 1);
    }
    if !program.is_weighted() {
        list.add((Delta, layer, 1), "+ 1", C5, |d| d[0] += 1);
        list.add((Delta, layer, 1), "zero", C5, |d| d.fill(0));
        let target: &[&str] = if program.loss == Loss::Huber { &["R-LINK Difference"] } else { C5 };
        list.add((Label, layer, 1), "+ 1", target, |y| y[0] += 1);
        list.add((Valid, layer, 1), "dropped", C5, |v| v[1] = 0);
        list.add((Valid, layer, 1), "of 2", C5, |v| v[0] = 2);
        if !program.steps.is_power_of_two() {
            list.add((Valid, layer, program.steps), "in a padded step", C5, |v| v[0] = 1);
        }
        return;
    }
    let weight: &[&str] = &["R-LINK LossWeight"];
    list.add((Residual, layer, 1), "+ 1", &["R-LINK Residual"], |d| d[0] += 1);
    list.add((Residual, layer, 1), "zero", &["R-LINK Residual"], |d| d.fill(0));
    list.add((LossWeight, layer, 1), "+ 2^fd", weight, |w| w[0] += 1 << program.delta_bits);
    list.add((LossWeight, layer, 1), "zero", weight, |w| w.fill(0));
    list.add((LossWeight, layer, 1), "of another class", weight, |w| {
        let other = i64::from(program.loss_weights[1]) << program.delta_bits;
        w[0] = if w[0] == other { i64::from(program.loss_weights[0]) << program.delta_bits } else { other };
    });
    list.add((Label, layer, 1), "+ 1", &[], |y| y[0] += 1);
    if !program.one_hot {
        list.add((Valid, layer, 1), "dropped", weight, |v| v[1] = 0);
        list.add((Valid, layer, 1), "of 2", weight, |v| v[0] = 2);
    }
    rounded(list, layer);
}

/// Every quantity of every layer.
pub fn steps(base: &Instance) -> Vec<Cheat> {
    let (layers, steps) = (base.key.program().layers(), base.key.program().steps);
    let mut list = List { base, cheats: Vec::new() };
    (1..=layers).for_each(|layer| products(&mut list, layer));
    (1..layers).for_each(|layer| hidden(&mut list, layer));
    output(&mut list);
    if !steps.is_power_of_two() {
        let more = |w: &mut [i64]| w.iter_mut().for_each(|w| *w += 1 << 8);
        list.add((Quantity::ForwardWeights, 1, steps), "in a padded step", &["R-S1A"], more);
    }
    list.cheats
}
