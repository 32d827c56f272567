from functools import cache

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Works out the address of a file once: what is served was collected before."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        vars(self)["url"] = cache(self.url)
