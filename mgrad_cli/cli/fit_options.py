"""The options of `mgrad fit` as one record."""

from dataclasses import dataclass

from mgrad_cli.data.input_options import InputOptions
from mgrad_cli.language.parser import Limits


@dataclass(frozen=True, kw_only=True)
class FitArguments(InputOptions):
    """The parameters of `mgrad fit`, under the names that click gives them."""

    words: tuple[str, ...]
    file: str | None
    y: str | None
    params: tuple[str, ...]
    fix: tuple[str, ...]
    bound: tuple[str, ...]
    sigma: str | None
    absolute_sigma: bool
    log_y: bool
    loss: str
    loss_scale: float
    certify: bool
    predict: str | None
    plot: bool
    col: tuple[str, ...]
    output_format: str | None
    as_json: bool
    output: str | None
    title: str
    on_error: str
    quiet: bool
    max_chars: int
    max_tokens: int
    max_depth: int
    implicit: bool
    debug: bool

    @property
    def limits(self) -> Limits:
        return Limits(self.max_chars, self.max_tokens, self.max_depth, self.implicit)
