"""Replace the results in a folder by new ones, completely or not at all, even if the run is killed.

The new results are made in `_tmp/new`, an output folder of its own. Until it has its `_SUCCESS`, the earlier results
stay. From then on the new ones are moved into place, by the next run if this one is killed.
"""

from mgrad_cli.mapping.records import SUCCESS, read_record, write_record
from mgrad_cli.mapping.scratch import NEW, REPLACED, clear_scratch, part_names, recorded_files, scratch_path
from mgrad_cli.storage.stores import joined, move, remove, remove_folder, state_of


def staged_path(folder: str) -> str:
    """Return the folder for the results that will replace those in a folder."""
    return scratch_path(folder, NEW)


def drop_staged(folder: str) -> None:
    """Remove the results that were to replace those in a folder. Raises: OSError."""
    remove(scratch_path(folder, REPLACED))
    remove_folder(staged_path(folder))


def is_staged_complete(folder: str) -> bool:
    """Return whether complete new results wait to be moved into place. Raises: OSError."""
    return state_of(joined(staged_path(folder), SUCCESS)) is not None


def put_in_place(folder: str) -> None:
    """Move complete new results into the place of those that the folder's records name. Raises: OSError.

    Steps that an earlier attempt finished are not repeated.
    """
    staged, success = staged_path(folder), joined(folder, SUCCESS)
    if read_record(scratch_path(folder, REPLACED)) is None:
        write_record(scratch_path(folder, REPLACED), {"files": sorted(recorded_files(folder) - {SUCCESS})})
    old = part_names((read_record(scratch_path(folder, REPLACED)) or {}).get("files")) or []
    new = part_names((read_record(joined(staged, SUCCESS)) or {}).get("files")) or []
    remove(success)  # so that no reader takes a mixture for a complete result
    for name in new:
        if state_of(joined(staged, name)) is not None:
            move(joined(staged, name), joined(folder, name))
    for name in sorted({*old} - {*new}):
        remove(joined(folder, name))
    move(joined(staged, SUCCESS), success)
    clear_scratch(folder)
