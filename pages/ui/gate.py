"""Who may see the pages.

With an `[auth]` section in the secrets (OpenID Connect, see Streamlit's `st.login`), nobody sees
anything before signing in; without one the app is a single user's own, on 127.0.0.1. Every page
calls `require()` first, and so does the main script, so that no link leads around it.
"""

import getpass

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError


def configured() -> bool:
    """Whether this installation asks for a sign-in."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def signed_in() -> bool:
    """Whether this reader may see the pages."""
    return not configured() or bool(st.user.get("is_logged_in", False))


def require() -> None:
    """Show the sign-in screen, and nothing else, to a reader who has not signed in."""
    if signed_in():
        return
    with st.container(horizontal_alignment="center"):
        st.title("AI carbon footprint", text_alignment="center")
        st.markdown(
            "Sign in with your organisation's account to see its portfolio.",
            text_alignment="center",
        )
        st.button("Sign in", type="primary", icon=":material/login:", on_click=st.login)
    st.stop()


def who() -> str:
    """Whom the event log names: the account that signed in, else the local user."""
    if configured():
        return str(st.user.get("email") or st.user.get("name") or st.user.get("sub") or "unknown")
    try:
        return getpass.getuser()
    except OSError:
        return "local user"
