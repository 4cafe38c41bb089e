"""The options of `mgrad map` as one record."""

from typing import Any

from mgrad_cli.mapping.options import ResultOptions


class MapOptions(ResultOptions):
    """The parameters of `mgrad map`, under the names that click gives them."""

    def __init__(self, **parameters: Any) -> None:
        """Hold the parameters, which click has checked."""
        vars(self).update(parameters)

    words: tuple[str, ...]
    file: str | None
    wrt: str | None
    col: tuple[str, ...]
    u: tuple[str, ...]
    corr: tuple[str, ...]
    params: str | None
    output_format: str | None
    as_json: bool
    output: str | None
    keep: str | None
    kernel: str
    threads: int | None
    quiet: bool
    unbuffered: bool
    strict: bool
    debug: bool
    resume: bool
    overwrite: bool
    jobs: int | None
    engine: str
    scheduler: str | None
    retries: int | None
    wait_workers: float | None
    ship: str | None
    tls_ca_file: str | None
    tls_cert: str | None
    tls_key: str | None
    report: str | None
