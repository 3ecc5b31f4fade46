"""What is asked: the task a sponsor publishes."""

from fedproof.task.fields import ProgramFields
from fedproof.task.load import load_task
from fedproof.task.precision import Precision
from fedproof.task.sections import About, Feature, Layer, Model, Scaled, Schema, Training
from fedproof.task.task import Task

__all__ = [
    "About",
    "Feature",
    "Layer",
    "Model",
    "Precision",
    "ProgramFields",
    "Scaled",
    "Schema",
    "Task",
    "Training",
    "load_task",
]
