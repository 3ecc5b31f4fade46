//! Random changes of bytes, from a seed: the same inputs on every machine.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// Integers that readers trip over.
const NUMBERS: [u64; 12] = [0, 1, 2, 127, 255, 256, 65535, 65536, 1 << 28, u32::MAX as u64, i64::MAX as u64, u64::MAX];

/// Makes inputs out of valid ones.
pub struct Mutator(ChaCha20Rng);

impl Mutator {
    /// The mutator of a seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// One of `seeds`, changed one to eight times.
    pub fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = self.pick(seeds).to_vec();
        for _ in 0..1u32 << self.0.gen_range(0..4) {
            self.change(&mut bytes, seeds);
        }
        bytes
    }

    fn pick<'a>(&mut self, seeds: &'a [Vec<u8>]) -> &'a [u8] {
        let at = self.0.gen_range(0..seeds.len().max(1));
        seeds.get(at).map_or(&[], Vec::as_slice)
    }

    /// A part of `len` bytes at most 64 long.
    fn part(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.0.gen_range(0..=len);
        start..self.0.gen_range(start..=len.min(start + 64))
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.0.gen_range(0..bytes.len().max(1));
        match self.0.gen_range(0..9) {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << self.0.gen_range(0..8)),
            1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = self.0.gen()),
            2 => {
                let number = NUMBERS[self.0.gen_range(0..NUMBERS.len())].to_be_bytes();
                let width = 1usize << self.0.gen_range(0..4);
                let mut number = number[8 - width..].to_vec();
                if self.0.gen() {
                    number.reverse();
                }
                bytes.iter_mut().skip(at).zip(number).for_each(|(byte, new)| *byte = new);
            }
            3 => bytes.truncate(at),
            4 => {
                let mut more = vec![0; self.0.gen_range(1..=64)];
                self.0.fill_bytes(&mut more);
                bytes.splice(at..at, more);
            }
            5 => drop(bytes.drain(self.part(bytes.len()))),
            6 => {
                let copied = bytes[self.part(bytes.len())].to_vec();
                bytes.iter_mut().skip(at).zip(copied).for_each(|(byte, new)| *byte = new);
            }
            7 => {
                let copied = bytes[self.part(bytes.len())].to_vec();
                bytes.splice(at..at, copied);
            }
            _ => {
                let other = self.pick(seeds).to_vec();
                let part = self.part(other.len());
                bytes.iter_mut().skip(part.start).zip(&other[part.clone()]).for_each(|(byte, new)| *byte = *new);
            }
        }
    }
}
