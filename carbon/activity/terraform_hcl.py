"""Terraform's own files (*.tf): what the configuration asks for, without having run.

The better file is the output of `terraform show -json`, which knows what became of it. Here are
read blocks `resource`, literal values, and variables and locals whose value stands in the same
file. What is an expression is not guessed: the sighting's note says what was left open. A `dynamic`
block, a module's inside and a `for_each` cannot be seen.

A row is a `resource` block that is AI, as with `terraform-json`; `count` multiplies its machines.
Everything in it is planned: the configuration does not say what was applied.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import hcl2

from carbon.activity.documents import number_of
from carbon.activity.sightings import text_of
from carbon.activity.source import (
    Context,
    Head,
    Payload,
    Problem,
    Reading,
    Recognition,
    RefusalError,
)
from carbon.activity.terraform_resources import KINDS, PROVIDER_BLOCKS
from carbon.activity.terraform_sightings import INSIDE, Resource, sight
from carbon.tables.records import Entry, mended

NAME: Final = "terraform-hcl"
TITLE: Final = "Terraform configuration (*.tf)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("resource", "variable", "provider")

VARIABLE_MAP: Final = {
    "resource": "reference",
    "count": "instance_count",
    "instance_type": "instance_type",
    "machine_type": "instance_type",
    "vm_size": "instance_type",
    "guest_accelerator": "accelerator",
    "region": "region",
    "tags": "tags",
}
"""Blocks and arguments, of those of each type that stand in `terraform_resources.KINDS`."""

LONGEST: Final = 2_000_000
"""Characters of a configuration that are parsed; a longer file is none that a person wrote."""

_RESOURCE: Final = re.compile(r'^\s*resource\s+"\w+"\s+"[^"]+"\s*\{')
_BLOCK: Final = re.compile(
    r'^\s*((variable|provider|module|output|data|import)\s+"|(locals|terraform|moved)\s*\{)'
)
_REFERENCE: Final = re.compile(r"\$\{\s*((?:var|local)\.[\w-]+)\s*\}")
_NAMED: Final = re.compile(r"\b(?:var|local)\.[\w-]+")
_TEMPLATE: Final = re.compile(
    r"^\$\{\s*(\w+\.[\w-]+)(?:\[[^\]]*\])?\.(?:id|name|arn|self_link)\s*\}$"
)


def sniff(head: Head) -> Recognition:
    """Blocks of Terraform at the beginnings of lines."""
    if head.kind != "text":
        return Recognition(0.0, f"the format does not come as {head.kind}")
    if any(_RESOURCE.match(line) for line in head.lines):
        return Recognition(0.96, "has resource blocks of Terraform")
    if sum(bool(_BLOCK.match(line)) for line in head.lines):
        return Recognition(0.75, "has blocks of Terraform")
    return Recognition(0.0, 'needs blocks such as resource "aws_instance" "gpu" {')


def read(payload: Payload, context: Context) -> Reading:
    """Read a configuration.

    Args:
        payload: one file; variables of its siblings are not known.
        context: `instances`, the machine types that carry accelerators; `regions`.

    Returns:
        A Sighting per resource block that is AI, planned. Rows are numbered by the position among
        the resource blocks of the file.

    Raises:
        RefusalError: it is no HCL, or holds no resource.
    """
    document = _parsed(payload)
    values = _Values.of(document)
    regions = _regions(document, values)
    resources = [
        _resource(row, block, values, payload, regions)
        for row, block in enumerate(_blocks(document, "resource"), start=1)
    ]
    if not resources:
        raise RefusalError(
            f"{payload.name} holds no resource block. Give the files that do, or the output of "
            "`terraform show -json`, which has all of them."
        )
    found = sight([r for r in resources if r.times != 0], NAME, context)
    modules = sum(1 for _ in _blocks(document, "module"))
    if modules:
        found.notes.append(
            Problem(
                f"Modules, whose inside this file does not show: {modules}. The output of "
                "`terraform show -json` shows it."
            )
        )
    return found.reading(NAME, context)


def _parsed(payload: Payload) -> dict[str, Any]:
    if len(payload.text) > LONGEST:
        raise RefusalError(
            f"{payload.name} is too long for a Terraform configuration ({len(payload.text)} "
            "characters). Give the output of `terraform show -json`."
        )
    try:
        document = hcl2.loads(payload.text.lstrip("\ufeff").replace("\r\n", "\n"))
    except Exception as error:  # whatever the grammar's library raises on text that is no HCL
        line = getattr(error, "line", None)
        where = f" at line {line}" if isinstance(line, int) and line > 0 else ""
        raise RefusalError(
            f"{payload.name} is no Terraform configuration that can be read{where}. Check it by "
            "`terraform validate`, or give the output of `terraform show -json`."
        ) from error
    return document if isinstance(document, dict) else {}


@dataclass
class _Values:
    """Variables and locals whose value stands in the file, as `var.x` and `local.x`."""

    known: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "_Values":
        """Defaults of variables, and locals."""
        values = cls()
        for block in _listed(document.get("variable")):
            for name, body in _pairs(block):
                if isinstance(body, dict) and "default" in body:
                    values.known[f"var.{name}"] = values.plain(body["default"], [], "")
        for block in _listed(document.get("locals")):
            for name, value in _pairs(block):
                values.known[f"local.{name}"] = values.plain(value, [], "")
        return values

    def plain(self, value: Any, open_: list[str], path: str) -> Any:
        """A value without quotes and references; None for what is an expression.

        Args:
            value: as the parser gives it.
            open_: gains the paths of expressions, with the variables that this file lacks.
            path: where the value stands.
        """
        if isinstance(value, list):
            return [self.plain(v, open_, f"{path}.{i}") for i, v in enumerate(value)]
        if isinstance(value, dict):
            return {
                name: self.plain(v, open_, f"{path}.{name}" if path else name)
                for name, v in _pairs(value)
            }
        if not isinstance(value, str):
            return value
        return self._text(value, open_, path)

    def _text(self, value: str, open_: list[str], path: str) -> Any:
        whole = _REFERENCE.fullmatch(value)
        if whole and whole[1] in self.known:
            return self.known[whole[1]]
        made_from = _TEMPLATE.match(value)
        if made_from:
            return made_from[1]
        text = _REFERENCE.sub(self._inserted, _unquoted(value))
        if "${" in text or "%{" in text or value.startswith("<<"):
            named = [name for name in _NAMED.findall(text) if name not in self.known]
            open_.append(f"{path} ({', '.join(dict.fromkeys(named))})" if named else path)
            return None
        return text

    def _inserted(self, match: re.Match[str]) -> str:
        known = text_of(self.known.get(match[1]))
        return match[0] if known is None else known


def _resource(
    row: int,
    block: tuple[str, str, dict[str, Any]],
    values: _Values,
    payload: Payload,
    regions: Mapping[str, str],
) -> Resource:
    """A block, of type, name and body, as a resource of a plan."""
    type_, name, body = block
    open_: list[str] = []
    inside = values.plain(body, open_, "")
    (whole,) = mended([Entry(row, {INSIDE: inside})], payload.corrections)
    inside = (whole.value or {})[INSIDE]
    remarks = [f"expressions that were not worked out: {', '.join(sorted(open_))}"] if open_ else []
    if any(_NAMED.search(path) for path in open_):
        remarks.append("the output of `terraform show -json` has their values")
    if type_ in KINDS and "dynamic" in body:
        remarks.append("dynamic blocks were not worked out")
    times = 1.0 if "count" not in body else number_of(inside.get("count"))
    if "for_each" in body:
        times = None
        remarks.append("for_each: how many there are is not worked out")
    return Resource(
        row, f"{type_}.{name}", type_, inside, "planned", remarks, times, regions=regions
    )


def _regions(document: Mapping[str, Any], values: _Values) -> dict[str, str]:
    """Regions of the providers' blocks without an alias."""
    found: dict[str, str] = {}
    for block in _listed(document.get("provider")):
        for name, body in _pairs(block):
            inside = values.plain(body, [], "") if isinstance(body, dict) else {}
            region, house = text_of(inside.get("region")), PROVIDER_BLOCKS.get(name)
            if house and region and "alias" not in inside:
                found[house] = region
    return found


def _blocks(document: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Labels and body of the blocks of a kind; of a kind with one label the second is empty."""
    for block in _listed(document.get(kind)):
        for first, inside in _pairs(block):
            if not isinstance(inside, dict):
                continue
            if kind == "module":
                yield first, "", inside
                continue
            for second, body in _pairs(inside):
                if isinstance(body, dict):
                    yield first, second, body


def _listed(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _pairs(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names without quotes, and values; the parser's own marks left out."""
    for name, item in value.items():
        plain = _unquoted(str(name))
        if not plain.startswith("__"):
            yield plain, item


def _unquoted(text: str) -> str:
    """Without the pair of quotes that version 8 of the parser keeps."""
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1] if quoted else text
