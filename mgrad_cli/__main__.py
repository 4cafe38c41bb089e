"""`mgrad` and `python -m mgrad_cli`: the command line, imported while the garbage collector rests.

One expression makes no garbage worth a pass over everything that was imported; a verb that runs long wakes it.
"""

import gc
import os


def main() -> None:
    gc.disable()
    try:
        from mgrad_cli.cli.main import main as run

        run()
    except KeyboardInterrupt:
        os._exit(130)


if __name__ == "__main__":
    main()
