"""Models: export, load, predict."""

from fedproof.registry.model import Model, export_model, load_model
from fedproof.registry.predict import Prediction, predict

__all__ = ["Model", "Prediction", "export_model", "load_model", "predict"]
