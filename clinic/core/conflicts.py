class Stale(Exception):
    """Somebody else saved the same record first; nothing was written."""
