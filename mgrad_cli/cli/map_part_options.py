"""The options of `mgrad map` in parts, to a folder or on a cluster, and what they require."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from mgrad_cli.cli.map_options import MapOptions
from mgrad_cli.cli.verb import InputPath, OutputPath
from mgrad_cli.data.formats import DATA_FORMATS
from mgrad_cli.errors import UsageError

Callback = TypeVar("Callback", bound=Callable[..., Any])

RETRIES, WAIT_SECONDS = 3, 30.0
OF_DASK = ("scheduler", "wait_workers", "ship", "tls_ca_file", "tls_cert", "tls_key")


def part_options(function: Callback) -> Callback:
    """Add the options of a run over parts to those of `map`."""
    path = InputPath()
    for name, options in {
        "--report": {"type": OutputPath(), "metavar": "FILE", "help": "Write statistics of the run as JSON."},
        "--tls-key": {"type": path, "metavar": "FILE", "help": "Private key of this client."},
        "--tls-cert": {"type": path, "metavar": "FILE", "help": "Certificate of this client."},
        "--tls-ca-file": {"type": path, "metavar": "FILE", "help": "CA certificates to verify the scheduler with."},
        "--ship": {
            "type": click.Choice(["auto", "none"]), "metavar": "auto|none",
            "help": "Send mgrad to workers without it or with another version (default: auto).",
        },
        "--wait-workers": {
            "type": click.FloatRange(min=0), "metavar": "SECONDS",
            "help": f"Time to wait for a cluster without workers (default: {WAIT_SECONDS:g}).",
        },
        "--retries": {
            "type": click.IntRange(min=0), "metavar": "N",
            "help": f"Retries for a part whose worker was lost (default: {RETRIES}).",
        },
        "--scheduler": {
            "metavar": "ADDRESS",
            "help": "Dask scheduler, as tcp://host:8786 (default: from Dask's configuration, or the local cores).",
        },
        "--engine": {
            "type": click.Choice(["local", "dask"]), "default": "local", "metavar": "local|dask",
            "help": "Engine that computes the parts of a folder or a reduction (default: local).",
        },
        "--jobs": {
            "type": click.IntRange(min=1), "metavar": "N",
            "help": "Number of processes for the parts of a folder.",
        },
        "--overwrite": {
            "is_flag": True,
            "help": "Replace the results of an earlier run once the new ones are complete.",
        },
        "--resume": {"is_flag": True, "help": "Continue an interrupted run in the folder."},
    }.items():  # fmt: skip
        function = click.option(name, **options)(function)  # type: ignore[arg-type]
    return function


def check_part_options(options: MapOptions, is_parted: bool, to_folder: bool) -> None:
    """Check that the options apply to this run.

    Raises: UsageError otherwise.
    """
    for name in OF_DASK:
        if getattr(options, name) is not None and options.engine == "local":
            raise UsageError(f"--{name.replace('_', '-')} requires --engine dask")
    if not is_parted and (options.engine == "dask" or options.jobs or options.retries is not None):
        name = "engine dask" if options.engine == "dask" else "jobs" if options.jobs else "retries"
        raise UsageError(f"--{name} requires an output folder (-o FOLDER/)")
    if not is_parted and options.report:
        raise UsageError("--report requires an output folder (-o FOLDER/) or --engine dask")
    for name in ("resume", "overwrite"):
        if getattr(options, name) and not to_folder:
            raise UsageError(f"--{name} requires an output folder (-o FOLDER/)")
    if options.resume and options.overwrite:
        raise UsageError("--resume and --overwrite cannot be combined")


def check_folder_format(output_format: str) -> None:
    """Check that files in a folder can have the format.

    Raises: UsageError otherwise.
    """
    if output_format not in DATA_FORMATS:
        raise UsageError(f"cannot write a folder of {output_format} files")
