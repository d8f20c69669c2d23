"""What is asked about a patient: five fields, and the address they make. No name, no age, nothing personal."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Age:
    """A band of fracture age: its label, its lower end in weeks, and the limit that a Question can ask for."""

    label: str
    from_weeks: float
    limit: str


CAUSES: dict[str, str] = {
    "osteoporotic": "Osteoporosis",
    "malignant": "Cancer in the vertebra",
    "traumatic": "Injury of healthy bone",
    "any": "Not known",
}
AGES: dict[str, Age] = {
    "6w": Age("Up to 6 weeks", 0.0, "6w"),
    "13w": Age("6 weeks to 3 months", 6.0, "13w"),
    "old": Age("More than 3 months", 13.0, "any"),
    "any": Age("Not known", 0.0, "any"),
}
PROCEDURES: dict[str, str] = {
    "BKP": "Balloon kyphoplasty",
    "VP": "Vertebroplasty",
    "VAI": "Implant-based augmentation",
}
ALTERNATIVES: dict[str, str] = {
    "NSM": "Non-surgical care",
    "SHAM": "A sham procedure",
    "VP": "Vertebroplasty",
    "BKP": "Balloon kyphoplasty",
}
MATTERS: dict[str, str] = {
    "pain-now": "Pain in the first month",
    "pain-year": "Pain after a year",
    "function": "Daily function",
    "fracture": "A new vertebral fracture",
}
_ALLOWED = {
    "cause": CAUSES,
    "age": AGES,
    "procedure": PROCEDURES,
    "alternative": ALTERNATIVES,
    "matters": MATTERS,
}


class InvalidPatient(ValueError):
    """A field holds something that the form does not offer; the message says what it does."""


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient in front of the reader, as far as studies can tell patients apart.

    Parameters
    ----------
    cause, age : cause and age of the fracture, keys of `CAUSES` and `AGES`.
    procedure, alternative : what is considered, and instead of what; never the same treatment.
    matters : what matters to the patient, keys of `MATTERS`, at least one, in their order.

    Raises
    ------
    InvalidPatient
        When a field holds a value that is not offered.

    Examples
    --------
    >>> p = Patient(cause="malignant", matters=("pain-now",))
    >>> p.to_query(), Patient.from_query(p.to_query()) == (p, [])
    ('cause=malignant&matters=pain-now', True)
    """

    cause: str = "osteoporotic"
    age: str = "6w"
    procedure: str = "BKP"
    alternative: str = "NSM"
    matters: tuple[str, ...] = tuple(MATTERS)

    def __post_init__(self) -> None:
        for name in ("cause", "age", "procedure", "alternative"):
            _check(name, getattr(self, name))
        for matter in self.matters:
            _check("matters", matter)
        if not self.matters:
            raise InvalidPatient(f"matters: found none, allowed: {', '.join(MATTERS)}")
        object.__setattr__(self, "matters", tuple(m for m in MATTERS if m in self.matters))
        if self.procedure == self.alternative:
            raise InvalidPatient(f"alternative: found {self.alternative!r}, which is the procedure")

    def replace(self, **changes: object) -> Patient:
        return replace(self, **changes)

    @property
    def limit(self) -> str:
        """The fracture age that a Question asks for, key of `vocabulary.FRACTURE_AGES`."""
        return AGES[self.age].limit

    def in_words(self) -> str:
        """The patient in one line.

        >>> Patient().in_words()
        'Fracture from osteoporosis, up to 6 weeks old: balloon kyphoplasty or non-surgical care?'
        """
        cause = {
            "osteoporotic": "from osteoporosis", "malignant": "from cancer in the vertebra",
            "traumatic": "from an injury of healthy bone", "any": "of unknown cause",
        }[self.cause]  # fmt: skip
        age = {"any": "of unknown age"}.get(self.age, f"{AGES[self.age].label.lower()} old")
        who, whom = PROCEDURES[self.procedure].lower(), ALTERNATIVES[self.alternative].lower()
        return f"Fracture {cause}, {age}: {who} or {whom}?"

    def to_query(self) -> str:
        """The address: only what differs from the form's first state."""
        usual, parts = Patient(), []
        for field in fields(self):
            value = getattr(self, field.name)
            if value != getattr(usual, field.name):
                text = ",".join(value) if isinstance(value, tuple) else value
                parts.append(f"{field.name}={text}")
        return "&".join(parts)

    @classmethod
    def from_query(cls, query: str) -> tuple[Patient, list[str]]:
        """Read an address; what is not understood gives way to the form's first state, and is said."""
        kept: dict[str, object] = {}
        said: list[str] = []
        for name, text in parse_qsl(query.lstrip("?"), max_num_fields=None):
            if name not in _ALLOWED:
                said.append(f"{name[:40]}: not a field of this form; left out")
            elif name == "matters":
                chosen = [m for m in text.split(",") if m in MATTERS]
                said += [
                    f"matters: found {m[:40]!r}, allowed: {', '.join(MATTERS)}; left out"
                    for m in text.split(",")
                    if m and m not in MATTERS
                ]
                if chosen:
                    kept[name] = tuple(chosen)
            elif text not in _ALLOWED[name]:
                said.append(
                    f"{name}: found {text[:40]!r}, allowed: {', '.join(_ALLOWED[name])}; the first is used"
                )
            else:
                kept[name] = text
        return _apart(kept, said), said


def _apart(kept: dict[str, object], said: list[str]) -> Patient:
    """A patient whose procedure and alternative differ; the alternative gives way."""
    if kept.get("procedure", "BKP") == kept.get("alternative", "NSM"):
        del kept["alternative"]
        said.append(
            "alternative: it is the procedure itself; compared with non-surgical care instead"
        )
    return Patient(**kept)  # type: ignore[arg-type]


def _check(name: str, value: str) -> None:
    if value not in _ALLOWED[name]:
        raise InvalidPatient(f"{name}: found {value!r}, allowed: {', '.join(_ALLOWED[name])}")
