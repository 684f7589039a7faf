"""Run the command line as ``python -m stashmatrix``."""

from stashmatrix.cli import main

if __name__ == "__main__":
    main()
