"""Proofs: a thin face over the Rust core. What is proven stands in docs/protocol.md."""

from fedproof.proof.check import (
    CloseFields,
    RegistrationFields,
    TrainingFields,
    verify_close,
    verify_registration,
    verify_training,
)
from fedproof.proof.closing import prove_close
from fedproof.proof.files import statement_from_json, statement_to_json
from fedproof.proof.mode import MODES, Mode, Modes
from fedproof.proof.setup import INSECURE_NOTICE, cache_folder, setup_for
from fedproof.proof.training import Update, claim, train
from fedproof.proof.weights import decode_weights, encode_weights, largest, shapes

__all__ = [
    "INSECURE_NOTICE",
    "MODES",
    "CloseFields",
    "Mode",
    "Modes",
    "RegistrationFields",
    "TrainingFields",
    "Update",
    "cache_folder",
    "claim",
    "decode_weights",
    "encode_weights",
    "largest",
    "prove_close",
    "setup_for",
    "shapes",
    "statement_from_json",
    "statement_to_json",
    "train",
    "verify_close",
    "verify_registration",
    "verify_training",
]
