"""What a screen says before there is anything to show, and when something goes wrong."""

import logging
from collections.abc import Callable

import streamlit as st

from carbon.portfolio import PortfolioError
from pages.ui import bar, numbers, words
from pages.ui.view import View

_log = logging.getLogger(__name__)


def title(name: str, sentence: str, view: View) -> None:
    """The screen's name, and one sentence: what it shows, for which period and method."""
    st.title(name, anchor=False)
    when = numbers.period(view.first_month, view.last_month)
    method = words.METHODS[view.method].lower()
    where = "workloads in scope" if view.scope == "in" else "all workloads, in scope or not"
    st.caption(sentence if view.is_empty else f"{sentence} {when}, {method}, {where}.")


def sample_banner(view: View) -> None:
    """Says that the figures are invented, and leads to the user's own workspace."""
    if not view.is_sample:
        return
    with st.container(
        key="sample_banner", horizontal=True, vertical_alignment="center", border=True
    ):
        st.badge("Sample portfolio", icon=":material/science:", color="orange")
        st.markdown(
            "An invented organisation in real file formats. Nothing here is yours.",
            width="stretch",
        )
        st.button(
            "Start with my own files",
            key="leave_sample",
            icon=":material/arrow_forward:",
            on_click=bar.use,
            args=("own",),
        )


def empty(will_show: str, missing: str) -> None:
    """An empty screen: what it will show, what is missing, one button."""
    with st.container(key="empty", border=True, horizontal_alignment="center"):
        st.markdown(f"**{will_show}**", text_alignment="center")
        st.markdown(missing, text_alignment="center")
        link("import_.py", "Import files", ":material/upload_file:")


def link(page: str, label: str, icon: str) -> None:
    """A link that looks like a primary button.

    A link and not a button with `st.switch_page`, which would clear the address and with it the
    choices of the bar; Streamlit refuses that for parameters that are bound to widgets.
    """
    with st.container(key=f"primary_link_{page.removesuffix('.py')}", width="content"):
        st.page_link(page, label=label, icon=icon)


def nothing_in_view(view: View) -> bool:
    """Says so when the chosen period and boundary hold nothing; true when that is so."""
    if view.headline().compute_total["energy_facility_kwh"] is not None:
        return False
    if view.of_period("footprint", ()).period_start is None:
        st.info(
            "No activity lies in this period inside the boundary. Choose another period above, or "
            "set the boundary to Everything.",
            icon=":material/filter_alt_off:",
        )
        return True
    return False


def guarded(run: Callable[[], None]) -> None:
    """Run a screen; what it cannot do it says in a sentence, and no traceback is shown."""
    try:
        run()
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
    except Exception:
        _log.exception("a screen failed")
        st.error(
            "This screen could not be drawn. The server's log holds the details; reload the page "
            "to try again. Your files and figures are unchanged.",
            icon=":material/error:",
        )
