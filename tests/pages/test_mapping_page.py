"""The Mapping screen: guesses marked as such, live values, and a file that is taken by them."""

import pytest
from screens import go_to, open_app, words

METERS = (
    b"Stromverbrauch der Cluster;;;\n"
    b"Monat;Job;Verbrauch [MWh];Land\n"
    b"01/2025;chat;1.234,5;FR\n"
    b"02/2025;chat;1.100,25;FR\n"
    b";Total;2.334,75;\n"
)
LOCAL = b"Started at,Ended at,Job,Energy (kWh),Country\n2025-07-01 10:00,2025-07-01 12:00,a,5,FR\n"


def button(app, label):
    return next(part for part in app.button if part.label == label)


def box(app, label):
    return next(part for part in (*app.selectbox, *app.text_input) if part.label == label)


@pytest.fixture
def mapped(own):
    """The screen with a file that came from the Import screen."""
    app = open_app("import_.py")
    app.file_uploader[0].upload("meters.csv", METERS, "text/csv").run()
    assert "is not recognised" in app.error[0].value
    assert "--format" not in app.error[0].value
    links = [link.proto.label for link in app.get("page_link")]
    assert "Say what its columns mean" in links
    return go_to(app, "mapping.py")


def test_guesses_are_filled_in_and_marked(mapped):
    assert not mapped.exception
    text = words(mapped)
    assert "Guess: the header says “verbrauch”, in MWh" in text
    # 1 234.5 MWh, as it stands and as it is read.
    assert "1.234,5” → **1 234 500 kWh**" in text.replace("\\", "")
    assert box(mapped, "Energy").value == "Verbrauch [MWh]"
    assert box(mapped, "Unit").value == "MWh"
    assert "2 rows to take" in text


def test_another_unit_changes_the_live_value(mapped):
    box(mapped, "Unit").set_value("kWh").run()
    assert "1.234,5” → **1 234.5 kWh**" in words(mapped).replace("\\", "")


def test_what_is_missing_is_asked_for(mapped):
    box(mapped, "Energy").set_value("").run()
    assert "Say which column holds the energy" in words(mapped)
    assert button(mapped, "Save and import").disabled


def test_it_is_kept_taken_and_recognised_next_time(mapped, own):
    box(mapped, "Name").set_value("hall-meters").run()
    box(mapped, "Title").set_value("Meters of the halls").run()
    button(mapped, "Save and import").click().run()
    assert not mapped.exception
    text = words(mapped).replace("\\", "")
    assert "The mapping **hall-meters** is kept" in text
    assert "2 rows in the file, 2 rows taken, 0 rows set aside" in text
    assert own.mapping("hall-meters").title == "Meters of the halls"
    (preview,) = own.preview("march.csv", METERS.replace(b"02/2025", b"03/2025"))
    assert preview.format == "mapping:hall-meters"
    # The file waits no longer.
    assert "meters.csv" not in [part.value for part in mapped.subheader]


def test_a_name_that_cannot_be_is_said(mapped):
    box(mapped, "Name").set_value("Hall Meters!").run()
    button(mapped, "Save mapping").click().run()
    assert not mapped.exception
    assert "name" in mapped.error[0].value


def test_known_mappings_are_listed(own):
    app = open_app("mapping.py")
    assert not app.exception
    assert "OpenAI usage of completions" in words(app).replace("\\", "")


def test_the_zone_of_local_times_is_asked_for_and_remembered(own):
    app = open_app("mapping.py")
    app.file_uploader[0].upload("runs-07.csv", LOCAL, "text/csv").run()
    zone = box(app, "Time zone of times without one")
    assert zone.value is None
    zone.set_value("Europe/Paris").run()
    box(app, "Name").set_value("runs").run()
    button(app, "Save and import").click().run()
    assert not app.exception
    (later,) = own.preview("runs-08.csv", LOCAL.replace(b"-07-", b"-08-"))
    assert (later.timezone, later.needs_timezone) == ("Europe/Paris", False)
    assert later.period_start == "2025-08-01T08:00:00Z"
