"""What is asked: the task a sponsor publishes."""

from fedproof.task.fields import ProgramFields
from fedproof.task.kernel import Kernel
from fedproof.task.load import load_task
from fedproof.task.precision import Precision
from fedproof.task.sections import About, Feature, Layer, Model, Proof, Scaled, Schema, Training
from fedproof.task.task import Task

__all__ = [
    "About",
    "Feature",
    "Kernel",
    "Layer",
    "Model",
    "Precision",
    "ProgramFields",
    "Proof",
    "Scaled",
    "Schema",
    "Task",
    "Training",
    "load_task",
]
