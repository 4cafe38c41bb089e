"""Straight-line programs: a formula as a flat list of operations on registers, and its derivatives as another list.

text -> `trace` -> program -> `differentiate` -> program with partials -> `substitute` -> `expand` -> kernel.
"""

from mgrad_cli.program.adjoint import backward_program, differentiate
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Node, Program, booleans, replay
from mgrad_cli.program.passes import body, expand, substitute, trace

__all__ = [
    "ApplyNode",
    "ConstantNode",
    "InputNode",
    "Node",
    "Program",
    "backward_program",
    "body",
    "booleans",
    "differentiate",
    "expand",
    "replay",
    "substitute",
    "trace",
]  # fmt: skip
