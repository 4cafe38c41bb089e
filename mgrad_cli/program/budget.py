"""A limit on the work for derivatives, counted in terms."""

from collections.abc import Callable

from mgrad_cli.errors import LimitError

MAX_TERMS = 2_000_000
"""The default limit, which takes some seconds and less than a gigabyte."""


MAX_ORDER = 1000
"""The highest order of derivatives that can be asked for."""


class Budget:
    """The number of terms made and written so far, with a limit. `notice` is called with the number of new terms."""

    EVERY = 5_000

    def __init__(self, limit: int = MAX_TERMS, notice: Callable[[int], None] | None = None) -> None:
        self.limit = limit
        self.notice = notice
        self.advice = ""
        self.spent = 0
        self.notified = 0

    def check(self, terms: int) -> None:
        """Check that so many more terms are allowed, before any of them is made.

        Raises: LimitError otherwise.
        """
        if self.spent + terms > self.limit:
            self.spend(terms)

    def spend(self, terms: int) -> None:
        """Count more terms.

        Raises: LimitError beyond the limit.
        """
        self.spent += terms
        if self.spent > self.limit:
            raise LimitError(f"the derivatives take more than {self.limit:,} terms (--max-terms){self.advice}")
        if self.notice is not None and self.spent - self.notified >= self.EVERY:
            self.notice(self.spent - self.notified)
            self.notified = self.spent
