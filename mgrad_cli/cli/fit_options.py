"""The options of `mgrad fit` as one record."""

from dataclasses import dataclass

from mgrad_cli.data.formats import ReadOptions
from mgrad_cli.language.parser import Limits


@dataclass(frozen=True, kw_only=True)
class FitArguments:
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
    input_format: str | None
    output_format: str | None
    as_json: bool
    output: str | None
    title: str
    quote: str
    allow_nan_input: bool
    max_line: int
    on_error: str
    quiet: bool
    max_chars: int
    max_tokens: int
    max_depth: int
    debug: bool

    @property
    def limits(self) -> Limits:
        return Limits(self.max_chars, self.max_tokens, self.max_depth)

    @property
    def reading(self) -> ReadOptions:
        return ReadOptions(self.input_format, self.max_line, self.allow_nan_input, has_quotes=self.quote != "none")
