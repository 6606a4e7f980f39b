"""Terraform's own files: literals and variables are read, expressions are named and not guessed."""

import pytest
from terraform_files import reading, reading_of, sighting

from carbon.activity.source import RefusalError
from carbon.tables.payload import Correction

FORMAT = "terraform-hcl"


def test_the_example() -> None:
    found = reading_of("terraform_gpu.tf", FORMAT)
    # trainer, pool, group and notebook; the template counts through its group
    assert found.rows == 4
    counts = dict(found.sightings.select("reference", "accelerator_count").iter_rows())
    assert counts == {
        "aws_instance.trainer": 16.0,  # count = 2, by the variable 8 each
        "google_container_node_pool.serving": None,  # the number of nodes is a variable
        "aws_autoscaling_group.chat": 4.0,  # 4 machines x 1
        "aws_sagemaker_notebook_instance.lab": None,
    }
    assert set(found.sightings["state"]) == {"planned"}


def test_expressions_are_said_and_not_guessed() -> None:
    found = reading_of("terraform_gpu.tf", FORMAT)
    pool = sighting(found, "google_container_node_pool.serving")
    assert pool["note"] == (
        "expressions that were not worked out: node_count (var.pool_size); "
        "the output of `terraform show -json` has their values"
    )
    trainer = sighting(found, "aws_instance.trainer")
    assert (trainer["business_unit"], trainer["region"]) == ("nlp", "eu-west-3")
    assert trainer["note"] == "expressions that were not worked out: tags.Name"


def block(body: str) -> bytes:
    return f'resource "aws_instance" "x" {{\n{body}\n}}\n'.encode()


def test_for_each_leaves_the_number_open() -> None:
    found = reading(block('for_each = toset(["a"])\ninstance_type = "p5.48xlarge"'), FORMAT)
    (row,) = found.sightings.to_dicts()
    assert (row["instance_count"], row["accelerator_count"]) == (None, None)
    assert "for_each" in row["note"]


def test_a_count_of_zero_is_nothing() -> None:
    found = reading(block('count = 0\ninstance_type = "p5.48xlarge"'), FORMAT)
    assert found.rows == 0


def test_a_machine_type_that_is_an_expression_is_named_in_a_note() -> None:
    found = reading(block("instance_type = var.size"), FORMAT)
    assert found.rows == 0
    assert any("aws_instance.x" in note.reason for note in found.notes)


def test_a_cell_can_be_mended() -> None:
    data = b'resource "aws_eks_node_group" "x" {\n  instance_types = ["p5.48xlarge"]\n' + (
        b'  scaling_config {\n    desired_size = "many"\n  }\n}\n'
    )
    aside = reading(data, FORMAT).quarantine.select("row_number", "column", "value").rows()
    assert aside == [(1, "values.scaling_config.0.desired_size", "many")]
    mended = reading(data, FORMAT, Correction(*aside[0], "3"))
    # 3 machines x 8
    assert mended.sightings["accelerator_count"].to_list() == [24.0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'resource "aws_instance" "x" {\n', "no Terraform configuration that can be read"),
        (b'variable "x" {\n  default = 1\n}\n', "no resource block"),
    ],
    ids=["cut off", "variables alone"],
)
def test_what_is_refused(text: bytes, says: str) -> None:
    with pytest.raises(RefusalError, match=says):
        reading(text, FORMAT)


def test_a_variable_of_another_file_is_named() -> None:
    found = reading(
        block('instance_type = "p5.48xlarge"\n  ami = var.image\n  tags = { Name = local.name }'),
        FORMAT,
    )
    (note,) = found.sightings["note"]
    assert "ami (var.image), tags.Name (local.name)" in note
    assert "`terraform show -json`" in note
    untold = reading(block("instance_type = var.machine"), FORMAT)
    assert any("instance_type (var.machine)" in problem.reason for problem in untold.notes)
