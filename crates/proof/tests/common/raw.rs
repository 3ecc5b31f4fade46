//! The transcript of docs/protocol.md, section 7, once more, over plain bytes: a prover that writes a scalar that is not canonical and a
//! verifier that decodes whatever it gets.

use ark_bn254::{Fq, Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, PrimeField, Zero};
use fedproof_transcript::{keccak256, point_to_bytes, scalar_to_bytes, DecodeError, ProverTranscript, VerifierTranscript};

/// The state of a training transcript.
struct Hash([u8; 32]);

impl Hash {
    fn new() -> Self {
        Self(keccak256(&[b"fedproof/training/2"]))
    }

    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        let length = (data.len() as u32).to_be_bytes();
        self.0 = keccak256(&[&self.0, &[0, label], &index.to_be_bytes(), &length, data]);
    }

    fn draw(&self, label: u8, index: u16) -> Fr {
        let digest = keccak256(&[&self.0, &[1, label], &index.to_be_bytes()]);
        let mut limbs = [0u64; 4];
        for (limb, bytes) in limbs.iter_mut().zip(digest.rchunks_exact(8)) {
            *limb = u64::from_be_bytes(bytes.try_into().expect("8 bytes"));
        }
        Fr::from_bigint(BigInt(limbs) >> 3).expect("253 bits")
    }
}

/// Adds r to the first scalar of one message.
pub struct RawProver {
    hash: Hash,
    alter: u8,
    pub proof: Vec<u8>,
    /// Where that scalar is.
    pub altered: Option<usize>,
}

impl RawProver {
    pub fn new(alter: u8) -> Self {
        Self { hash: Hash::new(), alter, proof: Vec::new(), altered: None }
    }

    fn send(&mut self, label: u8, index: u16, data: &[u8]) {
        self.hash.absorb(label, index, data);
        self.proof.extend_from_slice(data);
    }
}

/// 32 big-endian bytes of `value + r`.
fn beyond(value: &Fr) -> [u8; 32] {
    let (mut out, mut carry) = ([0u8; 32], 0u128);
    for ((bytes, a), b) in out.rchunks_exact_mut(8).zip(value.into_bigint().0).zip(Fr::MODULUS.0) {
        let sum = u128::from(a) + u128::from(b) + carry;
        bytes.copy_from_slice(&(sum as u64).to_be_bytes());
        carry = sum >> 64;
    }
    out
}

impl ProverTranscript for RawProver {
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        self.hash.absorb(label, index, data);
    }

    fn send_scalars(&mut self, label: u8, index: u16, values: &[Fr]) {
        let mut data: Vec<u8> = values.iter().flat_map(scalar_to_bytes).collect();
        if label == self.alter {
            data[..32].copy_from_slice(&beyond(&values[0]));
            self.altered = Some(self.proof.len());
        }
        self.send(label, index, &data);
    }

    fn send_points(&mut self, label: u8, index: u16, points: &[G1Affine]) {
        let data: Vec<u8> = points.iter().flat_map(point_to_bytes).collect();
        self.send(label, index, &data);
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        self.hash.draw(label, index)
    }
}

/// Reduces what it reads and never looks at what is left.
pub struct RawVerifier<'a> {
    hash: Hash,
    rest: &'a [u8],
}

impl<'a> RawVerifier<'a> {
    pub fn new(body: &'a [u8]) -> Self {
        Self { hash: Hash::new(), rest: body }
    }

    fn read(&mut self, label: u8, index: u16, n: usize) -> &'a [u8] {
        let (data, rest) = self.rest.split_at(n);
        self.hash.absorb(label, index, data);
        self.rest = rest;
        data
    }
}

impl VerifierTranscript for RawVerifier<'_> {
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        self.hash.absorb(label, index, data);
    }

    fn read_scalars(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<Fr>, DecodeError> {
        Ok(self.read(label, index, 32 * n).chunks_exact(32).map(Fr::from_be_bytes_mod_order).collect())
    }

    fn read_points(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<G1Affine>, DecodeError> {
        let point = |bytes: &[u8]| {
            let (x, y) = (Fq::from_be_bytes_mod_order(&bytes[..32]), Fq::from_be_bytes_mod_order(&bytes[32..]));
            if x.is_zero() && y.is_zero() {
                return G1Affine::zero();
            }
            G1Affine::new_unchecked(x, y)
        };
        Ok(self.read(label, index, 64 * n).chunks_exact(64).map(point).collect())
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        self.hash.draw(label, index)
    }

    fn finish(self) -> Result<(), DecodeError> {
        Ok(())
    }
}
