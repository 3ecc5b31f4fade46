"""People and processes: participants, aggregator, auditor; the round record."""

from fedproof.federation.audit import CHECKS, AuditReport, Finding, audit
from fedproof.federation.config import ParticipantConfig, RunConfig, load_run
from fedproof.federation.launch import run_federation
from fedproof.federation.premises import RunResult

__all__ = [
    "CHECKS",
    "AuditReport",
    "Finding",
    "ParticipantConfig",
    "RunConfig",
    "RunResult",
    "audit",
    "load_run",
    "run_federation",
]
