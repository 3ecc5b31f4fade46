//! The mask vector: every mask has its own cell; folds have the degrees that the terms need.

use crate::strategy::any_program;
use fedproof_program::{Helper, Layout, Loss, MaskLayout, RegistrationLayout, Stage, Unit};
use proptest::prelude::*;

const STAGES: [Stage; 4] = [Stage::S1a, Stage::S1b, Stage::S2, Stage::S3];

/// All masked cells, in order, without gap or overlap between the two random ends.
fn check_cells(masks: &MaskLayout) -> Result<(), TestCaseError> {
    let coefficients = |&s: &Stage| masks.coefficients(s)..masks.coefficients(s) + masks.degrees(s).iter().sum::<usize>();
    let values = |&s: &Stage| (0..masks.value_count(s)).map(move |k| masks.value(s, k));
    let blinds = masks.update_blinds().iter().flat_map(|&(at, n)| at..at + n);
    let cells: Vec<usize> =
        STAGES.iter().flat_map(coefficients).chain(STAGES[..3].iter().flat_map(values)).chain(blinds).collect();
    prop_assert_eq!(cells, (3..masks.support_end()).collect::<Vec<_>>());
    prop_assert_eq!(masks.len(), masks.support_end() + 3);
    let scalars: usize = STAGES.iter().flat_map(|&s| masks.degrees(s)).sum();
    prop_assert_eq!(masks.fold_scalars(), scalars);
    Ok(())
}

/// Degrees of S2 straight from section 2: all folds but the last, and the last.
fn degrees(helpers: &[Helper], constraints: usize, masked_constraints: usize) -> (usize, usize) {
    let count = |h: &Helper, unit: fn(&Unit) -> bool| h.iter().filter(|u| unit(u)).count();
    let inner = |h: &Helper| 2 + h.len() + count(h, |u| matches!(u, Unit::Activation));
    let last =
        |h: &Helper| 3 + 2 * h.len() + count(h, |u| matches!(u, Unit::Activation)) - count(h, |u| matches!(u, Unit::Lane(_)));
    let most = |f: &dyn Fn(&Helper) -> usize| helpers.iter().map(f).max().unwrap();
    (most(&inner).max(constraints), most(&last).max(masked_constraints))
}

proptest! {
    #[test]
    fn training(p in any_program()) {
        let layout = Layout::of(&p);
        let masks = &layout.masks;
        check_cells(masks)?;
        prop_assert!(masks.len() + 8 <= layout.n());
        let terms = layout.terms_a.len();
        prop_assert_eq!(masks.value_count(Stage::S1a), 2 * terms);
        prop_assert_eq!(masks.value_count(Stage::S1b), 2 * (terms + p.layers()));
        prop_assert_eq!(masks.value_count(Stage::S2), layout.columns.count() + 2);
        let na = layout.terms_a.iter().map(|&t| layout.tb + layout.inner_bits(t)).max().unwrap();
        for (stage, variables) in [(Stage::S1a, na), (Stage::S1b, layout.tb + layout.bb)] {
            let expected: Vec<usize> = (0..variables).map(|v| 2 + usize::from(v < layout.tb) + 2 * usize::from(v == 0)).collect();
            prop_assert_eq!(masks.degrees(stage), expected);
        }
        let (inner, last) = degrees(&layout.helpers, 4, 7);
        let (end, others) = masks.degrees(Stage::S2).split_last().unwrap();
        prop_assert_eq!((*end, others.len() + 1), (last, layout.c));
        prop_assert!(others.iter().all(|&d| d == inner));
        prop_assert_eq!(masks.degrees(Stage::S3), vec![2; layout.vector_bits]);
        let blinds: Vec<usize> = masks.update_blinds().iter().map(|b| b.1).collect();
        prop_assert_eq!(blinds.len(), layout.weight_vectors);
        prop_assert!(blinds[0] == 2 * p.openings + 1 && blinds[1..].iter().all(|&b| b == 1));
        prop_assert!(layout.setup_powers() >= layout.n() + 3.max(blinds[0]));
    }

    #[test]
    fn registration(p in any_program()) {
        let layout = Layout::of(&p);
        let registration = RegistrationLayout::of(&p, &layout);
        check_cells(&registration.masks)?;
        let units: Vec<Unit> = registration.helpers.iter().flatten().copied().collect();
        let signed = (0..layout.data_vectors).map(|column| Unit::Signed { column, bits: p.bits });
        prop_assert_eq!(units, signed.chain([Unit::Lane(0)]).collect::<Vec<_>>());
        prop_assert_eq!(registration.count(), registration.helper(registration.helpers.len()));
        prop_assert_eq!(registration.masks.value_count(Stage::S2), registration.count());
        let (inner, last) = degrees(&registration.helpers, 4, 6);
        let (end, others) = registration.masks.degrees(Stage::S2).split_last().unwrap();
        prop_assert_eq!((*end, others.len() + 1), (last, layout.vector_bits));
        prop_assert!(others.iter().all(|&d| d == inner));
        prop_assert!(registration.masks.variables(Stage::S1a) == 0 && registration.masks.variables(Stage::S1b) == 0);
        prop_assert_eq!(registration.one_hot, p.one_hot);
        prop_assert!(registration.masks.len() + 8 <= layout.n());
        prop_assert_eq!(registration.targets_in_range, matches!(p.loss, Loss::Squared | Loss::Huber));
    }
}
