//! Public statements and their bytes (docs/protocol.md, section 7).

use crate::{Key, ProofError};
use fedproof_program::{keccak256, Schedule};
use fedproof_transcript::{point_to_bytes, G1Affine};

/// What a training proof proves. Absorbed before anything else: a proof holds for exactly this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingStatement {
    /// Chain id, 0 without a chain.
    pub chain_id: [u8; 32],
    /// Hub contract, or the task's digest without a chain.
    pub hub: [u8; 32],
    /// Address of the participant, left-padded.
    pub submitter: [u8; 32],
    /// Task id.
    pub task: [u8; 32],
    /// Round.
    pub round: [u8; 32],
    /// [W_0], one point per weight vector.
    pub weights: Vec<G1Affine>,
    /// Id of the registered dataset.
    pub dataset_id: [u8; 32],
    /// [D], one point per dataset vector.
    pub dataset: Vec<G1Affine>,
    /// Batch schedule.
    pub schedule: Schedule,
    /// Valid records processed in all T steps.
    pub count: u64,
}

/// What a registration proof proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationStatement {
    /// Chain id, 0 without a chain.
    pub chain_id: [u8; 32],
    /// Hub contract, or the task's digest without a chain.
    pub hub: [u8; 32],
    /// Address of the participant, left-padded.
    pub submitter: [u8; 32],
    /// Task id.
    pub task: [u8; 32],
    /// Commitment of the participant's nonces.
    pub nonce_commitment: [u8; 32],
    /// [D], one point per dataset vector.
    pub dataset: Vec<G1Affine>,
    /// Valid records.
    pub count: u64,
}

/// What a round-close proof proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseStatement {
    /// Chain id, 0 without a chain.
    pub chain_id: [u8; 32],
    /// Hub contract, or the task's digest without a chain.
    pub hub: [u8; 32],
    /// Address of whoever closes the round, left-padded; zero without a chain.
    pub submitter: [u8; 32],
    /// Task id.
    pub task: [u8; 32],
    /// Round.
    pub round: [u8; 32],
    /// [S], the sum of the accepted [W_out], one point per weight vector.
    pub summed: Vec<G1Affine>,
    /// [W'], the next model, one point per weight vector.
    pub weights: Vec<G1Affine>,
    /// Accepted updates.
    pub count: u64,
}

/// Updates of a round are fewer than this.
const MAX_COUNT: u64 = 1 << 16;

fn word(n: u64) -> [u8; 32] {
    let mut out = [0u8; 32];
    if let Some(tail) = out.last_chunk_mut::<8>() {
        *tail = n.to_be_bytes();
    }
    out
}

fn points(list: &[G1Affine]) -> Vec<u8> {
    list.iter().flat_map(point_to_bytes).collect()
}

impl TrainingStatement {
    /// Check V5: sizes and ranges fit the key.
    pub fn check(&self, key: &Key) -> Result<(), ProofError> {
        let wrong = |field| Err(ProofError::WrongStatement { field });
        if self.weights.len() != key.layout().weight_vectors {
            return wrong("weights");
        }
        if self.dataset.len() != key.layout().data_vectors {
            return wrong("dataset");
        }
        if Schedule::new(key.program(), self.schedule.pi.clone(), self.schedule.beta).is_err() {
            return wrong("schedule");
        }
        if self.count > (key.program().steps as u64).saturating_mul(key.program().batch as u64) {
            return wrong("count");
        }
        Ok(())
    }

    /// Canonical bytes.
    pub fn encode(&self, key: &Key) -> Vec<u8> {
        let mut out = Vec::new();
        for field in [self.chain_id, self.hub, self.submitter, self.task, self.round, key.digest(), key.setup_digest()] {
            out.extend_from_slice(&field);
        }
        out.extend(points(&self.weights));
        out.extend_from_slice(&self.dataset_id);
        out.extend(points(&self.dataset));
        out.extend_from_slice(&self.schedule.pi);
        out.extend_from_slice(&word(self.schedule.beta.into()));
        out.extend_from_slice(&word(self.count));
        out
    }
}

impl RegistrationStatement {
    /// Check V5: sizes and ranges fit the key.
    pub fn check(&self, key: &Key) -> Result<(), ProofError> {
        if self.dataset.len() != key.layout().data_vectors {
            return Err(ProofError::WrongStatement { field: "dataset" });
        }
        if self.count > key.program().records() as u64 {
            return Err(ProofError::WrongStatement { field: "count" });
        }
        Ok(())
    }

    /// Canonical bytes.
    pub fn encode(&self, key: &Key) -> Vec<u8> {
        let mut out = Vec::new();
        for field in [self.chain_id, self.hub, self.submitter, self.task, key.digest(), key.setup_digest(), self.nonce_commitment]
        {
            out.extend_from_slice(&field);
        }
        out.extend(points(&self.dataset));
        out.extend_from_slice(&word(self.count));
        out
    }

    /// Id of the dataset that this registers.
    pub fn dataset_id(&self, key: &Key) -> [u8; 32] {
        keccak256(&[b"fedproof/dataset/1", &self.encode(key)])
    }
}

impl CloseStatement {
    /// Check V5: sizes and ranges fit the key.
    pub fn check(&self, key: &Key) -> Result<(), ProofError> {
        let wrong = |field| Err(ProofError::WrongStatement { field });
        if self.summed.len() != key.layout().weight_vectors {
            return wrong("summed");
        }
        if self.weights.len() != key.layout().weight_vectors {
            return wrong("weights");
        }
        if !(1..MAX_COUNT).contains(&self.count) {
            return wrong("count");
        }
        Ok(())
    }

    /// Canonical bytes.
    pub fn encode(&self, key: &Key) -> Vec<u8> {
        let mut out = Vec::new();
        for field in [self.chain_id, self.hub, self.submitter, self.task, self.round, key.digest(), key.setup_digest()] {
            out.extend_from_slice(&field);
        }
        out.extend(points(&self.summed));
        out.extend(points(&self.weights));
        out.extend_from_slice(&word(self.count));
        out
    }
}
