"""Federated learning in which every update is proven in zero knowledge. This is the public face; rooms may change."""

from fedproof.errors import BadInput, DataError, FedproofError, Rejected, TaskError
from fedproof.task import Task, load_task

__version__ = "0.1.0"

__all__ = ["BadInput", "DataError", "FedproofError", "Rejected", "Task", "TaskError", "__version__", "load_task"]
