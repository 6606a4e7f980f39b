"""The entry: `streamlit run app.py` serves the screens in `pages/`, and `/healthz` for monitors."""

import streamlit as st

from pages.ui.health import healthz

app = st.App("pages/navigation.py", routes=[healthz])
