//! Statements from bytes (docs/protocol.md, section 7): V5 and V6, then the points by V8 and V9.

use ark_bn254::G1Affine;
use fedproof_program::Schedule;
use fedproof_proof::{CloseStatement, Key, ProofError, RegistrationStatement, TrainingStatement};
use fedproof_transcript::{point_from_bytes, POINT_BYTES};

const WORD: usize = 32;
type Word = [u8; WORD];

/// Points that start `start` bytes into what offsets count from.
pub(super) fn points(bytes: &[u8], start: usize) -> Result<Vec<G1Affine>, ProofError> {
    let places = (start..).step_by(POINT_BYTES);
    let chunks = bytes.as_chunks::<POINT_BYTES>().0.iter().zip(places);
    chunks.map(|(chunk, at)| point_from_bytes(chunk).map_err(|error| error.at(at).into())).collect()
}

fn wrong(field: &'static str) -> ProofError {
    ProofError::WrongStatement { field }
}

/// Fields in order.
struct Fields<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// The next `n` bytes and where they start.
    fn take(&mut self, n: usize) -> Result<(&'a [u8], usize), ProofError> {
        let at = self.at;
        self.at += n;
        self.all.get(at..self.at).map(|bytes| (bytes, at)).ok_or(wrong("length"))
    }

    fn word(&mut self) -> Result<Word, ProofError> {
        self.take(WORD)?.0.try_into().map_err(|_| wrong("length"))
    }

    /// A number, the largest if it is larger than any that fits a program.
    fn number(&mut self) -> Result<u64, ProofError> {
        let word = self.word()?;
        let (head, tail) = word.split_last_chunk::<8>().map(|(head, tail)| (head, *tail)).unwrap_or_default();
        Ok(if head.iter().all(|&byte| byte == 0) { u64::from_be_bytes(tail) } else { u64::MAX })
    }

    fn end(&self) -> Result<(), ProofError> {
        if self.at == self.all.len() {
            Ok(())
        } else {
            Err(wrong("length"))
        }
    }
}

fn digests(key: &Key, named: Word, check: impl FnOnce() -> Result<(), ProofError>, setup: Word) -> Result<(), ProofError> {
    if named != key.digest() {
        return Err(wrong("key"));
    }
    check()?;
    if setup != key.setup_digest() {
        return Err(ProofError::WrongSetup);
    }
    Ok(())
}

/// The statement of a training proof.
pub(super) fn training(bytes: &[u8], key: &Key) -> Result<TrainingStatement, ProofError> {
    let layout = key.layout();
    let mut f = Fields { all: bytes, at: 0 };
    let (chain_id, hub, submitter, task, round) = (f.word()?, f.word()?, f.word()?, f.word()?, f.word()?);
    let (named, setup) = (f.word()?, f.word()?);
    let weights = f.take(POINT_BYTES * layout.weight_vectors)?;
    let dataset_id = f.word()?;
    let dataset = f.take(POINT_BYTES * layout.data_vectors)?;
    let pi = f.take(layout.nb)?.0.to_vec();
    let beta = u32::try_from(f.number()?).unwrap_or(u32::MAX);
    let count = f.number()?;
    f.end()?;
    let mut statement = TrainingStatement {
        chain_id,
        hub,
        submitter,
        task,
        round,
        weights: vec![G1Affine::identity(); layout.weight_vectors],
        dataset_id,
        dataset: vec![G1Affine::identity(); layout.data_vectors],
        schedule: Schedule { pi, beta },
        count,
    };
    digests(key, named, || statement.check(key), setup)?;
    statement.weights = points(weights.0, weights.1)?;
    statement.dataset = points(dataset.0, dataset.1)?;
    Ok(statement)
}

/// The statement of a registration proof.
pub(super) fn registration(bytes: &[u8], key: &Key) -> Result<RegistrationStatement, ProofError> {
    let vectors = key.layout().data_vectors;
    let mut f = Fields { all: bytes, at: 0 };
    let (chain_id, hub, submitter, task) = (f.word()?, f.word()?, f.word()?, f.word()?);
    let (named, setup, nonce_commitment) = (f.word()?, f.word()?, f.word()?);
    let dataset = f.take(POINT_BYTES * vectors)?;
    let count = f.number()?;
    f.end()?;
    let identities = vec![G1Affine::identity(); vectors];
    let mut statement = RegistrationStatement { chain_id, hub, submitter, task, nonce_commitment, dataset: identities, count };
    digests(key, named, || statement.check(key), setup)?;
    statement.dataset = points(dataset.0, dataset.1)?;
    Ok(statement)
}

/// The statement of a round-close proof.
pub(super) fn close(bytes: &[u8], key: &Key) -> Result<CloseStatement, ProofError> {
    let vectors = key.layout().weight_vectors;
    let mut f = Fields { all: bytes, at: 0 };
    let (chain_id, hub, submitter, task, round) = (f.word()?, f.word()?, f.word()?, f.word()?, f.word()?);
    let (named, setup) = (f.word()?, f.word()?);
    let (summed, weights) = (f.take(POINT_BYTES * vectors)?, f.take(POINT_BYTES * vectors)?);
    let count = f.number()?;
    f.end()?;
    let none = || vec![G1Affine::identity(); vectors];
    let mut statement = CloseStatement { chain_id, hub, submitter, task, round, summed: none(), weights: none(), count };
    digests(key, named, || statement.check(key), setup)?;
    statement.summed = points(summed.0, summed.1)?;
    statement.weights = points(weights.0, weights.1)?;
    Ok(statement)
}
