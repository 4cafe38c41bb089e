"""The library that roots, minima and fits need."""

from mgrad_cli.errors import MissingExtraError, is_installed


def require_scipy(feature: str) -> None:
    """Raise MissingExtraError if SciPy is not installed. `feature` is what needs it, such as `solve`."""
    if not is_installed("scipy"):
        raise MissingExtraError(feature, "scipy", "optimize")
