"""The folder `_tmp` in an output folder, which holds the state of a run.

job.json        the task, its parts, and the files that it writes
done/....json   the outcome of each part that is done
run-.../        files that are being written
new/            results that will replace those in the output folder
replaced.json   the files that they replace
lock            held by the run that writes to the output folder
"""

import os
import re
from typing import Any, NamedTuple

from mgrad_cli.mapping.part import Part
from mgrad_cli.mapping.records import DONE, JOB, LOCK, SCRATCH, SUCCESS, is_record, read_record
from mgrad_cli.storage.stores import joined, names_in, remove, remove_empty_folder, remove_folder

NEW, REPLACED = "new", "replaced.json"
PART_NAME = re.compile(r"part-[0-9]{5,}\.[a-z]+")


def scratch_path(folder: str, *names: str) -> str:
    path = folder
    for name in (SCRATCH, *names):
        path = joined(path, name)
    return path


class JobRecord(NamedTuple):
    """The content of `job.json`: the task, the version of mgrad, the parts and the files that the run writes."""

    task: dict[str, Any]
    version: str
    parts: list[Part]
    files: list[str]


def read_job(folder: str) -> JobRecord | None:
    """Return the job that a folder belongs to; `None` if there is none, or its record is damaged."""
    record = read_record(scratch_path(folder, JOB)) or {}
    task, version, parts = (record.get(name) for name in ("task", "version", "parts"))
    if not isinstance(task, dict) or not isinstance(version, str) or not isinstance(parts, list):
        return None
    try:
        found = [Part.from_text(text) for text in parts]
    except (TypeError, ValueError):
        return None
    files = part_names(record.get("files"))
    if files is None or not all(part.is_sound for part in found):
        return None
    return JobRecord(task, version, found, files)


def part_names(names: Any) -> list[str] | None:
    """Return the names if all are names of parts; `None` otherwise, for instance for a path to another folder."""
    if isinstance(names, list) and all(isinstance(name, str) and PART_NAME.fullmatch(name) for name in names):
        return names
    return None


def recorded_files(folder: str) -> set[str]:
    """Return the files of a folder that its own records say a run wrote, with `_SUCCESS`."""
    found: set[str] = set()
    files = part_names((read_record(joined(folder, SUCCESS)) or {}).get("files"))
    if files is not None:
        found |= {SUCCESS, *files}
    job = read_job(folder)
    if job is not None:
        found |= set(job.files)
    for name in names_in(scratch_path(folder, DONE)):
        record = read_record(scratch_path(folder, DONE, name)) or {}
        found |= set(part_names([record.get("file")]) or ())
    return found


def foreign_names(folder: str) -> list[str]:
    """Return the names in a folder and in its `_tmp` that no run wrote. Hidden files are ignored."""
    own = {SCRATCH, *recorded_files(folder)}
    found = [name for name in names_in(folder) if name not in own]
    inner = names_in(scratch_path(folder))
    known = {JOB, LOCK, DONE, NEW, REPLACED}
    found += [f"{SCRATCH}/{name}" for name in inner if name not in known and not is_run(name)]
    done = names_in(scratch_path(folder, DONE))
    found += [f"{SCRATCH}/{DONE}/{name}" for name in done if not (JOB in inner and is_record(name))]
    new = names_in(scratch_path(folder, NEW))
    found += [f"{SCRATCH}/{NEW}/{name}" for name in new if name not in {SUCCESS, SCRATCH} and not part_names([name])]
    return [name for name in found if not os.path.basename(name).startswith(".")]


def is_run(name: str) -> bool:
    """Return whether a name in `_tmp` is a run's folder of unfinished files."""
    return name.startswith("run-")


def clear_runs(folder: str) -> None:
    """Remove unfinished files. Raises: OSError."""
    for name in filter(is_run, names_in(scratch_path(folder))):
        remove_folder(scratch_path(folder, name))


def clear_scratch(folder: str) -> None:
    """Remove the state of a run, except for its lock. Raises: OSError."""
    clear_runs(folder)
    for name in (JOB, REPLACED):
        remove(scratch_path(folder, name))
    for name in (DONE, NEW):
        remove_folder(scratch_path(folder, name))
    remove_empty_folder(scratch_path(folder))
