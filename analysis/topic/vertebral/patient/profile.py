"""What is asked about a patient: seven fields, and the address they make. No name, nothing that tells who it is."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from urllib.parse import parse_qsl

from analysis.errors import InputError


@dataclass(frozen=True, slots=True)
class Age:
    """A band of fracture age: its label, its lower end in weeks, and the limit that a Question can ask for."""

    label: str
    from_weeks: float
    limit: str


@dataclass(frozen=True, slots=True)
class Years:
    """A band of the patient's age in years: `low` up to, not including, `high`."""

    label: str
    low: float
    high: float


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
    "BKP": "Kyphoplasty",
    "VP": "Vertebroplasty",
    "VAI": "Implant-based augmentation",
}
ALTERNATIVES: dict[str, str] = {
    "NSM": "Non-surgical care",
    "SHAM": "A sham procedure",
    "VP": "Vertebroplasty",
    "BKP": "Kyphoplasty",
}
YEARS: dict[str, Years] = {
    "any": Years("Not stated", 0.0, 200.0),
    "u65": Years("Under 65", 0.0, 65.0),
    "65-79": Years("65 to 79", 65.0, 80.0),
    "80": Years("80 and over", 80.0, 200.0),
}
SEXES: dict[str, str] = {"any": "Not stated", "f": "Woman", "m": "Man"}
EARLIER: dict[str, str] = {"any": "Not stated", "yes": "Yes", "no": "No"}
LABELS = {
    "procedure": "Procedure considered",
    "alternative": "Instead of",
    "cause": "Cause of the fracture",
    "age": "Age of the fracture",
    "years": "Age of the patient",
    "sex": "Sex",
    "earlier": "Earlier vertebral fracture",
}
_ALLOWED = {
    "cause": CAUSES,
    "age": AGES,
    "procedure": PROCEDURES,
    "alternative": ALTERNATIVES,
    "years": YEARS,
    "sex": SEXES,
    "earlier": EARLIER,
}
_ONCE = ("matters",)
"""Fields of earlier editions: their addresses still open, and the table shows all that they chose among."""


class InvalidPatient(InputError):
    """A field holds something that the form does not offer; the message says what it does."""


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient in front of the reader, as far as studies can tell patients apart.

    Parameters
    ----------
    cause, age : cause and age of the fracture, keys of `CAUSES` and `AGES`.
    procedure, alternative : what is considered, and instead of what; never the same treatment.
    years, sex, earlier : age in years, sex, and whether there was an earlier vertebral fracture; keys of `YEARS`,
        `SEXES` and `EARLIER`.

    Raises
    ------
    InvalidPatient
        When a field holds a value that is not offered.

    Examples
    --------
    >>> p = Patient(cause="malignant", sex="f")
    >>> p.to_query(), Patient.from_query(p.to_query()) == (p, [])
    ('cause=malignant&sex=f', True)
    """

    cause: str = "osteoporotic"
    age: str = "6w"
    procedure: str = "BKP"
    alternative: str = "NSM"
    years: str = "any"
    sex: str = "any"
    earlier: str = "any"

    def __post_init__(self) -> None:
        for name in _ALLOWED:
            _check(name, getattr(self, name))
        if self.procedure == self.alternative:
            raise InvalidPatient(f"alternative: found {self.alternative!r}, which is the procedure")

    @staticmethod
    def apart(values: dict[str, str], touched: str) -> tuple[dict[str, str], str]:
        """Values in which procedure and alternative differ: the one that was not touched gives way, and is named.

        >>> Patient.apart({"procedure": "VP", "alternative": "VP"}, "alternative")
        ({'procedure': 'BKP', 'alternative': 'VP'}, 'procedure')
        """
        if values["procedure"] != values["alternative"]:
            return values, ""
        if touched != "alternative":
            return values | {"alternative": "NSM"}, "alternative"
        other = "BKP" if values["alternative"] != "BKP" else "VP"
        return values | {"procedure": other}, "procedure"

    def replace(self, **changes: object) -> Patient:
        return replace(self, **changes)

    @property
    def limit(self) -> str:
        """The fracture age that a Question asks for, key of `vocabulary.FRACTURE_AGES`."""
        return AGES[self.age].limit

    def in_words(self) -> str:
        """The patient in one line.

        >>> Patient().in_words()
        'Fracture from osteoporosis, up to 6 weeks old: kyphoplasty or non-surgical care?'
        >>> Patient(years="80", sex="f", earlier="yes").in_words()[:47]
        'Woman, 80 and over, fracture from osteoporosis,'
        """
        cause = {
            "osteoporotic": "from osteoporosis", "malignant": "from cancer in the vertebra",
            "traumatic": "from an injury of healthy bone", "any": "of unknown cause",
        }[self.cause]  # fmt: skip
        age = {"any": "of unknown age"}.get(self.age, f"{AGES[self.age].label.lower()} old")
        given = [
            labels[value]
            for labels, value in (
                (SEXES, self.sex),
                ({k: y.label for k, y in YEARS.items()}, self.years),
            )
            if value != "any"
        ]
        earlier = {"yes": " (not the first)", "no": " (the first)"}.get(self.earlier, "")
        text = ", ".join([*given, f"fracture {cause}", f"{age}{earlier}: {self.decision()}?"])
        return text[:1].upper() + text[1:]

    def decision(self) -> str:
        """What is decided: "kyphoplasty or non-surgical care"."""
        return f"{PROCEDURES[self.procedure].lower()} or {ALTERNATIVES[self.alternative].lower()}"

    def slug(self) -> str:
        """A file's name.

        >>> Patient(sex="f").slug()
        'patient-bkp-nsm-osteoporotic-6w-f'
        """
        chosen = [v for v in (self.years, self.sex) if v != "any"]
        chosen += [f"earlier-{self.earlier}"] if self.earlier != "any" else []
        parts = ("patient", self.procedure, self.alternative, self.cause, self.age, *chosen)
        return "-".join(parts).lower()

    def without_effect(self) -> tuple[str, ...]:
        """What was said of the patient that changes no row, because no result in the data is told apart by it."""
        if self.earlier == "any":
            return ()
        return (
            f"Earlier vertebral fracture: {EARLIER[self.earlier].lower()}. No result in these data is reported by "
            "earlier fractures, so no row changes with it.",
        )

    def to_query(self) -> str:
        """The address: only what differs from the form's first state."""
        usual, parts = Patient(), []
        for field in fields(self):
            value = getattr(self, field.name)
            if value != getattr(usual, field.name):
                parts.append(f"{field.name}={value}")
        return "&".join(parts)

    @classmethod
    def from_query(cls, query: str) -> tuple[Patient, list[str]]:
        """Read an address; what is not understood gives way to the form's first state, and is said."""
        kept: dict[str, str] = {}
        said: list[str] = []
        for name, text in parse_qsl(query.lstrip("?"), max_num_fields=None):
            if name in _ONCE:
                continue
            if name not in _ALLOWED:
                said.append(f"{name[:40]}: not a field of this form; left out")
            elif text not in _ALLOWED[name]:
                said.append(
                    f"{name}: found {text[:40]!r}, allowed: {', '.join(_ALLOWED[name])}; the first is used"
                )
            else:
                kept[name] = text
        return _apart(kept, said), said


def _apart(kept: dict[str, str], said: list[str]) -> Patient:
    """A patient whose procedure and alternative differ; the alternative gives way."""
    if kept.get("procedure", "BKP") == kept.get("alternative", "NSM"):
        del kept["alternative"]
        said.append(
            "alternative: it is the procedure itself; compared with non-surgical care instead"
        )
    return Patient(**kept)


def _check(name: str, value: str) -> None:
    if value not in _ALLOWED[name]:
        raise InvalidPatient(f"{name}: found {value!r}, allowed: {', '.join(_ALLOWED[name])}")
