"""A task of the AI Energy Score leaderboard: accelerator energy of open models, per request.

The leaderboard holds one CSV a task (`data/energy/text_generation.csv` of the Space
AIEnergyScore/Leaderboard on Hugging Face) with `model`, `total_gpu_energy` and `energy_score`:
download it there and import it. The energy is that of the accelerators alone over 1,000 requests
[kWh]; host, idle capacity and cooling are not in it. The task is the file's name, or a column
`task`. The file says no edition: add a column `edition` (December 2025) to have it shown; a file
without one replaces the last one without one.
"""

from pathlib import PurePath
from typing import Final

import polars as pl

from carbon.activity.published import references
from carbon.activity.sheet import open_sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.recognition import by_columns
from carbon.units import ENERGY_KWH

NAME: Final = "ai-energy-score"
TITLE: Final = "AI Energy Score leaderboard (a task)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("model", "total_gpu_energy", "energy_score")

REQUIRED: Final = ("model", "total_gpu_energy")
VARIABLE_MAP: Final = {
    "model": "model",
    "total_gpu_energy": "energy_wh",
    "energy_score": "score",
    "task": "task",
    "edition": "release",
}

REQUESTS: Final = 1000.0
WH_PER_KWH: Final = 1000.0
DOCUMENT: Final = (
    "AI Energy Score leaderboard, https://huggingface.co/spaces/AIEnergyScore/Leaderboard"
)
MOST_STARS: Final = 5


def sniff(head: Head) -> Recognition:
    """Columns model and total_gpu_energy, and energy_score."""
    return by_columns(
        head, (*REQUIRED, "energy_score"), optional=tuple(VARIABLE_MAP), kinds=("text", "xlsx")
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read a task of the leaderboard.

    Args:
        payload: the file.
        context: the evidence.

    Returns:
        References: kWh per 1,000 requests x 1,000 / 1,000 = Wh per request, of accelerator boards.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED)
    sheet.require(("model", "energy_wh"))
    sheet.numbers({"energy_wh": ENERGY_KWH})
    named = PurePath(payload.name).stem.replace("_", " ").strip()
    sheet.frame = sheet.frame.with_columns(
        energy_wh=pl.col("energy_wh") * WH_PER_KWH / REQUESTS,
        task=pl.coalesce("task", pl.lit(named or None, pl.String)),
        per=pl.lit("query"),
        boundary=pl.lit("board"),
        statistic=pl.lit("mean"),
        publisher=pl.lit("AI Energy Score"),
        document=pl.lit(DOCUMENT),
        reference_id=pl.lit(None, pl.String),
        note=pl.lit("Accelerators alone; energy score ") + pl.col("score") + f" of {MOST_STARS}",
    )
    if sheet.frame["release"].null_count():
        sheet.notes.append(
            Problem(
                "The file says no edition. To have it shown beside the figures, add a column "
                "edition with the leaderboard's date."
            )
        )
    return references(sheet, context, NAME)
