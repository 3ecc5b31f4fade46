//! Every way to read a weight function agrees with its cells.

use super::{Block, ScheduleWeight, Weight};
use ark_bn254::Fr;
use ark_ff::{One, UniformRand, Zero};
use fedproof_program::Schedule;
use fedproof_sumcheck::{bit_point, evaluate};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

fn random_point(n: usize, rng: &mut ChaCha20Rng) -> Vec<Fr> {
    (0..n).map(|_| Fr::rand(rng)).collect()
}

fn random_schedule(nb: usize, rng: &mut ChaCha20Rng) -> ScheduleWeight {
    let mut pi: Vec<u8> = (0..nb as u8).collect();
    (1..nb).for_each(|i| pi.swap(i, rng.gen_range(0..=i)));
    let step_bits = rng.gen_range(0..4);
    // T > 2^(tb - 1), as the layout has it
    let steps = rng.gen_range((1usize << step_bits) / 2 + 1..=1 << step_bits);
    let point = rng.gen_bool(0.7).then(|| random_point(step_bits, rng));
    ScheduleWeight { schedule: Schedule { pi, beta: rng.gen_range(0..1 << nb) }, steps, step_bits, point }
}

fn random_block(rng: &mut ChaCha20Rng) -> Block {
    let n = rng.gen_range(0..4);
    let end = rng.gen_range(1..=1usize << n);
    match rng.gen_range(0..9) {
        0 | 1 => Block::Index(rng.gen_range(0..1 << n), n),
        2 => Block::Eq(random_point(n, rng)),
        3 => Block::EqBelow(random_point(n, rng), end),
        4 => Block::Ones(n),
        5 => Block::Below(end, n),
        6 => Block::Values((0..1 << n).map(|k| if k % 3 == 1 { Fr::zero() } else { Fr::rand(rng) }).collect()),
        7 => Block::Powers(Fr::rand(rng), n),
        _ => Block::Schedule(random_schedule(n, rng)),
    }
}

#[test]
fn cells_values_parts_and_what_is_skipped_agree() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut skipped = 0;
    for _ in 0..2000 {
        let weight = Weight((0..rng.gen_range(1..5)).map(|_| random_block(&mut rng)).collect());
        let n = weight.variables();
        let mut cells = vec![Fr::zero(); 1 << n];
        weight.add_to(Fr::one(), &mut cells);
        let r = random_point(n, &mut rng);
        assert_eq!(weight.at(&r), evaluate(&cells, &r), "{weight:?}");

        let bits = rng.gen_range(0..=n.min(4));
        for (value, slice) in cells.chunks_exact(1 << (n - bits)).enumerate() {
            let zero = slice.iter().all(Zero::is_zero);
            if !weight.touches(value, bits) {
                assert!(zero, "{weight:?} is skipped at {value} of {bits} bits");
                assert_eq!(weight.at(&[bit_point(value, bits), r[bits..].to_vec()].concat()), Fr::zero());
                skipped += 1;
            }
            let mut part = vec![Fr::zero(); slice.len()];
            if let Some((factor, rest)) = weight.part(value, bits) {
                assert_eq!(rest.variables(), n - bits);
                rest.add_to(factor, &mut part);
            }
            assert_eq!(part, slice, "{weight:?} at {value} of {bits} bits");
        }
    }
    assert!(skipped > 500, "{skipped}");
}
