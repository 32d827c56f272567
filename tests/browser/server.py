"""A server in a process of its own, so that it can be killed.

`python -m tests.browser.server PORT` serves the database that the environment
names and prints its port once it listens. With `dies` behind it, it is killed in the
middle of the first draft it saves: written, not committed.
"""

import os
import signal
import sys


def main(port: int, *, dies: bool) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application
    from django.test import override_settings

    django.setup()
    from plans.sessions.services import drafts
    from tests.conftest import PLAIN

    if dies:
        write = drafts.write

        def write_and_die(*args, **kwargs):
            write(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        drafts.write = write_and_die

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args):
            pass

    with override_settings(**PLAIN):
        server = ThreadedWSGIServer(("127.0.0.1", port), Quiet)
        server.set_app(StaticFilesHandler(get_wsgi_application()))
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), dies="dies" in sys.argv)
