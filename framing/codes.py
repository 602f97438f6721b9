"""What can be labelled: propaganda techniques and framing devices, and the hard cases between them."""

from dataclasses import dataclass
from typing import ClassVar, Literal

Family = Literal["technique", "device"]


@dataclass(frozen=True, slots=True)
class Code:
    """What the two families share.

    Attributes:
        code: The name that files carry, ``[a-z][a-z0-9_]*``.
        name: The name that people read.
        definition: When a sentence carries it.
        not_when: The nearest case in which it does not.
        examples: Sentences that carry it.
        family: ``technique`` or ``device``.
    """

    code: str
    name: str
    definition: str
    not_when: str = ""
    examples: tuple[str, ...] = ()

    family: ClassVar[Family]

    @property
    def heading(self) -> str:
        """What a table may group it under; can be empty."""
        return ""


@dataclass(frozen=True, slots=True)
class Technique(Code):
    """How the wording persuades.

    Attributes:
        ptc: The PTC corpus's own code, e.g. ``Loaded_Language``.
        group: The coarse group, e.g. ``distraction``.
    """

    ptc: str = ""
    group: str = ""

    family: ClassVar[Family] = "technique"

    @property
    def heading(self) -> str:
        """The coarse group."""
        return self.group


@dataclass(frozen=True, slots=True)
class Device(Code):
    """What picture the wording paints of an actor, an action or a claim.

    Attributes:
        kind: By what means, e.g. ``metaphor``.
        function: What the picture does, e.g. ``problem definition``.
    """

    kind: str = ""
    function: str = ""

    family: ClassVar[Family] = "device"

    @property
    def heading(self) -> str:
        """Kind and function."""
        return ", ".join(part for part in (self.kind, self.function) if part)


@dataclass(frozen=True, slots=True)
class CloseCall:
    """A hard case, settled once for all; without codes it concerns every one."""

    text: str
    codes: tuple[str, ...] = ()
