"""How results take the place of earlier ones: when they are complete, and wholly, even if the run is killed meanwhile.

They are made in `_tmp/new`, a folder of results like any other. Its own `_SUCCESS`, which says that it is complete,
decides: until then the earlier results stay as they are; from then on, the new ones are put in their place, by the next
run if this one is killed.
"""

from mgrad_cli.mapping.records import SUCCESS, read_record, write_record
from mgrad_cli.mapping.scratch import NEW, REPLACED, clear_scratch, part_names, recorded_files, scratch_path
from mgrad_cli.storage.stores import joined, move, remove, remove_folder, state_of


def staged_path(folder: str) -> str:
    """The folder for results that will replace those of a folder."""
    return scratch_path(folder, NEW)


def drop_staged(folder: str) -> None:
    """Remove results that were to replace those of a folder. Raises: OSError."""
    remove(scratch_path(folder, REPLACED))
    remove_folder(staged_path(folder))


def is_staged_complete(folder: str) -> bool:
    """Whether there are complete results that have to be put in place. Raises: OSError."""
    return state_of(joined(staged_path(folder), SUCCESS)) is not None


def put_in_place(folder: str) -> None:
    """Put complete new results in the place of those that the folder's records name. Raises: OSError.

    Whatever was done of it before is not done again.
    """
    staged, success = staged_path(folder), joined(folder, SUCCESS)
    if read_record(scratch_path(folder, REPLACED)) is None:
        write_record(scratch_path(folder, REPLACED), {"files": sorted(recorded_files(folder) - {SUCCESS})})
    old = part_names((read_record(scratch_path(folder, REPLACED)) or {}).get("files")) or []
    new = part_names((read_record(joined(staged, SUCCESS)) or {}).get("files")) or []
    remove(success)  # so that nobody takes a mixture for a result
    for name in new:
        if state_of(joined(staged, name)) is not None:
            move(joined(staged, name), joined(folder, name))
    for name in sorted({*old} - {*new}):
        remove(joined(folder, name))
    move(joined(staged, SUCCESS), success)
    clear_scratch(folder)
