"""Functions of one or two ranged variables, sampled for a plot together with their derivatives.

script -> `function_of` -> function -> `sampled_lines` or `sampled_field` -> renderers.
"""

from mgrad_cli.plotting.fields import Arrow, Field, sampled_field
from mgrad_cli.plotting.functions import Function, function_of
from mgrad_cli.plotting.lines import Lines, SampledCurve, sampled_lines
from mgrad_cli.plotting.scales import levels, ticks
from mgrad_cli.plotting.searches import sampled_search

__all__ = [
    "Arrow",
    "Field",
    "Function",
    "Lines",
    "SampledCurve",
    "function_of",
    "levels",
    "sampled_field",
    "sampled_lines",
    "sampled_search",
    "ticks",
]  # fmt: skip
