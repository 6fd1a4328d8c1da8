"""`python -m milia` is the same as `milia`."""

import sys

if __name__ == "__main__":
    try:
        from milia.cli import main

        sys.exit(main())
    except KeyboardInterrupt:
        # Ctrl-C while the command line itself is still being imported.
        sys.exit(130)
