#!/usr/bin/env python
import os
import sys

from clinic.core.env import MissingSetting


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except MissingSetting as missing:
        sys.exit(str(missing))
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says it


if __name__ == "__main__":
    main()
