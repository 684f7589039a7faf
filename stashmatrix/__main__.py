"""The way in, for ``stashmatrix`` and ``python -m stashmatrix``."""

import gc
import sys

# A command lives for a blink: collecting garbage costs it a tenth of its time and frees nothing.
# check-links, which may live for minutes, turns it on again.
gc.disable()


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        from stashmatrix.commands.app import run

        sys.exit(run())
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # What is left is the operating system's to free, not ours to look through once more.
        gc.freeze()


if __name__ == "__main__":
    main()
