"""With `[auth]` in the secrets nobody sees anything of a page before signing in."""

import pytest
from screens import PAGES
from streamlit.testing.v1 import AppTest

AUTH = {
    "redirect_uri": "http://127.0.0.1/oauth2callback",
    "cookie_secret": "not a secret: a test's own",
    "client_id": "test",
    "client_secret": "test",
    "server_metadata_url": "http://127.0.0.1/none",
}
SCRIPTS = sorted(path.name for path in PAGES.glob("*.py") if path.name != "__init__.py")


def _run(script: str, secrets: dict[str, object]) -> AppTest:
    app = AppTest.from_file(str(PAGES / script), default_timeout=60)
    for name, value in secrets.items():
        app.secrets[name] = value
    return app.run()


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_shows_anything_but_the_sign_in(own, script):
    app = _run(script, {"auth": AUTH})
    assert [part.value for part in app.title] == ["AI carbon footprint"]
    assert [button.label for button in app.button] == ["Sign in"]
    shown = [app.metric, app.dataframe, app.selectbox, app.subheader, app.file_uploader]
    assert not any(len(kind) for kind in shown)
    assert not app.get("plotly_chart")
    assert not app.exception


def test_without_auth_the_app_is_the_users_own(own):
    app = _run("navigation.py", {})
    assert [part.value for part in app.title] == ["Overview"]
    assert len(app.metric) == 4
