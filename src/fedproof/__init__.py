"""Federated learning in which every update is proven in zero knowledge. This is the public face; rooms may change."""

from fedproof.data import Table
from fedproof.errors import BadInput, DataError, FedproofError, Rejected, TaskError
from fedproof.federation.audit import AuditReport, audit
from fedproof.federation.simulate import Simulation, simulate
from fedproof.registry import Model, load_model, predict
from fedproof.task import Task, load_task

__version__ = "0.1.0"

__all__ = [
    "AuditReport",
    "BadInput",
    "DataError",
    "FedproofError",
    "Model",
    "Rejected",
    "Simulation",
    "Table",
    "Task",
    "TaskError",
    "__version__",
    "audit",
    "load_model",
    "load_task",
    "predict",
    "simulate",
]
