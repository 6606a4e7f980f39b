"""What people call a stage of a model's life -> the house's word."""

from typing import Final

import polars as pl

from carbon.activity.sheet import Sheet
from carbon.schema import LIFECYCLES

LIFECYCLE_WORDS: Final = {
    **{name: name for name in LIFECYCLES},
    "train": "training",
    "pretraining": "training",
    "pre_training": "training",
    "finetuning": "fine_tuning",
    "finetune": "fine_tuning",
    "fine_tune": "fine_tuning",
    "inference": "inference_realtime",
    "serving": "inference_realtime",
    "online_inference": "inference_realtime",
    "realtime_inference": "inference_realtime",
    "real_time_inference": "inference_realtime",
    "inference_real_time": "inference_realtime",
    "inference_online": "inference_realtime",
    "batch_inference": "inference_batch",
    "offline_inference": "inference_batch",
    "dev": "development",
    "experiment": "development",
    "experimentation": "development",
}
"""What people write -> house name; blanks and hyphens count as underscores."""


def read_lifecycle(sheet: Sheet) -> None:
    """Lifecycle words -> house names, in place; unknown ones are set aside with the list."""
    plain = pl.col("lifecycle").str.to_lowercase().str.replace_all(r"[\s\-/_]+", "_")
    mapped = plain.replace_strict(LIFECYCLE_WORDS, default=None, return_dtype=pl.String)
    sheet.reject(
        plain.is_not_null() & mapped.is_null(),
        f"this lifecycle is not known; use one of {', '.join(LIFECYCLES)}",
        "lifecycle",
    )
    sheet.frame = sheet.frame.with_columns(mapped.alias("lifecycle"))
