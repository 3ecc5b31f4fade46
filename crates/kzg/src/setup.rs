//! A setup in memory.

use crate::msm::{Bases, Prepared};
use crate::pairing;
use crate::powers::{development_tau, g1_powers};
use crate::{cache, ptau, SetupError};
use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, PrimeField};
use fedproof_transcript::{keccak256, point_to_bytes};
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

/// Powers of a secret tau in G1, and tau in G2. Always at least two powers, always consistent (validated when read from a file).
#[derive(Clone)]
pub struct Setup {
    g1: Vec<G1Affine>,
    /// `g1` as commitments need it: made by the first one, since a verifier makes none.
    prepared: OnceLock<Prepared>,
    tau_h: G2Affine,
    prepared_h: pairing::Prepared,
    prepared_tau_h: pairing::Prepared,
    digest: [u8; 32],
    insecure: bool,
}

impl Setup {
    /// INSECURE: tau is a public constant, so whoever wants can open any commitment to anything. For tests and demonstrations.
    /// Has at least two powers.
    pub fn development(powers: usize) -> Self {
        let tau = development_tau();
        Self::assemble(g1_powers(tau, powers.max(2)), development_tau_h())
    }

    /// tau of the development setup.
    pub fn development_tau() -> Fr {
        development_tau()
    }

    /// The first `powers` powers of a snarkjs powers-of-tau file (any stage), fully checked.
    pub fn from_ptau(path: &Path, powers: usize) -> Result<Self, SetupError> {
        ptau::read(path, powers)
    }

    /// A setup written by [`Setup::save`], checked.
    pub fn load(path: &Path) -> Result<Self, SetupError> {
        cache::load(path)
    }

    /// Writes the setup in this crate's own format: to a new file beside `path` first, which then takes its name.
    pub fn save(&self, path: &Path) -> Result<(), SetupError> {
        cache::save(self, path)
    }

    /// The same setup with fewer powers; same digest.
    pub fn truncated(&self, powers: usize) -> Result<Self, SetupError> {
        if powers < 2 {
            return Err(SetupError::TooFewPowers { got: powers });
        }
        let g1 = self.g1.get(..powers).ok_or(SetupError::NotEnoughPowers { wanted: powers, available: self.powers() })?;
        Ok(Self {
            g1: g1.to_vec(),
            prepared: OnceLock::new(),
            tau_h: self.tau_h,
            prepared_h: self.prepared_h.clone(),
            prepared_tau_h: self.prepared_tau_h.clone(),
            digest: self.digest,
            insecure: self.insecure,
        })
    }

    /// Number of powers: commitments have at most so many coefficients.
    pub fn powers(&self) -> usize {
        self.g1.len()
    }

    /// `tau^i G` for every power.
    pub fn g1(&self) -> &[G1Affine] {
        &self.g1
    }

    /// Some of the powers, to be multiplied.
    pub(crate) fn bases(&self, range: Range<usize>) -> Bases<'_> {
        self.prepared.get_or_init(|| Prepared::new(&self.g1)).bases(&self.g1, range)
    }

    /// `tau H`.
    pub fn tau_h(&self) -> &G2Affine {
        &self.tau_h
    }

    /// keccak256("fedproof/setup/1" ‖ tau G1 ‖ tau H): identifies tau, whatever the number of powers.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// What a verifier needs: tau G1 and tau H, as they are hashed.
    pub fn verifier_points(&self) -> [u8; 192] {
        let mut bytes = [0; 192];
        let tau_g = self.g1.get(1).copied().unwrap_or_default();
        bytes[..64].copy_from_slice(&point_to_bytes(&tau_g));
        bytes[64..].copy_from_slice(&g2_to_bytes(&self.tau_h));
        bytes
    }

    /// Whether tau is the public one of the development setup, wherever the setup was read from.
    pub fn insecure(&self) -> bool {
        self.insecure
    }

    /// Whether `e(left, H) == e(right, tau H)`.
    pub fn pairing_check(&self, left: G1Affine, right: G1Affine) -> bool {
        pairing::check(&self.prepared_h, &self.prepared_tau_h, left, right)
    }

    /// A setup of points known to be consistent; `g1` has at least two.
    pub(crate) fn assemble(g1: Vec<G1Affine>, tau_h: G2Affine) -> Self {
        let tau_g = g1.get(1).copied().unwrap_or_default();
        Self {
            g1,
            prepared: OnceLock::new(),
            tau_h,
            prepared_h: G2Affine::generator().into(),
            prepared_tau_h: tau_h.into(),
            digest: digest(&tau_g, &tau_h),
            insecure: tau_g == (G1Affine::generator() * development_tau()).into_affine(),
        }
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("powers", &self.powers())
            .field("digest", &format_args!("{:02x?}", self.digest))
            .field("insecure", &self.insecure)
            .finish()
    }
}

fn development_tau_h() -> G2Affine {
    (G2Affine::generator() * development_tau()).into_affine()
}

fn digest(tau_g: &G1Affine, tau_h: &G2Affine) -> [u8; 32] {
    keccak256(&[b"fedproof/setup/1", &point_to_bytes(tau_g), &g2_to_bytes(tau_h)])
}

/// x.c1 ‖ x.c0 ‖ y.c1 ‖ y.c0 as EIP-197 has it; zeros for the identity.
pub(crate) fn g2_to_bytes(point: &G2Affine) -> [u8; 128] {
    let mut out = [0; 128];
    if let Some((x, y)) = point.xy() {
        for (chunk, coordinate) in out.chunks_exact_mut(32).zip([x.c1, x.c0, y.c1, y.c0]) {
            let integer = <Fq as PrimeField>::into_bigint(coordinate);
            chunk.copy_from_slice(&integer.to_bytes_be());
        }
    }
    out
}
