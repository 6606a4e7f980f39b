"""`carbon discover`, `proposals` and `shadow`: JSON shapes, exit codes, and what they change."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbon.cli import app

DATA = Path(__file__).parents[1] / "data"

STATE = {
    "format_version": "1.0",
    "values": {
        "root_module": {
            "resources": [
                {
                    "address": f"aws_instance.{name}",
                    "mode": "managed",
                    "type": "aws_instance",
                    "name": name,
                    "provider_name": "registry.terraform.io/hashicorp/aws",
                    "schema_version": 1,
                    "values": {
                        "id": machine,
                        "arn": f"arn:aws:ec2:us-east-1:001122334455:instance/{machine}",
                        "instance_type": "g5.12xlarge",
                        "availability_zone": "us-east-1a",
                        "tags": {"team": "vision"},
                    },
                    "sensitive_values": {},
                }
                # The bill of the examples names i-0b2; nobody names the other.
                for name, machine in (("seen", "i-0b2"), ("unseen", "i-0feed777"))
            ]
        }
    },
}


@pytest.fixture
def carbon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "ws"))
    (tmp_path / "state.json").write_text(json.dumps(STATE))

    def run(*arguments: str, code: int = 0):
        done = CliRunner().invoke(app, [*arguments, *(["--json"] if code != 2 else [])])
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if code == 0 else str(done.exception)

    return run


def test_a_state_after_its_bill(carbon, tmp_path):
    carbon("import", str(DATA / "aws_cur_2.csv"))
    found = carbon("discover", "terraform", str(tmp_path / "state.json"))
    assert set(found) == {"proposed", "unmatched"}
    by_name = {tuple(each["sources"]): each for each in found["proposed"]}
    assert set(by_name) == {("billing", "terraform"), ("terraform",)}
    (unmatched,) = found["unmatched"]
    assert unmatched["reference"].endswith("aws_instance.unseen")
    assert unmatched["proposal_id"] == by_name[("terraform",)]["proposal_id"]
    assert "i-0feed777" in unmatched["reason"]

    proposal = by_name[("billing", "terraform")]["proposal_id"]
    done = carbon("proposals", "accept", proposal, "--workload", "vision", "--set", "owner=ana")
    assert done == {"proposal_id": proposal, "status": "accepted", "workload": "vision"}
    (mine,) = [row for row in carbon("workloads")["workloads"] if row["workload_id"] == "vision"]
    assert (mine["owner"], mine["region"]) == ("ana", "us-east-1")
    accepted = carbon("proposals", "list", "--status", "accepted")["proposals"]
    assert [each["proposal_id"] for each in accepted] == [proposal]
    assert carbon("proposals", "reopen", proposal)["status"] == "open"


def test_shadow_use_is_ranked_and_assigned(carbon):
    carbon("import", str(DATA / "aws_cur_2.csv"))
    rows = carbon("shadow")["shadow"]
    energy = [row["energy_kwh"] or 0.0 for row in rows]
    assert energy == sorted(energy, reverse=True)
    assert rows[0]["where"] == "001122334455"
    # 4.25 h of ml.p4d.24xlarge: 8 x (400 + 150) W x 4.25 h = 18.7 kWh, x PUE 1.12
    assert rows[0]["energy_kwh"] == pytest.approx(8 * 0.55 * 4.25 * 1.12)
    carbon("shadow", "--assign", rows[0]["group_id"], "--to", "tuning")
    after = carbon("footprint", "--by", "workload")["rows"]
    assert {row["workload"]: row["energy_facility_kwh"] for row in after}[
        "tuning"
    ] == pytest.approx(20.944)
    assert len(carbon("shadow")["shadow"]) == len(rows) - 1


def test_wrong_use_is_said_in_one_line(carbon, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    carbon("shadow", "--assign", "shadow-1", code=2)
    assert "carbon shadow" in carbon("shadow", "--assign", "shadow-1", "--to", "x", code=1)
    assert "no proposal" in carbon("proposals", "accept", "nothing", code=1)
    carbon("discover", "mlflow", code=2)


def test_billing_without_files_looks_at_what_was_imported(carbon):
    assert carbon("discover", "billing") == {"proposed": [], "unmatched": []}
    carbon("import", str(DATA / "aws_cur_2.csv"))
    found = carbon("discover", "billing")["proposed"]
    assert {"billing"} in [set(each["sources"]) for each in found]
