"""policy.toml and the policy are the same choices."""

import tomllib

import pytest

from carbon.policy import Policy, PolicyError


def test_every_choice_survives_the_way_through_toml():
    policy = Policy.from_toml(
        """
        [boundary]
        organisation = "Zürich \\"AI\\" AG"
        consolidation_approach = "equity_share"
        colocated_sites = ["Frankfurt 2"]
        [boundary.equity_share]
        "Joint lab" = 0.4
        [factors]
        gwp_set = "AR6"
        """
    )
    assert Policy.from_toml(policy.to_toml()) == policy
    assert policy.boundary.equity_share == {"Joint lab": 0.4}
    assert set(tomllib.loads(policy.to_toml())) == set(Policy.model_fields)


def test_the_hash_follows_the_choices_and_nothing_else():
    assert Policy.from_toml("").hash == Policy().hash
    assert Policy.from_toml("# only words\n").hash == Policy().hash
    assert Policy.from_toml("[energy]\ndefault_pue = 1.4").hash != Policy().hash


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[energy]\ndefault_pue = 0.9", "energy.default_pue"),
        ("[energy]\ndefualt_pue = 1.2", r"energy.defualt_pue.*did you mean default_pue"),
        ("[enegry]\ndefault_pue = 1.2", "enegry.*did you mean energy"),
        ("[energy]\ndefault_pue = 0.9\nx = 1", "default_pue.*; energy.x"),
        ('[factors]\ngwp_set = "AR7"', "factors.gwp_set"),
        ("[energy", "not valid TOML"),
    ],
)
def test_a_wrong_entry_is_named(text, named):
    with pytest.raises(PolicyError, match=named):
        Policy.from_toml(text)


def test_revising_one_choice_keeps_comments_and_the_rest():
    text = "# ours\n[energy]\ndefault_pue = 1.4 # measured 2025\n"
    revised = Policy.revise(text, "boundary", "organisation", 'A "B" AG')
    assert "# ours" in revised
    assert "default_pue = 1.4 # measured 2025" in revised
    assert Policy.from_toml(revised).boundary.organisation == 'A "B" AG'
    assert Policy.from_toml(revised).energy.default_pue == 1.4


def test_every_choice_says_why():
    choices = Policy().choices()
    assert len(choices) > 25
    assert all(len(choice["why"]) > 20 for choice in choices)


def test_one_value_where_a_list_belongs_is_answered_with_the_list():
    with pytest.raises(PolicyError, match=r'components_out is a list: write \["network"\]'):
        Policy.from_toml('[boundary]\ncomponents_out = "network"\n')
