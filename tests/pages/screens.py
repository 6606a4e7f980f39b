"""The screens in a test: the rows they are drawn from, and what a reader can read.

`TEMPLATE` is worked out here by hand.

    workload   category        kWh facility                      location kg        market kg
    forge      scope_2         100 000 (facility meter)          x 0.05 =  5 000    x 0.02 = 2 000
               (Jan and Feb 2025, half each)
    <script>   scope_3_cat_1   1 000 h x 400 W / 1000 x 1.1
                               = 440                             x 0.40 =    176    x 0.50 =   220
    =cmd|'/c calc'!A1
               scope_3_cat_1   500 kWh IT x 1.2 = 600            x 0.10 =     60    x 0.10 =    60

    Scope 2      100 000 kWh   5 000 kg = 5.00 t    2 000 kg = 2.00 t
    Category 1     1 040 kWh     236 kg               280 kg
    Compute      101 040 kWh   5 236 kg = 5.24 t    2 280 kg = 2.28 t
    Measured     100 600 / 101 040 = 99.6 %
"""

from pathlib import Path

from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).parents[2] / "pages"
SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd|'/c calc'!A1"

TEMPLATE = f"""\
workload,lifecycle,provider,region,site,country,period_start,period_end,energy_kwh,\
energy_boundary,accelerator_hours,average_power_w,pue,location_factor_kg_per_kwh,\
market_factor_kg_per_kwh,factor_source
forge,training,,,Lyon,FR,2025-01-01,2025-01-31,50000,facility,,,,0.05,0.02,contract.pdf
forge,training,,,Lyon,FR,2025-02-01,2025-02-28,50000,facility,,,,0.05,0.02,contract.pdf
{SCRIPT},inference_realtime,aws,us-west-2,,,2025-01-01,2025-01-31,,,1000,400,1.1,0.40,0.50,claim.pdf
{FORMULA},inference_batch,gcp,us-central1,,,2025-02-01,2025-02-28,500,it,,,1.2,0.10,0.10,claim.pdf
""".encode()

BAD_ROW = b"""\
workload,zone,period_start,period_end,energy_kwh
good,CAMX,2025-01-01,2025-01-31,10
bad,CAMX,2025-01-01,2025-01-31,-5
"""


def open_app(page: str | None = None) -> AppTest:
    """The app in its main script, on a page."""
    app = AppTest.from_file(str(PAGES / "navigation.py"), default_timeout=60).run()
    return go_to(app, page) if page else app


def go_to(app: AppTest, page: str) -> AppTest:
    """Another page of the same visit."""
    return app.switch_page(str(PAGES / page)).run()


def words(app: AppTest) -> str:
    """Everything that a reader can read on the screen, as Markdown source."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info)
    alerts = (app.warning, app.error, app.success)
    return "\n".join(str(part.value) for kind in (*kinds, *alerts) for part in kind)
