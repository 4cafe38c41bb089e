"""How much work derivatives may be: what is made and what is written, counted in terms."""

from collections.abc import Callable

from mgrad_cli.errors import LimitError

MAX_TERMS = 1_000_000
"""By default: some seconds, and less than a gigabyte."""


class Budget:
    """Terms made and written so far, held to a limit; `notice` is told now and then how many there are."""

    EVERY = 5_000

    def __init__(self, limit: int = MAX_TERMS, notice: Callable[[int], None] | None = None, advice: str = "") -> None:
        self.limit = limit
        self.notice = notice
        self.advice = advice
        self.spent = 0
        self.notified = 0

    def spend(self, terms: int) -> None:
        """Count some more terms.

        Raises: LimitError where that is more than the limit.
        """
        self.spent += terms
        if self.spent > self.limit:
            raise LimitError(f"the derivatives take more than {self.limit:,} terms (--max-terms){self.advice}")
        if self.notice is not None and self.spent - self.notified >= self.EVERY:
            self.notice(self.spent - self.notified)
            self.notified = self.spent
