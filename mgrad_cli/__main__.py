"""`mgrad` and `python -m mgrad_cli`: run the command line, with garbage collection off during imports.

One expression makes too little garbage to pay for a pass over all imported objects. Verbs that run long turn it on
again.
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
