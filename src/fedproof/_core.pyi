"""Types of the Rust core. Weights are lists with one int64 array of shape (d_in + 1, d_out) per layer, last row the bias,
at scale 2^F (W_0) or 2^F' (W_out, which has the fractional bits of the kernel too). Byte formats: docs/protocol.md, sections 7 and 8."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
Progress = Callable[[str, float], None]
"""Called with the phase's name and the fraction done (0..1); KeyboardInterrupt raised in it (or by Ctrl-C) ends the work cleanly."""

def keccak256(data: bytes) -> bytes: ...

class CoreError(Exception):
    """Base of every error of the core; `.code` is the name of the Rust error, `.check` the check id of docs/protocol.md or ''."""

    code: str
    check: str

class BadInput(CoreError):
    """Illegal program, dataset, weights, statement or setup file: message names the field."""

class ProofRejected(CoreError):
    """The verifier said no. `.code` names the check that failed."""

# one per check of docs/protocol.md, section 5
class WrongMagic(ProofRejected): ...
class UnsupportedVersion(ProofRejected): ...
class WrongKind(ProofRejected): ...
class WrongLength(ProofRejected): ...
class WrongStatement(ProofRejected): ...
class WrongSetup(ProofRejected): ...
class NonCanonicalScalar(ProofRejected): ...
class NonCanonicalCoordinate(ProofRejected): ...
class NotOnCurve(ProofRejected): ...
class DegenerateChallenge(ProofRejected): ...
class OpeningFailed(ProofRejected): ...

class Cancelled(CoreError): ...

class Program:
    @staticmethod
    def build(
        *,
        loss: str,  # "squared" | "sigmoid" | "softmax" | "huber"
        dims: list[int],
        activations: list[str],  # one per hidden layer: "identity", "relu", "leaky-relu", "sigmoid", "tanh", "gelu", "silu"
        steps: int,
        batch: int,
        blocks: int,
        bits: int,
        weight_bits: int,  # F
        activation_bits: int,  # fa: fractional bits of activations
        delta_bits: int,  # fd
        kernel: int | tuple[int, list[int], list[int]],  # k, or (fc, kappa_1 .. kappa_T, c_1 .. c_T)
        bound_bits: int,
        one_hot: bool,
        limb_bits: int = 0,  # lb
        openings: int = 4,
        group: int = 0,
        vector_bits: int = 0,  # n
        huber: int = 0,  # threshold at scale 2^fd; only for its loss
        weights: list[int] = [],  # at scale 2^8: of classes (one_hot), or pairs (of 0, of 1) of every output
        prefer: str = "time",  # "time" | "gas" | "size": chooses limb_bits, group and vector_bits where they are 0
    ) -> Program: ...
    @staticmethod
    def decode(data: bytes) -> Program: ...
    def encode(self) -> bytes: ...
    @property
    def digest(self) -> bytes: ...
    def describe(self) -> dict[str, Any]:
        """Every field of the program (`limb_bits`, `group`, `vector_bits` as chosen), scale_bits (F'), and what follows from them:

        rows, trace_rows, vectors (of a trace column), lanes, columns, helpers, data_vectors, weight_vectors, mask_length,
        excess_limbs, remainder_limbs, record_slots, parameters, setup_powers, proof_points, proof_scalars, proof_bytes,
        registration_bytes, close_bytes (None if rounds cannot be closed with a proof), soundness_bits; regions: (kind, layer, first row, rows) in row order; key_tables: (lane, "activations" or
        "derivatives"); cost: counted work (full_points, small_points, row_products, cell_products), core_seconds, memory (bytes), gas.
        """
    def init_weights(self, seed: bytes) -> list[IntArray]: ...
    def schedule(self, seed: bytes) -> tuple[list[int], int, list[int]]:
        """(pi, beta, block of every step)."""

class Setup:
    @staticmethod
    def development(powers: int) -> Setup:
        """INSECURE: tau comes from a public seed."""
    @staticmethod
    def from_ptau(path: str, powers: int) -> Setup: ...
    @staticmethod
    def load(path: str) -> Setup: ...
    def save(self, path: str) -> None: ...
    @property
    def digest(self) -> bytes: ...
    @property
    def powers(self) -> int: ...
    @property
    def insecure(self) -> bool: ...
    @property
    def verifier_points(self) -> bytes:
        """tau G1, then tau H, as they are hashed: 192 bytes."""

class Key:
    def __init__(self, program: Program, setup: Setup) -> None: ...
    @property
    def digest(self) -> bytes: ...
    @property
    def setup_digest(self) -> bytes: ...
    @property
    def table_points(self) -> bytes:
        """Of the committed tables, in the order of docs/protocol.md, section 2."""
    def commit_weights(self, weights: list[IntArray], blinds: bytes = b"") -> bytes:
        """Points of the weight vectors, 64 bytes each; blinds as returned by prove_training (b"" = zero blinds, for [W0])."""

def add_commitments(commitments: list[bytes]) -> bytes: ...
def add_blinds(blinds: list[bytes]) -> bytes: ...

class Dataset:
    """Exactly blocks * batch records; features (n, d_0) and targets (n, d_L) as scaled integers. blinds=None draws fresh ones."""

    def __init__(self, program: Program, features: IntArray, targets: IntArray, blinds: bytes | None = None) -> None: ...
    @property
    def blinds(self) -> bytes: ...
    @property
    def count(self) -> int: ...
    def commit(self, key: Key) -> bytes: ...

class TrainingStatement:
    """All 32-byte fields as bytes; commitments as concatenated 64-byte points. Public attributes of the same names."""

    def __init__(
        self,
        *,
        chain_id: int,
        hub: bytes,
        submitter: bytes,  # 20-byte address
        task: bytes,
        round: int,
        weights: bytes,  # [W0]
        dataset_id: bytes,
        dataset: bytes,  # [D]
        pi: list[int],
        beta: int,
        count: int,
    ) -> None: ...

class RegistrationStatement:
    def __init__(
        self, *, chain_id: int, hub: bytes, submitter: bytes, task: bytes, nonce_commitment: bytes, dataset: bytes, count: int
    ) -> None: ...
    def dataset_id(self, key: Key) -> bytes: ...

class CloseStatement:
    """As TrainingStatement; count: accepted updates, 1..65535."""

    def __init__(
        self,
        *,
        chain_id: int,
        hub: bytes,
        submitter: bytes,  # 20-byte address of whoever closes, zeros without a chain
        task: bytes,
        round: int,
        summed: bytes,  # [S]
        weights: bytes,  # [W']
        count: int,
    ) -> None: ...

class Trace:
    @property
    def update(self) -> list[IntArray]:
        """W_out, at scale 2^F'."""
    @property
    def saturations(self) -> int: ...
    def with_update(self, weights: list[IntArray]) -> Trace:
        """The same execution claiming another W_out (no proof of it will verify): for tests and demonstrations of cheating."""

def execute(program: Program, weights: list[IntArray], dataset: Dataset, pi: list[int], beta: int) -> Trace: ...

class TrainingProof:
    @property
    def proof(self) -> bytes:
        """The proof file."""
    @property
    def commitment(self) -> bytes:
        """[W_out]."""
    @property
    def blinds(self) -> bytes:
        """Secret: the blinds of [W_out]."""
    @property
    def profile(self) -> dict[str, float]:
        """Seconds per phase."""

def prove_training(
    key: Key,
    statement: TrainingStatement,
    weights: list[IntArray],
    dataset: Dataset,
    trace: Trace,
    *,
    secret: bytes,
    progress: Progress | None = None,
) -> TrainingProof:
    """secret: 32 bytes of the participant, mixed with the statement and fresh OS randomness. Does not check the trace: a false trace
    gives a proof that does not verify. Releases the GIL."""

def verify_training(key: Key, statement: TrainingStatement, proof: bytes) -> bytes:
    """Returns [W_out]; raises ProofRejected."""

def prove_registration(
    key: Key, statement: RegistrationStatement, dataset: Dataset, *, secret: bytes, progress: Progress | None = None
) -> bytes: ...
def verify_registration(key: Key, statement: RegistrationStatement, proof: bytes) -> None: ...
def prove_close(
    key: Key,
    statement: CloseStatement,
    total: list[IntArray],
    blinds: bytes,
    *,
    secret: bytes,
    progress: Progress | None = None,
) -> bytes:
    """total: the sum of the updates at scale 2^F', blinds: the sum of theirs. Does not check that they open [S]: then the proof does not
    verify. Raises BadInput for a program whose vectors are too short for such a proof. Releases the GIL."""

def verify_close(key: Key, statement: CloseStatement, proof: bytes) -> None: ...
def set_threads(n: int) -> None:
    """Threads of the prover in this process (before its first use)."""
