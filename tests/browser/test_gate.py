"""On a fresh server with sign-in, no link shows a page: the first request is a deep link."""

import pytest
from browsing import serve, visit

pytestmark = pytest.mark.browser

SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1/oauth2callback"
cookie_secret = "a test's own, no secret"
client_id = "test"
client_secret = "test"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""


@pytest.mark.parametrize(
    "path",
    [
        "",
        "import",
        "inventory",
        "portfolio",
        "models",
        "seasonality",
        "embodied",
        "instrument",
        "location-vs-market",
        "reports",
        "overview",
        "import_",
        "methods",
        "navigation",
    ],
)
def test_a_deep_link_on_a_fresh_server_shows_the_sign_in_alone(chromium, tmp_path, path):
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(SECRETS, "utf-8")
    with (
        serve(tmp_path / "ws", f"--secrets.files={secrets}") as base,
        visit(chromium, base) as me,
    ):
        me.open(path)
        me.page.get_by_role("button", name="Sign in").wait_for()
        assert me.page.get_by_role("button", name="Sign in").count() == 1
        text = me.text()
        for word in ("Scope 2", "Workspace", "Import", "Location-based", "Sample portfolio"):
            assert word not in text
        assert me.page.get_by_test_id("stSidebarNavItems").count() == 0
    assert not (tmp_path / "ws").exists(), "a workspace was opened before the sign-in"
