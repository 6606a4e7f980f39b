"""A bill, meters and a tracker of one machine, to be combined."""

from accounting_rows import at, use

CLOUD = {"provider": "aws", "region": "us-west-1", "workload": "w"}
HALL = {"site": "Lyon", "zone": "FR", "pue": 1.0}


def bill(**columns):
    """January of an instance of eight H100: 744 h x 8 x 700 W = 4,166.4 kWh; host 892.8 kWh."""
    return use(
        **{
            **CLOUD,
            "evidence_id": "b" * 64,
            "format": "aws-cur",
            "resource": "i-1",
            "instance_type": "p5.48xlarge",
            "quantity_kind": "instance_hours",
            "quantity": 744.0,
            **columns,
        }
    )


def day(first, last=None):
    """From the first to the last day of January 2024, both inclusive."""
    after = (last or first) + 1
    end = at(f"2024-01-{after:02}") if after <= 31 else at("2024-02")
    return {"period_start": at(f"2024-01-{first:02}"), "period_end": end}


def gpus(first, last=None, *, seen=8, **columns):
    """Meters of accelerators: 12 kWh each over the days given."""
    return [
        use(
            **{
                **CLOUD,
                "evidence_id": "d" * 64,
                "format": "prometheus-json",
                "row_number": 2 + 8 * first + number,
                "resource": f"GPU-5fd4f087-{number}",
                "host": "I-1",
                "quantity_kind": "energy_it_kwh",
                "quantity": 12.0,
                "component": "accelerator",
                "boundary": "board",
                "tier": "T3",
                "coverage": 1.0,
                "accelerator": "H100",
                "accelerator_count": 1.0,
                **day(first, last),
                **columns,
            }
        )
        for number in range(seen)
    ]


def node(first, last=None, **columns):
    """The meter of a whole machine: 100 kWh over the days given."""
    return use(
        **{
            **CLOUD,
            "evidence_id": "f" * 64,
            "format": "redfish",
            "row_number": 100 + first,
            "resource": "i-1",
            "host": "i-1",
            "quantity_kind": "energy_it_kwh",
            "quantity": 100.0,
            "component": "it",
            "boundary": "node",
            "tier": "T2",
            "coverage": 1.0,
            **day(first, last),
            **columns,
        }
    )


def tracker(first, last=None, **columns):
    """A tracker's run on the machine: its accelerators, and the rest of it apart."""
    common = {
        **CLOUD,
        "evidence_id": "c" * 64,
        "format": "codecarbon",
        "row_number": 2,
        "resource": "run-7",
        "host": "i-1",
        "boundary": "node",
        "tier": "T3",
        **day(first, last),
        **columns,
    }
    return [
        use(**{**common, "quantity_kind": "energy_it_kwh", "quantity": 80.0,
               "component": "accelerator"}),
        use(**{**common, "quantity_kind": "energy_it_kwh", "quantity": 20.0, "component": "host"}),
    ]  # fmt: skip
