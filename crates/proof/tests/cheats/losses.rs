//! Softmax and the Huber loss: maximum, marks, sums, quotients, differences.

use super::steps::List;
use super::{Cheat, C10, C3, C7, C8, C9, LOOKUP};
use crate::common::Instance;
use fedproof_program::{Columns, Direction, Loss};
use fedproof_witness::Quantity;

/// The step in which everything goes wrong.
const STEP: usize = 1;

/// Exponents M - q of the first record of the step.
fn exponents(base: &Instance) -> Vec<i64> {
    let program = base.key.program();
    let row = |j| base.row(program.layers(), Direction::Exponential, STEP, 0, j);
    (0..program.outputs()).map(|j| base.trace.columns[Columns::Q][row(j)] - program.min_value()).collect()
}

fn softmax(list: &mut List<'_>) {
    use Quantity::*;
    let (program, layout) = (list.base.key.program().clone(), list.base.key.layout().clone());
    let (layer, width, used) = (program.layers(), 1usize << layout.unit_bits[program.layers()], program.outputs());
    let live = exponents(list.base);
    let first = live.iter().position(|&e| e == 0).expect("a maximum");
    let other = (0..used).find(|&j| live[j] != 0).expect("two different values: choose another seed");
    let second = *live.iter().filter(|&&e| e > 0).min().expect("two different values: choose another seed");
    let next = live.iter().position(|&e| e == second).expect("the second largest");
    let at = |quantity| (quantity, layer, STEP);
    let mark: &[&str] = &["R-LINK Mark"];

    list.add(at(Exponent), "of a maximum too large", C10, |e| e[..used].iter_mut().for_each(|e| *e += 1));
    list.add(at(Exponent), "too large by one", &["R-LINK Maximum"], |e| e[other] += 1);
    list.add(at(Exponential), "+ 1", LOOKUP, |e| e[other] += 1);
    list.add(at(ExponentialCopy), "+ 1", &["R-LINK Exponential"], |e| e[other] += 1);
    list.add(at(Mark), "missing", mark, |m| m[first] = 0);
    list.add(at(Mark), "of a smaller value", C10, |m| m.swap(first, other));
    list.add(at(Mark), "of 2 and -1", &[], |m| (m[first], m[other]) = (2, -1));
    list.add(at(Mark), "twice", &[], |m| m[other] = 1);
    let here = |quantity: Quantity, l: usize, step: usize, wanted: Quantity| (quantity, l, step) == (wanted, layer, STEP);
    list.add_all("the second largest as the maximum", LOOKUP, &|q, l, t, cells| {
        if here(q, l, t, Exponent) {
            cells[..used].iter_mut().for_each(|e| *e -= second);
        } else if here(q, l, t, Mark) {
            cells.swap(first, next);
        }
    });
    if used < width {
        list.add(at(Mark), "of 2 on a padded unit", C9, |m| m[used] = 2);
        list.add_all("a padded unit as the maximum", mark, &|q, l, t, cells| {
            if here(q, l, t, Exponent) {
                cells[..used].iter_mut().for_each(|e| *e += 1);
            } else if here(q, l, t, Mark) {
                cells.swap(first, used);
            }
        });
        let padded = program.bits + 1;
        list.add(at(Sum), "over padded units", &["R-LINK Sum"], |s| s[..width].iter_mut().for_each(|s| *s += 1 << padded));
    }
    list.add(at(Sum), "+ 1", &["R-LINK Sum"], |s| s[..width].iter_mut().for_each(|s| *s += 1));
    list.add(at(Sum), "+ 1 for one unit", &["R-LINK Sum"], |s| s[other] += 1);
    list.add(at(Quotient), "+ 1", LOOKUP, |p| p[first] += 1);
    list.add(at(Quotient), "- 1", LOOKUP, |p| p[first] -= 1);
    list.add(at(Remainder), "+ 1", C7, |r| r[other] += 1);
    list.add(at(Complement), "+ 1", C8, |c| c[other] += 1);
    let row = list.base.row(layer, Direction::Quotient, STEP, 0, first);
    let divisor = 2 * list.base.trace.columns[layout.columns.s()][row];
    list.add_all("a remainder of 2S and more", C8, &|q, l, t, cells| {
        if here(q, l, t, Quotient) {
            cells[first] -= 1;
        } else if here(q, l, t, Complement) {
            cells[first] += divisor;
        }
    });
}

fn huber(list: &mut List<'_>) {
    use Quantity::*;
    let layer = list.base.key.program().layers();
    let at = |quantity| (quantity, layer, STEP);
    let half = -list.base.key.program().min_value();
    list.add(at(Difference), "+ 1", &["R-LINK Difference"], |d| d[0] += 1);
    list.add(at(Difference), "+ 2^l", &["R-LINK Difference"], |d| d[0] += 2 * half);
    list.add(at(ClampDifference), "+ 1, paid by the saturation distance", C3, |q| {
        *q.iter_mut().find(|q| **q + 1 < half).expect("room") += 1;
    });
    list.add(at(Clamped), "+ 1", LOOKUP, |a| a[0] += 1);
    list.add(at(Clamped), "of the other sign", LOOKUP, |a| *a.iter_mut().find(|a| **a != 0).expect("a difference") *= -1);
}

/// All cheats of a program's loss.
pub fn losses(base: &Instance) -> Vec<Cheat> {
    let mut list = List { base, cheats: Vec::new() };
    match base.key.program().loss {
        Loss::Softmax => softmax(&mut list),
        Loss::Huber => huber(&mut list),
        Loss::Squared | Loss::Sigmoid => {}
    }
    list.cheats
}
