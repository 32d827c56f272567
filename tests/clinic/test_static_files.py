from unittest import mock

from whitenoise.storage import CompressedManifestStaticFilesStorage

from clinic.core.static_files import StaticFiles


def test_the_address_of_a_file_is_worked_out_once(tmp_path):
    files = StaticFiles(location=tmp_path, base_url="/static/")
    work_out = mock.Mock(side_effect=lambda name, force: f"/static/{name}?1")

    with mock.patch.object(CompressedManifestStaticFilesStorage, "url", work_out):
        found = [files.url("a.css"), files.url("b.css"), files.url("a.css")]

    assert found == ["/static/a.css?1", "/static/b.css?1", "/static/a.css?1"]
    assert work_out.call_count == 2
