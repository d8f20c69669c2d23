"""Which column holds what: a role for each, from its name and, where names are open, from its cells.

Whole names come first (`words.EXACT`), then names of words, then names that are put together of a quantity
and a group ("Intervention_Events", "vaccine_n") or of an effect and what is said of it ("se_log_hr").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.reading import cells, words
from analysis.reading.roles import ROLES

_SIDED = {
    "events": ("ai", "ci", "xi"),
    "nonevents": ("bi", "di", ""),
    "size": ("n1i", "n2i", "ni"),
    "mean": ("m1i", "m2i", "mi"),
    "sd": ("sd1i", "sd2i", "sdi"),
    "se": ("se1i", "se2i", ""),
    "median": ("med1i", "med2i", "medi"),
    "q1": ("q1_1i", "q1_2i", "q1_i"),
    "q3": ("q3_1i", "q3_2i", "q3_i"),
    "iqr": ("iqr_1i", "iqr_2i", ""),
    "min": ("min1i", "min2i", "mini"),
    "max": ("max1i", "max2i", "maxi"),
    "time": ("t1i", "t2i", "ti"),
    "share": ("p1i", "p2i", "pi"),
}
_PHRASES = sorted(
    ((phrase, kind) for kind, phrases in words.QUANTITIES.items() for phrase in phrases),
    key=lambda item: -len(item[0]),
)


@dataclass(frozen=True, slots=True)
class Guessed:
    """A role for each column ("" unused), the measure that names tell, and what had to be decided.

    `level` is the level of the limits where a name tells it (0.9), else None. `rivals` are roles for
    which several columns offer themselves equally well, with those columns.
    """

    roles: tuple[str, ...]
    measure: str
    level: float | None
    remarks: tuple[str, ...]
    rivals: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(slots=True)
class _Guess:
    role: str = ""
    rank: int = 9  # of exactness: smaller is surer
    measure: str = ""
    level: float | None = None
    quantity: str = ""
    whole: str = ""  # role of a column that holds an estimate and its limits in one cell
    group: tuple[str, ...] = ()


def tokens(name: str) -> tuple[str, ...]:
    """A name as words in small letters, and numbers.

    >>> tokens("Mean_Control"), tokens("sd1i"), tokens("SE(logOR)"), tokens("ci.lb")
    (('mean', 'control'), ('sd', '1', 'i'), ('se', 'log', 'or'), ('ci', 'lb'))
    """
    text = unicodedata.normalize("NFKD", name)
    text = "".join(ch for ch in text if not unicodedata.combining(ch))
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2,})", " ", text)
    text = text.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "").lower()
    found = re.findall(r"[a-z]+|\d+(?:\.\d+)?|%", text)
    split: list[str] = []
    for word in found:
        prefix = next(
            (p for p in ("log", "ln") if word.startswith(p) and word[len(p) :] in _AFTER_LOG), ""
        )
        if word in _GLUED_ERRORS:  # selnOR, varlogRR
            split += _GLUED_ERRORS[word]
            continue
        split += [prefix, word[len(prefix) :]] if prefix else [word]
    return tuple(split)


_GLUED_ERRORS = {
    f"{error}{log}": (error, log) for error in ("se", "var", "v", "s") for log in ("ln", "log")
}
_AFTER_LOG = frozenset(
    phrase[0]
    for m in ("OR", "RR", "HR", "IRR", "ROM")
    for phrase in words.MEASURES[m]
    if len(phrase) == 1
) | {"odds"}


def known(name: str) -> bool:
    """Whether a name says anything to this reader; a header is known by such names."""
    return bool(_one(name).role or _one(name).quantity)


def guess(header: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Guessed:
    """A role for every column.

    Parameters
    ----------
    header : the column names.
    rows : of cells as text; by them a "CI" of limits is told from a count, words from numbers.

    >>> guess(("Author", "Intervention_Events", "Intervention_N", "vaccine", "Placebo_Events", "Placebo_N")).roles
    ('study', 'ai', 'n1i', '', 'ci', 'n2i')
    """
    columns = [[row[i] if i < len(row) else "" for row in rows] for i in range(len(header))]
    guesses = [_one(name) for name in header]
    for one, column in zip(guesses, columns, strict=True):
        _by_content(one, column)
    for name, one, column in zip(header, guesses, columns, strict=True):
        filled = [text for text in column if text.strip()]
        if not one.role and not one.quantity and filled and _compound(filled):
            one.quantity, one.group, one.rank = "cell", tokens(name), 6
    remarks = _sides(header, guesses)
    _rates(guesses)
    _effect_quantities(guesses, header)
    _one_group_se(guesses)
    return _once(header, guesses, columns, remarks)


# --- one name ------------------------------------------------------------------------------------
def _one(name: str) -> _Guess:
    lower = " ".join(name.strip().lower().split())
    if lower in words.EXACT or lower.replace(" ", "_") in words.EXACT:
        role = words.EXACT.get(lower, words.EXACT.get(lower.replace(" ", "_"), ""))
        return _Guess(role, 0, "COR" if role == "ri" else "")
    found = tokens(name)
    if not found:
        return _Guess()
    joined = " ".join(found)
    for role, names in words.WORD_ROLES.items():
        if joined in names:
            return _Guess(role, 1 + names.index(joined) / 100)
    effect = _effect(found)
    if effect is not None:
        return effect
    return _quantity(found)


def _effect(found: tuple[str, ...]) -> _Guess | None:
    """A name about an effect: the effect itself, its error, variance or limits."""
    level, rest = _without_level(found)
    guess = _Guess(rank=3, level=level)
    aspect, rest = _aspect(rest)
    is_log10 = bool(set(rest) & words.LOG10) or rest[:2] == ("log", "10")
    rest = tuple(w for w in rest if w != "10") if is_log10 else rest
    is_log = is_log10 or bool(set(rest) & words.LOG)
    rest = tuple(w for w in rest if w not in words.LOG | words.LOG10)
    measure = _measure(rest)
    if measure is None:
        plain = tuple(w for w in rest if w not in words.QUALIFIERS)
        if not (rest in words.EFFECT or (aspect and not plain) or plain in words.EFFECT):
            return None
        if rest in words.EFFECT and not aspect and rest in {("b",), ("y",)}:
            guess.rank = 5
        measure = ""
    guess.measure = measure
    ratio = measure in ("OR", "RR", "HR", "IRR", "PETO", "ROM")
    if aspect == "":
        guess.role = "log10" if is_log10 else "ratio" if ratio and not is_log else "yi"
        if measure == "ROM" and found in (("lrr",),):
            guess.role = "yi"
    elif aspect == "se" and ratio and not is_log:
        guess.role, guess.rank = "sei", 4
    else:
        guess.role = {
            "se": "sei",
            "variance": "vi",
            "lower": "ci_low",
            "upper": "ci_high",
            "interval": "ci_text",
        }[aspect]
    if aspect == "interval" and rest:
        guess.whole = "ratio" if ratio and not is_log else "yi"
    if aspect and not measure and not is_log and guess.rank == 3:
        guess.rank = 4
    return guess


def _aspect(found: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """What of an effect a name speaks of ("" the effect itself), and the words that are left."""
    for aspect, phrases in (
        ("lower", words.LOWER),
        ("upper", words.UPPER),
        ("se", words.SE),
        ("variance", words.VARIANCE),
        ("interval", words.INTERVAL),
    ):
        for length in range(min(4, len(found)), 0, -1):
            for start in range(len(found) - length + 1):
                if found[start : start + length] in phrases:
                    rest = found[:start] + found[start + length :]
                    if _speaks_of_effect(rest):
                        return aspect, rest
    # metafor's way: "seg", "selnor", "vg" as one word
    if len(found) == 1:
        for prefix, aspect in (("se", "se"), ("var", "variance")):
            rest = found[0].removeprefix(prefix)
            if rest != found[0] and rest and _speaks_of_effect(tokens(rest)):
                return aspect, tokens(rest)
    return "", found


def _speaks_of_effect(rest: tuple[str, ...]) -> bool:
    bare = tuple(w for w in rest if w not in words.LOG | words.LOG10 | words.QUALIFIERS | {"10"})
    return not bare or bare in words.EFFECT or rest in words.EFFECT or _measure(bare) is not None


def _measure(rest: tuple[str, ...]) -> str | None:
    """The measure that words name, or None."""
    variants = (rest, tuple(w for w in rest if w not in words.QUALIFIERS))
    for variant in variants:
        for measure, phrases in words.MEASURES.items():
            if variant and variant in phrases:
                return measure
    return None


def _without_level(found: tuple[str, ...]) -> tuple[float | None, tuple[str, ...]]:
    """The level of an interval that a name tells (90, 95 or 99), and the other words."""
    for i, word in enumerate(found):
        if word in ("90", "95", "99"):
            rest = found[:i] + found[i + 1 :]
            return int(word) / 100, tuple(w for w in rest if w != "%")
    return None, found


def _quantity(found: tuple[str, ...]) -> _Guess:
    """A name of a quantity and, maybe, a group: "Placebo n", "events1", "e_mean"."""
    if set(found) & words.BEFORE:
        return _Guess()
    if found == ("n",):
        return _Guess(quantity="size")
    for phrase, kind in _PHRASES:
        length = len(phrase)
        for start in range(len(found) - length + 1):
            if found[start : start + length] != phrase:
                continue
            rest = found[:start] + found[start + length :]
            if length == 1 and len(phrase[0]) == 1 and not _is_group(rest):
                continue  # a single letter says something only beside a group
            if kind in ("size", "events") and _other_quantity(rest):
                continue
            group = tuple(
                w for w in rest if w not in words.PASSED_OVER | words.AFTER and w not in ("(", ")")
            )
            group = tuple(w for w in group if w != "i") if len(group) > 1 else group
            group = tuple({"ti": "t", "ci": "c"}.get(w, w) for w in group)  # nTi, nCi
            if kind in ("mean", "median", "events"):
                group = tuple(w for w in group if w not in _BESIDE)
            role = _SIDED[kind][2] if not group else ""
            return _Guess(role, 4 if not group else 3, quantity=kind, group=group)
    if len(found) <= 2 and (split := _glued("".join(found))):
        return _quantity(split)
    lone = tuple(w for w in found if w not in words.PASSED_OVER)
    if len(lone) == 1 and lone[0] in words.TREATED | words.CONTROL:
        return _Guess("", 6, quantity="cell", group=lone)
    return _Guess()


_BESIDE = frozenset({"sd", "se", "sem", "iqr", "range", "%", "ci", "95", "n"})
"""What stands beside a quantity in the same cells: mean (SD), median (IQR), events (%)."""


def _glued(word: str) -> tuple[str, str] | None:
    """A quantity and a group in one word ("nctrl", "xt", "cmean")."""
    groups = words.TREATED | words.CONTROL
    for part in ("events", "event", "total", "mean", "sd", "se", "n", "x", "m", "r", "e"):
        for group in (word.removeprefix(part), word.removesuffix(part)):
            group = {"ti": "t", "ci": "c"}.get(group, group)  # metafor's nTi, xci
            if group != word and group in groups and (len(part) > 1 or word.startswith(part)):
                return part, group
    return None


def _other_quantity(rest: tuple[str, ...]) -> bool:
    """Whether what is left names a quantity by a whole word ("mean age", "n lost" are not for us to read)."""
    return any(
        phrase == rest[i : i + len(phrase)]
        for phrase, kind in _PHRASES
        if kind not in ("size", "events") and len(phrase[0]) > 1
        for i in range(len(rest))
    )


def _is_group(rest: tuple[str, ...]) -> bool:
    group = tuple(w for w in rest if w not in words.PASSED_OVER)
    return bool(group) and all(w.isalnum() for w in group)


# --- names together ------------------------------------------------------------------------------
_RANGE = re.compile(
    r"^[\[(]?\s*[-+\u2212]?[\d.,]+\s*(?:to|[,;:\u2013\u2014-]|\bbis\b|\ba\b|\.\.+)\s*[-+\u2212]?[\d.,]+\s*[\])]?$",
    re.IGNORECASE,
)


def looks_like_limits(text: str) -> bool:
    """Whether a cell holds two limits.

    >>> looks_like_limits("-2.1 to 0.4"), looks_like_limits("[0.4; 0.96]"), looks_like_limits("12")
    (True, True, False)
    """
    bare = text.strip()
    return (
        bool(_RANGE.match(bare))
        and len(re.findall(r"\d+", bare)) >= 2
        and not re.fullmatch(r"-?[\d]+[.,]?\d*", bare)
    )


def _by_content(one: _Guess, column: Sequence[str]) -> None:
    """Correct what a name suggests by what the cells are."""
    filled = [text for text in column if text.strip()]
    if not filled:
        return
    numeric = sum(bool(re.match(r"^[\s<>~\u2212+(-]*[.,]?\d", text)) for text in filled) / len(
        filled
    )
    if (
        one.role in ("ci", "ci_text", "ci_low")
        and sum(map(looks_like_limits, filled)) > len(filled) / 2
    ):
        one.role, one.rank, one.quantity = "ci_text", 2, ""
    elif one.role == "ci_text":
        triples = sum(cells.three(text, cells.Signs()) is not None for text in filled)
        one.role = one.whole if triples > len(filled) / 2 else ""
    if one.role == "ri" and _are_counts(filled):
        one.role, one.measure = "xi", ""  # r of n, as BUGS writes events
    if (
        one.role in ("treatment", "intervention", "comparator", "outcome", "subgroup", "measure")
        and numeric == 1
    ):
        if one.role in ("treatment", "intervention", "comparator") and _compound(filled):
            one.quantity, one.group = (
                "cell",
                (("treatment",) if one.role != "comparator" else ("control",)),
            )
        if one.role not in ("outcome", "subgroup", "treatment"):
            one.role = ""
    if one.role == "" and one.quantity == "cell" and not _compound(filled):
        one.quantity, one.group = "", ()
    is_number = one.quantity or (
        one.role in ROLES and one.role not in words.WORD_ROLES and one.role not in ("ci_text", "")
    )
    if (
        is_number
        and not all(re.search(r"\d", t) or cells.is_missing(t) for t in filled)
        and numeric == 0
    ):
        one.role, one.quantity, one.group = "", "", ()


def _are_counts(filled: Sequence[str]) -> bool:
    """Whether all numbers are whole, and some above 1."""
    return all(text.strip().isdigit() for text in filled) and any(int(t) > 1 for t in filled)


def _compound(filled: Sequence[str]) -> bool:
    two = sum(
        bool(re.search(r"\d\s*[(/\u00b1]|\d\s*\+/?-\s*\d|\d\s+of\s+\d", text)) for text in filled
    )
    return two > len(filled) / 2


def _sides(header: Sequence[str], guesses: list[_Guess]) -> list[str]:
    """Give columns with a quantity and a group their side; say so where the names alone do not tell which is which."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for i, one in enumerate(guesses):
        if one.quantity and one.group:
            groups.setdefault(one.group, []).append(i)
    remarks: list[str] = []
    pairs = _pair(list(groups), groups, guesses)
    for first, second, sure in pairs:
        for i in groups[first]:
            _take_side(guesses[i], 0)
        for i in groups[second]:
            _take_side(guesses[i], 1)
        if not sure:
            named = [" ".join(g) for g in (first, second)]
            remarks.append(
                f"{named[0]} is taken for the treatment and {named[1]} for the comparator, by the order of the columns "
                "(--map role=column changes it)"
            )
    _repeated(header, guesses, remarks)
    return remarks


def _take_side(one: _Guess, side: int) -> None:
    one.role = f"group{side + 1}" if one.quantity == "cell" else _SIDED[one.quantity][side]


def _pair(
    names: list[tuple[str, ...]], groups: dict[tuple[str, ...], list[int]], guesses: list[_Guess]
) -> list[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """The pairs of groups that stand for treatment and comparator; whether their names say which is which."""

    def kinds(name: tuple[str, ...]) -> frozenset[str]:
        return frozenset(guesses[i].quantity for i in groups[name])

    def side(name: tuple[str, ...]) -> str:
        if set(name) & words.CONTROL:
            return "2"
        return "1" if set(name) & words.TREATED else ""

    def rest(name: tuple[str, ...], known: frozenset[str]) -> tuple[str, ...]:
        return tuple(w for w in name if w not in known)

    ones = [n for n in names if side(n) == "1"]
    twos = [n for n in names if side(n) == "2"]
    found = []
    for one in ones:
        for two in twos:
            if rest(one, words.TREATED) == rest(two, words.CONTROL) and kinds(one) & kinds(two):
                found.append((one, two, True))
    if found:
        return found[:1]
    for first, second in words.ORDERS:
        for one in names:
            if first in one:
                other = tuple(second if w == first else w for w in one)
                if other in names and kinds(one) & kinds(other):
                    return [(one, other, True)]
    if len(twos) == 1:
        others = [n for n in names if n not in twos and kinds(n) & kinds(twos[0])]
        if len(others) == 1:
            return [(others[0], twos[0], True)]
    if len(ones) == 1:
        others = [n for n in names if n not in ones and kinds(n) & kinds(ones[0])]
        if len(others) == 1:
            return [(ones[0], others[0], True)]
    full = [n for n in names if len(kinds(n)) > 1]
    if len(full) == 2 and kinds(full[0]) == kinds(full[1]):
        return [(full[0], full[1], False)]
    return []


def _repeated(header: Sequence[str], guesses: list[_Guess], remarks: list[str]) -> None:
    """Names that stand twice ("mean, sd, n, mean (2), sd (2), n (2)"): the first set is the treatment's."""
    second = {one.quantity: one for one in guesses if one.group == ("2",)}
    if any(one.group == ("1",) for one in guesses):
        return
    first = {one.quantity: one for one in guesses if one.quantity in second and not one.group}
    if len(first) < 2 or len(first) < len(second):
        return
    for kind, one in first.items():
        _take_side(one, 0)
        _take_side(second[kind], 1)
    remarks.append(
        f"{', '.join(first)} stand twice: the first is taken for the treatment, the second for the comparator"
    )


def _rates(guesses: list[_Guess]) -> None:
    """Events beside person-time, and no sizes, are those of rates."""
    roles = {one.role for one in guesses}
    if {"t1i", "t2i"} <= roles and not roles & {"n1i", "n2i"}:
        for one in guesses:
            one.role = {"ai": "x1i", "ci": "x2i"}.get(one.role, one.role)
    elif "ti" in roles and not roles & {"xi"}:
        for one in guesses:
            if one.role == "ti" and one.rank > 0:
                one.role = ""


def _one_group_se(guesses: list[_Guess]) -> None:
    """A mean or effect with a plain "se" beside it: the error of the effect unless sizes and a mean say otherwise."""
    roles = {one.role for one in guesses}
    if "sei" not in roles and "yi" in roles:
        for one in guesses:
            if one.quantity == "se" and not one.group:
                one.role = "sei"


def _effect_quantities(guesses: list[_Guess], header: Sequence[str]) -> None:
    """ "y", "v", "m", "s", "n", "x" alone: an effect with its variance, or one group's numbers."""
    alone = {header[i].strip().lower(): one for i, one in enumerate(guesses) if not one.role}
    if "y" in alone and ("v" in alone or any(o.role in ("vi", "sei") for o in guesses)):
        alone["y"].role, alone["y"].rank = "yi", 3
    if "n" in alone:
        alone["n"].role, alone["n"].rank = "ni", 3
        for name, role in (("x", "xi"), ("m", "mi"), ("s", "sdi"), ("r", "ri")):
            if name in alone and role not in {o.role for o in guesses}:
                alone[name].role, alone[name].rank = role, 3


def _once(
    header: Sequence[str], guesses: list[_Guess], columns: list[list[str]], remarks: list[str]
) -> Guessed:
    """Every role at most once: the surest column has it; where two are as sure and differ, both are named."""
    roles = ["" for _ in guesses]
    rivals: list[tuple[str, tuple[str, ...]]] = []
    for role in dict.fromkeys(one.role for one in guesses if one.role):
        at = sorted(
            (i for i, one in enumerate(guesses) if one.role == role), key=lambda i: guesses[i].rank
        )
        if role == "study":
            at = _best_names(at, guesses, columns)
        best = at[0]
        roles[best] = role
        same = [
            i for i in at if guesses[i].rank == guesses[best].rank and role not in words.WORD_ROLES
        ]
        if len(same) > 1 and len({tuple(columns[i]) for i in same}) > 1:
            rivals.append((role, tuple(header[i] for i in same)))
    _add_cluster(header, roles)
    effects = [i for i, r in enumerate(roles) if r in ("yi", "ratio", "log10")]
    if filled := [i for i in effects if any(columns[i])]:  # not the empty columns of a template
        roles = [r if i not in effects or i in filled else "" for i, r in enumerate(roles)]
        effects = filled
    if (
        len(effects) > 1
    ):  # a ratio and its logarithm: the one that was read as such, logarithm first
        order = ("yi", "log10", "ratio") if "ci_low" not in roles else ("yi", "ratio", "log10")
        kept = min(effects, key=lambda i: (guesses[i].rank, order.index(roles[i])))
        for i in effects:
            if i != kept:
                roles[i] = ""
        effects = [kept]
    measure = guesses[effects[0]].measure if effects else ""
    if "ri" in roles and not effects and "m1i" not in roles:
        measure = "ZCOR"
    levels = {
        g.level
        for g, r in zip(guesses, roles, strict=True)
        if g.level and r in ("ci_low", "ci_high", "ci_text")
    }
    if not measure:
        told = {
            g.measure
            for g, r in zip(guesses, roles, strict=True)
            if g.measure and r in ("sei", "vi", "ci_low", "ci_high")
        }
        measure = told.pop() if len(told) == 1 else ""
    return Guessed(
        tuple(roles),
        measure,
        levels.pop() if len(levels) == 1 else None,
        tuple(remarks),
        tuple(rivals),
    )


def _best_names(at: list[int], guesses: list[_Guess], columns: list[list[str]]) -> list[int]:
    """Columns of names, those of words before those of numbers."""

    def wordy(i: int) -> bool:
        return any(any(ch.isalpha() for ch in text) for text in columns[i])

    return sorted(at, key=lambda i: (not wordy(i), guesses[i].rank))


def _add_cluster(header: Sequence[str], roles: list[str]) -> None:
    """A study id beside the study's name tells which rows belong together."""
    for i, name in enumerate(header):
        if not roles[i] and " ".join(tokens(name)) in words.ALSO_AN_ID and "cluster" not in roles:
            roles[i] = "cluster"
