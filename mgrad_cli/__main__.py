"""`python -m mgrad_cli` is `mgrad`."""

from mgrad_cli.cli import main

if __name__ == "__main__":
    main()
