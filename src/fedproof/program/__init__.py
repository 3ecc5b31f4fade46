"""What is proven: the integer training program of a task, what it costs, and its float32 counterpart."""

from fedproof.program.compile import compile_task
from fedproof.program.inspect import Inspection, inspect_task, prefer

__all__ = ["Inspection", "compile_task", "inspect_task", "prefer"]
