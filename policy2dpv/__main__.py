"""`python -m policy2dpv` is the command line."""

import sys

from policy2dpv.cli import main

if __name__ == "__main__":
    sys.exit(main())
