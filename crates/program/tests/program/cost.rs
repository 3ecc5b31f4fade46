//! The shape of a proof, where a program leaves it open.

use crate::strategy::{any_program, rich, sample};
use fedproof_program::{Cost, Layout, Prefer, Program, ProgramError};
use proptest::prelude::*;

fn open(p: Program) -> Program {
    Program { limb_bits: 0, group: 0, vector_bits: 0, ..p }
}

fn cost(p: &Program) -> Cost {
    Cost::of(p, &Layout::of(p))
}

#[test]
fn preferences_have_names() {
    let named = ["time", "gas", "size", "speed"].map(Prefer::from_name);
    assert_eq!(named, [Some(Prefer::Time), Some(Prefer::Gas), Some(Prefer::Size), None]);
}

#[test]
fn each_preference_is_best_at_what_it_prefers() {
    for p in [sample(), rich()] {
        let [time, gas, size] =
            [Prefer::Time, Prefer::Gas, Prefer::Size].map(|prefer| cost(&open(p.clone()).choose(prefer).unwrap()));
        assert!(gas.gas <= time.gas && gas.gas <= size.gas, "{gas:?} {size:?}");
        assert!(size.bytes <= time.bytes && size.bytes <= gas.bytes, "{size:?} {gas:?}");
        assert!(time.core_seconds() <= size.core_seconds() && time.core_seconds() <= gas.core_seconds(), "{time:?} {size:?}");
    }
}

#[test]
fn what_is_wrong_in_any_shape_is_said() {
    let error = open(Program { openings: 0, ..sample() }).choose(Prefer::Time).unwrap_err();
    assert!(matches!(error, ProgramError::Field { field: "openings", .. }), "{error}");
    let error = Program { vector_bits: 11, ..open(sample()) }.choose(Prefer::Size).unwrap_err();
    assert!(matches!(error, ProgramError::Field { field: "vector_bits", .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is given stays, what is chosen is legal and the same every time.
    #[test]
    fn only_open_fields_are_chosen(p in any_program(), given in 0u8..8) {
        let bit = |k: u8| given & (1 << k) != 0;
        let asked = Program {
            limb_bits: if bit(0) { p.limb_bits } else { 0 },
            group: if bit(1) { p.group } else { 0 },
            vector_bits: if bit(2) { p.vector_bits } else { 0 },
            ..p.clone()
        };
        // a given length may be too short for other limbs
        if let Ok(chosen) = asked.clone().choose(Prefer::Time) {
            prop_assert_eq!(chosen.clone().validated(), Ok(chosen.clone()));
            let shape = |p: &Program| (p.limb_bits, p.group, p.vector_bits);
            let (limb_bits, group, vector_bits) = shape(&chosen);
            prop_assert_eq!((bit(0), bit(1), bit(2)), (bit(0) && limb_bits == p.limb_bits, bit(1) && group == p.group, bit(2) && vector_bits == p.vector_bits));
            prop_assert_eq!(Program { limb_bits: p.limb_bits, group: p.group, vector_bits: p.vector_bits, ..chosen.clone() }, p.clone());
            prop_assert_eq!(asked.choose(Prefer::Time), Ok(chosen));
        } else {
            prop_assert!(given != 7);
        }
    }
}
