//! Everything a test replaces: the random oracle, the commitment scheme and the randomness of the prover.

use ark_bn254::{Fq, Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{PrimeField, Zero};
use fedproof_kzg::Commit;
use fedproof_program::keccak256;
use fedproof_transcript::{label, scalar_from_bytes, DecodeError, ProverTranscript, VerifierTranscript};
use rand::{CryptoRng, RngCore};

/// The challenge that a programmed oracle answers, whatever was absorbed.
pub fn challenge(seed: u64, label: u8, index: u16) -> Fr {
    let mut digest = keccak256(&[b"programmed", &seed.to_be_bytes(), &[label], &index.to_be_bytes()]);
    digest[0] &= 0x1f;
    scalar_from_bytes(&digest).expect("253 bits")
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Scalars(Vec<Fr>),
    Points(Vec<G1Affine>),
}

/// One message of the prover.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub label: u8,
    pub index: u16,
    pub body: Body,
}

/// Records the prover's messages and answers with the challenges of `oracle`: a programmed one or a real transcript.
pub struct Recorder<O> {
    pub oracle: O,
    pub messages: Vec<Message>,
}

/// Seed of programmed challenges.
pub struct Programmed(pub u64);

impl ProverTranscript for Programmed {
    fn absorb(&mut self, _: u8, _: u16, _: &[u8]) {}
    fn send_scalars(&mut self, _: u8, _: u16, _: &[Fr]) {}
    fn send_points(&mut self, _: u8, _: u16, _: &[G1Affine]) {}
    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        challenge(self.0, label, index)
    }
}

impl<O> Recorder<O> {
    pub fn new(oracle: O) -> Self {
        Self { oracle, messages: Vec::new() }
    }
}

impl<O: ProverTranscript> ProverTranscript for Recorder<O> {
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        self.oracle.absorb(label, index, data);
    }

    fn send_scalars(&mut self, label: u8, index: u16, values: &[Fr]) {
        self.oracle.send_scalars(label, index, values);
        self.messages.push(Message { label, index, body: Body::Scalars(values.to_vec()) });
    }

    fn send_points(&mut self, label: u8, index: u16, points: &[G1Affine]) {
        self.oracle.send_points(label, index, points);
        self.messages.push(Message { label, index, body: Body::Points(points.to_vec()) });
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        self.oracle.challenge(label, index)
    }
}

/// Hands messages to a verifier whose challenges are programmed; `x` replaces the last challenge.
pub struct Replay<'a> {
    pub seed: u64,
    pub messages: &'a [Message],
    pub x: Option<Fr>,
}

impl Replay<'_> {
    fn next(&mut self, label: u8, index: u16) -> Result<Body, DecodeError> {
        let (first, rest) = self.messages.split_first().ok_or(DecodeError::WrongLength { expected: 1, got: 0 })?;
        assert_eq!((first.label, first.index), (label, index), "messages in another order");
        self.messages = rest;
        Ok(first.body.clone())
    }
}

impl VerifierTranscript for Replay<'_> {
    fn absorb(&mut self, _: u8, _: u16, _: &[u8]) {}

    fn read_scalars(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<Fr>, DecodeError> {
        match self.next(label, index)? {
            Body::Scalars(values) if values.len() == n => Ok(values),
            other => panic!("{n} scalars expected, got {other:?}"),
        }
    }

    fn read_points(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<G1Affine>, DecodeError> {
        match self.next(label, index)? {
            Body::Points(points) if points.len() == n => Ok(points),
            other => panic!("{n} points expected, got {other:?}"),
        }
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        match self.x {
            Some(x) if label == label::X => x,
            _ => challenge(self.seed, label, index),
        }
    }

    fn finish(self) -> Result<(), DecodeError> {
        assert!(self.messages.is_empty(), "messages left over");
        Ok(())
    }
}

/// Knows tau. A commitment is its exponent v(tau), written as the pair (v, 0): the prover never computes with points.
pub struct Exponents(Vec<Fr>);

impl Exponents {
    pub fn new(tau: Fr, powers: usize) -> Self {
        Self(std::iter::successors(Some(Fr::from(1u64)), |p| Some(*p * tau)).take(powers).collect())
    }
}

fn small(value: i64) -> Fr {
    let magnitude = Fr::from(value.unsigned_abs());
    if value < 0 {
        -magnitude
    } else {
        magnitude
    }
}

fn write_exponent(value: Fr) -> G1Affine {
    G1Affine::new_unchecked(Fq::from_bigint(value.into_bigint()).expect("r < p"), Fq::zero())
}

/// The exponent of a commitment made with [`Exponents`].
pub fn exponent(point: &G1Affine) -> Fr {
    Fr::from_bigint(point.x().expect("no identity here").into_bigint()).expect("an exponent")
}

impl Commit for Exponents {
    fn commit_small(&self, values: &[i64], tail_at: usize, tail: &[Fr]) -> G1Affine {
        let cells = values.iter().zip(&self.0).filter(|(v, _)| **v != 0).map(|(&v, p)| small(v) * p);
        let blinds = tail.iter().zip(&self.0[tail_at..]).map(|(v, p)| *v * p);
        assert!(values.len().max(tail_at + tail.len()) <= self.0.len(), "too few powers");
        write_exponent(cells.chain(blinds).sum())
    }

    fn commit(&self, coefficients: &[Fr]) -> G1Affine {
        assert!(coefficients.len() <= self.0.len(), "too few powers");
        write_exponent(coefficients.iter().zip(&self.0).map(|(v, p)| *v * p).sum())
    }
}

/// Feeds chosen field elements to `Fr::rand`, which takes four words as the internal (Montgomery) limbs of an element below r.
pub struct Scripted<'a> {
    values: &'a [Fr],
    word: usize,
}

impl<'a> Scripted<'a> {
    pub fn new(values: &'a [Fr]) -> Self {
        Self { values, word: 0 }
    }

    /// Whether everything was drawn.
    pub fn exhausted(&self) -> bool {
        self.word == 4 * self.values.len()
    }
}

impl RngCore for Scripted<'_> {
    fn next_u64(&mut self) -> u64 {
        let value = self.values.get(self.word / 4).expect("the prover draws more randomness than the test knows of");
        let word = value.0 .0[self.word % 4];
        self.word += 1;
        word
    }

    fn next_u32(&mut self) -> u32 {
        unreachable!("the prover draws field elements only")
    }

    fn fill_bytes(&mut self, _: &mut [u8]) {
        unreachable!("the prover draws field elements only")
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), rand::Error> {
        unreachable!("the prover draws field elements only")
    }
}

impl CryptoRng for Scripted<'_> {}

#[test]
fn scripted_elements_are_drawn() {
    use ark_ff::UniformRand;
    let values: Vec<Fr> = (0..9u64).map(|i| Fr::from(i) - Fr::from(4u64)).collect();
    let mut rng = Scripted::new(&values);
    let drawn: Vec<Fr> = values.iter().map(|_| Fr::rand(&mut rng)).collect();
    assert_eq!(drawn, values);
    assert!(rng.exhausted());
}
