"""The main script: sign-in, then the bar, then the screen that was asked for.

It lives inside `pages/` on purpose. Streamlit serves every file of a `pages/` folder *beside* the
main script as a page of its own, and a link to one would then go around the sign-in.
"""

from pathlib import Path

import streamlit as st

from pages.ui import bar, gate, states, theme, uploads

HERE = Path(__file__).parent

PAGES = [
    st.Page("overview.py", title="Overview", icon=":material/monitoring:", default=True),
    st.Page("portfolio.py", title="Portfolio", icon=":material/pie_chart:", url_path="portfolio"),
    st.Page("import_.py", title="Import", icon=":material/upload_file:", url_path="import"),
    st.Page("mapping.py", title="Mapping", icon=":material/view_column:", url_path="mapping"),
    st.Page("sources.py", title="Sources", icon=":material/calendar_month:", url_path="sources"),
    st.Page("instrument.py", title="Instrument", icon=":material/sensors:", url_path="instrument"),
    st.Page("quarantine.py", title="Quarantine", icon=":material/rule:", url_path="quarantine"),
    st.Page(
        "inventory.py", title="AI inventory", icon=":material/inventory_2:", url_path="inventory"
    ),
    st.Page(
        "methods.py",
        title="Location vs market",
        icon=":material/balance:",
        url_path="location-vs-market",
    ),
    st.Page("models.py", title="Models", icon=":material/neurology:", url_path="models"),
    st.Page(
        "seasonality.py",
        title="Seasonality",
        icon=":material/ac_unit:",
        url_path="seasonality",
    ),
    st.Page("hardware.py", title="Embodied", icon=":material/memory:", url_path="embodied"),
    st.Page("whatif.py", title="What-if", icon=":material/tune:", url_path="what-if"),
    st.Page("targets.py", title="Targets", icon=":material/flag:", url_path="targets"),
    st.Page(
        "changed.py", title="What changed", icon=":material/compare_arrows:", url_path="changed"
    ),
    st.Page(
        "uncertainty.py",
        title="Uncertainty",
        icon=":material/error_med:",
        url_path="uncertainty",
    ),
    st.Page("reports.py", title="Reports", icon=":material/description:", url_path="reports"),
]

# In a narrow window the menu lies over the page: it closes once a page was chosen. Streamlit does
# so by itself only where the browser names itself a phone's.
MENU = """<script>
if (!window.menuCloses) {
  window.menuCloses = true;
  document.addEventListener("click", (event) => {
    if (window.innerWidth > 768) return;
    if (!event.target.closest('[data-testid="stSidebarNavLink"]')) return;
    const close = '[data-testid="stSidebarCollapseButton"] button';
    setTimeout(() => document.querySelector(close)?.click(), 50);
  });
}
</script>"""
st.set_page_config(
    page_title="AI carbon footprint",
    page_icon=str(HERE / "static" / "icon.png"),
    layout="wide",
    menu_items={},
)
st.html(HERE / "ui" / "style.css")
st.html(MENU, unsafe_allow_javascript=True)

# The pages are registered before the sign-in too, so that a link survives it.
page = st.navigation(PAGES, position="sidebar" if gate.signed_in() else "hidden")
gate.require()


def screen() -> None:
    """The bar, and beneath it the page."""
    view = bar.draw()
    st.session_state["view"] = view
    states.sample_banner(view)
    if page.url_path != "import":
        st.session_state.pop(uploads.RESULT, None)
    page.run()


st.logo(theme.wordmark(), icon_image=str(HERE / "static" / "icon.png"))
states.guarded(screen)
