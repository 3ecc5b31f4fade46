//! Transcripts that note what happens on them and can be told what to draw.

use ark_bn254::Fr;
use fedproof_transcript::{label, DecodeError, G1Affine, KeccakProver, KeccakVerifier, ProverTranscript, VerifierTranscript};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// What a transcript was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bytes of the statement.
    Absorb,
    Scalars,
    Points,
    Draw,
}

/// One use of a transcript; `count` is in bytes, scalars or points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub kind: Kind,
    pub label: u8,
    pub index: u16,
    pub count: usize,
}

impl Event {
    /// Bytes in the proof body.
    pub fn bytes(&self) -> usize {
        match self.kind {
            Kind::Scalars => 32 * self.count,
            Kind::Points => 64 * self.count,
            Kind::Absorb | Kind::Draw => 0,
        }
    }

    pub fn name(&self) -> &'static str {
        let list = if self.kind == Kind::Draw { label::DRAWN } else { label::ABSORBED };
        list.iter().find(|(_, value)| *value == self.label).map_or("?", |(name, _)| name)
    }
}

/// Everything noted so far.
#[derive(Debug, Default)]
pub struct Log {
    pub events: Vec<Event>,
    pub drawn: HashMap<(u8, u16), Fr>,
}

/// A log that outlives the transcript.
#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<Mutex<Log>>);

impl Shared {
    pub fn get(&self) -> MutexGuard<'_, Log> {
        self.0.lock().expect("log")
    }

    /// A challenge drawn before.
    pub fn drawn(&self, label: u8, index: u16) -> Fr {
        self.get().drawn[&(label, index)]
    }

    /// Challenges drawn before, of consecutive indices.
    pub fn point(&self, label: u8, base: u16, n: usize) -> Vec<Fr> {
        (base..).take(n).map(|i| self.drawn(label, i)).collect()
    }
}

/// Chooses a challenge, given those before it, its (label, index), and what the hash says for any (label, index).
pub type Rule = fn(&mut HashMap<(u8, u16), Fr>, (u8, u16), &dyn Fn(u8, u16) -> Fr) -> Fr;

/// The protocol as it is.
pub fn honest(_: &mut HashMap<(u8, u16), Fr>, (label, index): (u8, u16), hash: &dyn Fn(u8, u16) -> Fr) -> Fr {
    hash(label, index)
}

/// A transcript with a log.
pub struct Recorder<T> {
    pub inner: T,
    pub log: Shared,
    rule: Rule,
}

impl<T> Recorder<T> {
    pub fn new(inner: T, log: &Shared, rule: Rule) -> Self {
        Self { inner, log: log.clone(), rule }
    }

    fn note(&self, kind: Kind, label: u8, index: u16, count: usize) {
        self.log.get().events.push(Event { kind, label, index, count });
    }

    fn draw(&mut self, label: u8, index: u16, hash: &dyn Fn(&mut T, u8, u16) -> Fr) -> Fr {
        self.note(Kind::Draw, label, index, 1);
        let inner = std::cell::RefCell::new(&mut self.inner);
        let mut log = self.log.get();
        let value = (self.rule)(&mut log.drawn, (label, index), &|l, i| hash(&mut inner.borrow_mut(), l, i));
        log.drawn.insert((label, index), value);
        value
    }
}

impl ProverTranscript for Recorder<KeccakProver> {
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        self.note(Kind::Absorb, label, index, data.len());
        self.inner.absorb(label, index, data);
    }

    fn send_scalars(&mut self, label: u8, index: u16, values: &[Fr]) {
        self.note(Kind::Scalars, label, index, values.len());
        self.inner.send_scalars(label, index, values);
    }

    fn send_points(&mut self, label: u8, index: u16, points: &[G1Affine]) {
        self.note(Kind::Points, label, index, points.len());
        self.inner.send_points(label, index, points);
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        self.draw(label, index, &|t, l, i| t.challenge(l, i))
    }
}

impl VerifierTranscript for Recorder<KeccakVerifier<'_>> {
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        self.note(Kind::Absorb, label, index, data.len());
        self.inner.absorb(label, index, data);
    }

    fn read_scalars(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<Fr>, DecodeError> {
        self.note(Kind::Scalars, label, index, n);
        self.inner.read_scalars(label, index, n)
    }

    fn read_points(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<G1Affine>, DecodeError> {
        self.note(Kind::Points, label, index, n);
        self.inner.read_points(label, index, n)
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        self.draw(label, index, &|t, l, i| t.challenge(l, i))
    }

    fn finish(self) -> Result<(), DecodeError> {
        self.inner.finish()
    }
}
