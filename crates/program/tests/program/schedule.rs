//! Every block once in every nblocks steps, for all participants alike.

use crate::strategy::{any_program, sample};
use fedproof_program::{keccak256, Program, Schedule};
use proptest::prelude::*;

/// Fisher-Yates with integers of 256 bits as remainders of single bytes.
fn slow_pi(bits: usize, seed: &[u8; 32]) -> Vec<u8> {
    let mut pi: Vec<u8> = (0..bits as u8).collect();
    for i in (1..bits).rev() {
        let mut message = seed.to_vec();
        message.extend([0; 31]);
        message.push(i as u8);
        let hash = keccak256(&[&message]);
        pi.swap(i, hash.iter().fold(0, |rest, &b| (rest * 256 + usize::from(b)) % (i + 1)));
    }
    pi
}

proptest! {
    #[test]
    fn every_block_once_in_a_period(p in any_program(), seed in any::<[u8; 32]>()) {
        let schedule = Schedule::from_seed(&p, &seed);
        let bits = p.blocks.trailing_zeros() as usize;
        prop_assert_eq!(&schedule.pi, &slow_pi(bits, &seed));
        prop_assert_eq!(schedule.beta as usize, (usize::from(seed[30]) * 256 + usize::from(seed[31])) % p.blocks);
        prop_assert_eq!(&Schedule::new(&p, schedule.pi.clone(), schedule.beta), &Ok(schedule.clone()));
        let mut blocks: Vec<usize> = (0..p.blocks).map(|t| schedule.block(t)).collect();
        for (t, &block) in blocks.iter().enumerate() {
            let moved: usize = (0..bits).map(|k| ((t >> k) & 1) << schedule.pi[k]).sum();
            prop_assert_eq!(block, moved ^ schedule.beta as usize);
            prop_assert_eq!(schedule.block(t + 3 * p.blocks), block);
        }
        blocks.sort();
        prop_assert_eq!(blocks, (0..p.blocks).collect::<Vec<_>>());
    }
}

#[test]
fn bad_schedules_are_refused() {
    let p = sample();
    assert!(Schedule::new(&p, vec![2, 0, 1], 7).is_ok());
    for (pi, beta) in [(vec![0, 1], 0), (vec![0, 1, 1], 0), (vec![0, 1, 3], 0), (vec![0, 1, 2, 0], 0), (vec![0, 1, 2], 8)] {
        assert!(Schedule::new(&p, pi.clone(), beta).is_err(), "{pi:?} {beta}");
    }
    let single = Program { blocks: 1, ..p };
    assert!(Schedule::new(&single, vec![], 0).is_ok());
    assert_eq!(Schedule::from_seed(&single, &[255; 32]).block(5), 0);
}
