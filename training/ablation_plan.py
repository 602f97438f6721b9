"""What an ablation compares: a base recipe, and variants of it that change a few settings each."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import FramingError
from training.config import RunConfig, make_config, merge_settings, read_toml

BASE = "base"
SECTIONS = ("data", "network", "training")
GUESSES, START = "guesses", "start"
NEEDS = (GUESSES, START)  # what a variant may ask for besides the corpora


@dataclass(frozen=True, slots=True)
class Variant:
    """One recipe.

    Attributes:
        name: What its row is called.
        why: A sentence on what it tries.
        config: All its settings, but for the seed.
        needs: Which of `NEEDS` it asks for: guesses to learn from too, a network to start with.
    """

    name: str
    why: str
    config: RunConfig
    needs: frozenset[str] = frozenset()

    def with_seed(self, seed: int) -> RunConfig:
        """Return the settings of one of its runs."""
        return dataclasses.replace(self.config, training=dataclasses.replace(self.config.training, seed=seed))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is compared.

    Attributes:
        seeds: What each variant is trained with.
        variants: The base first.
        note: What a reader of the table has to know of all its rows.
    """

    seeds: tuple[int, ...]
    variants: tuple[Variant, ...]
    note: str = ""


def read_plan(path: Path) -> Plan:
    """Read a plan: `seeds`, the sections of `[base]`, and for each of `[variants]` what it changes and why.

    Raises:
        FramingError: If the file is missing or no plan, or a setting is unknown.
    """
    raw = read_toml(path, "a plan (training/configs/ablations.toml)")
    seeds, base, others = raw.get("seeds"), raw.get(BASE), raw.get("variants")
    if not isinstance(seeds, list) or {type(seed) for seed in seeds} != {int} or len(set(seeds)) < len(seeds):
        raise FramingError(f"{path}: seeds is {seeds!r}, expected a list of different whole numbers")
    unknown = raw.keys() - {"seeds", "note", BASE, "variants"}
    if not isinstance(base, dict) or not isinstance(others, dict) or BASE in others or unknown:
        raise FramingError(
            f"{path}: found {', '.join(raw)}, expected seeds, note, [base] and [variants.NAME]"
        )
    variants = [_variant(BASE, base, {}, path)]
    variants += [_variant(name, own, base, path) for name, own in others.items()]
    for one in variants[1:]:
        if not one.needs and not changes_of(one.config, variants[0].config):
            raise FramingError(f"{path}: {one.name}: changes nothing; change a setting, or leave it out")
    return Plan(tuple(seeds), tuple(variants), str(raw.get("note", "")))


def _variant(name: str, own: Any, base: dict[str, Any], path: Path) -> Variant:
    where = f"{path}: {name}:"
    if not isinstance(own, dict):
        raise FramingError(f"{where} is {own!r}, expected a table of settings")
    known = ("why", *NEEDS, *SECTIONS)
    if unknown := own.keys() - set(known):
        raise FramingError(f"{where} unknown key {min(unknown)!r}, expected {', '.join(known)}")
    why, needs = own.get("why"), {name: own.get(name, False) for name in NEEDS}
    if not isinstance(why, str) or not all(isinstance(needed, bool) for needed in needs.values()):
        raise FramingError(
            f"{where} expected why, a sentence, and {' and '.join(NEEDS)}, if given, true or false"
        )
    sections = merge_settings(*({part: its[part] for part in SECTIONS if part in its} for its in (base, own)))
    asked = frozenset(name for name, needed in needs.items() if needed)
    return Variant(name, why, make_config({"name": name, **sections}, where), asked)


def changes_of(config: RunConfig, base: RunConfig) -> dict[str, Any]:
    """Return the settings that differ from a base's, as in ``{"training.loss": "focal"}``."""
    ours, theirs = dataclasses.asdict(config), dataclasses.asdict(base)
    return {
        f"{part}.{name}": list(value) if isinstance(value, tuple) else value
        for part in SECTIONS
        for name, value in ours[part].items()
        if value != theirs[part][name]
    }


def without(plan: Plan, need: str) -> Plan:
    """Leave out the variants that ask for one of `NEEDS`."""
    return dataclasses.replace(plan, variants=tuple(one for one in plan.variants if need not in one.needs))
