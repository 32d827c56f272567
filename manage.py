#!/usr/bin/env python
import os
import sys

from clinic.core.env import MissingSetting


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except MissingSetting as missing:
        sys.exit(str(missing))


if __name__ == "__main__":
    main()
