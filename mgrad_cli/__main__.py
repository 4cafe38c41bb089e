"""`mgrad` and `python -m mgrad_cli`: the command line, imported while the garbage collector rests.

One expression makes no garbage worth a pass over everything that was imported; a verb that runs long wakes it.
"""

import gc


def main() -> None:
    gc.disable()
    from mgrad_cli.cli import main as run

    run()


if __name__ == "__main__":
    main()
