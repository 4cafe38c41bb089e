"""The options of a run of `mgrad batch`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from mgrad_cli.language.parser import Limits
from mgrad_cli.renderers import Page, View

if TYPE_CHECKING:
    from mgrad_cli.analysis.propagation import PropagationOptions


class BatchOptions(NamedTuple):
    """The options of a run.

    `on_error` is `stop`, `null` (write a record with the error) or `skip`. `certify` is whether to prove the figures.
    `vector` is multiplied by the Hessian.
    `encoding` is that of the text, empty for UTF-8.
    `uncertainties` are those of `bindings`, and `propagation` says what else is known about uncertainties.
    """

    file_format: str
    view: View
    bindings: dict[str, float]
    limits: Limits
    max_line: int
    on_error: str
    certify: bool = False
    with_digits: bool = False
    vector: dict[str, float] | None = None
    uncertainties: Mapping[str, float] = {}
    propagation: "PropagationOptions | None" = None
    encoding: str = ""

    def on_page(self, page: Page) -> "BatchOptions":
        """Return the options for results that are shown on a page."""
        return self._replace(view=self.view._replace(page=page))

    @property
    def is_first_order(self) -> bool:
        """Whether lines have no more than a value and gradients, in doubles, unless their own record asks for it."""
        return not (self.certify or self.with_digits or self.is_second_order or self.propagation is not None)

    @property
    def is_second_order(self) -> bool:
        """Whether second derivatives are computed."""
        return self.view.order > 1 or self.vector is not None
