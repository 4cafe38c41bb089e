"""Straight-line programs: a formula as a flat list of operations on registers, and its derivatives as another list.

text -> `trace` -> program -> `differentiate` -> program with partials -> `substitute` -> `expand` -> kernel.
"""

from mgrad_cli.program.adjoint import backward_program, differentiate
from mgrad_cli.program.hessian import HessianProgram, SecondPartial, hessian, hessian_vector
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Node, Program, booleans, replay
from mgrad_cli.program.passes import body, expand, substitute, trace
from mgrad_cli.program.tangent import directional, jacobian

__all__ = [
    "ApplyNode",
    "ConstantNode",
    "HessianProgram",
    "InputNode",
    "Node",
    "Program",
    "SecondPartial",
    "backward_program",
    "body",
    "booleans",
    "differentiate",
    "directional",
    "expand",
    "hessian",
    "hessian_vector",
    "jacobian",
    "replay",
    "substitute",
    "trace",
]  # fmt: skip
