"""One name of a column: the role that it tells by itself, or the quantity, group or effect it speaks of.

Whole names come first (`whole_names`), then names of words, then names that are put together of a quantity
and a group ("Intervention_Events", "vaccine_n") or of an effect and what is said of it ("se_log_hr").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from analysis.reading import effect_words as effects
from analysis.reading import quantity_words as quantities
from analysis.reading import whole_names

SIDED = {
    "events": ("ai", "ci", "xi"),
    "nonevents": ("bi", "di", ""),
    "size": ("n1i", "n2i", "ni"),
    "mean": ("m1i", "m2i", "mi"),
    "sd": ("sd1i", "sd2i", "sdi"),
    "se": ("se1i", "se2i", ""),
    "variance": ("var1i", "var2i", "vari"),
    "low": ("low1i", "low2i", "lowi"),
    "high": ("high1i", "high2i", "highi"),
    "median": ("med1i", "med2i", "medi"),
    "q1": ("q1_1i", "q1_2i", "q1_i"),
    "q3": ("q3_1i", "q3_2i", "q3_i"),
    "iqr": ("iqr_1i", "iqr_2i", ""),
    "min": ("min1i", "min2i", "mini"),
    "max": ("max1i", "max2i", "maxi"),
    "time": ("t1i", "t2i", "ti"),
    "share": ("p1i", "p2i", "pi"),
}
_LIMITS_OF_MEANS = tuple(
    (phrase, kind)
    for kind, phrases in (("low", effects.LOWER), ("high", effects.UPPER))
    for phrase in phrases
    if set(phrase) & effects.OF_LIMITS
)
_PHRASES = sorted(
    (
        *((phrase, kind) for kind, phrases in quantities.QUANTITIES.items() for phrase in phrases),
        *_LIMITS_OF_MEANS,
    ),
    key=lambda item: (-len(item[0]), -sum(map(len, item[0]))),
)


@dataclass(slots=True)
class Named:
    """What a name tells; `sides` and `columns` complete it from the other names."""

    role: str = ""
    rank: int = 9  # of exactness: smaller is surer
    measure: str = ""
    level: float | None = None
    quantity: str = ""
    group: tuple[str, ...] = ()


def tokens(name: str) -> tuple[str, ...]:
    """A name as words in small letters, and numbers.

    >>> tokens("Mean_Control"), tokens("sd1i"), tokens("SE(logOR)"), tokens("ci.lb")
    (('mean', 'control'), ('sd', '1', 'i'), ('se', 'log', 'or'), ('ci', 'lb'))
    """
    text = unicodedata.normalize("NFKD", name)
    text = "".join(ch for ch in text if not unicodedata.combining(ch))
    text = re.sub(r"\b((?i:se|var))(?=(?i:log|ln)[A-Z])", r"\1 ", text)  # SElogOR
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
    for phrase in effects.MEASURES[m]
    if len(phrase) == 1
) | {"odds"}


def named(name: str) -> Named:
    """Read one name."""
    name = _SIZE.sub(" ", _BANNER.sub("", name.strip(), count=1))
    lower = " ".join(name.lower().split())
    for spelt in (lower, lower.replace(" ", "_"), re.sub(r"[-_. ]+", " ", lower).strip()):
        if spelt in whole_names.EXACT:
            role = whole_names.EXACT[spelt]
            return Named(role, 0, "COR" if role == "ri" else "")
    if inner := _EXPONENTIATED.fullmatch(lower):
        return _as_ratio(named(inner[1]))
    found = tokens(_METHOD.sub(" ", name))
    if not found:
        return Named()
    joined = " ".join(found)
    for role, names in whole_names.WORD_ROLES.items():
        if joined in names:
            return Named(role, 1 + names.index(joined) / 100)
    effect = _effect(found)
    if effect is not None:
        return effect
    level, rest = _without_level(found)
    if level and (limit := _quantity(rest)).quantity in ("low", "high"):
        limit.level = level
        return limit
    return _quantity(found)


_METHOD = re.compile(
    r"(?:\bM\W?H|\bI\W?V|\bPeto|\bExp\[.*?\])\s*,\s*(?:fixed|random)\b", re.IGNORECASE
)
"""As RevMan heads its forest plots: "Risk Ratio M-H, Random, 95% CI"."""
_SIZE = re.compile(r"\s*[(\[]\s*n\s*=\s*\d+\s*[)\]]\s*", re.IGNORECASE)
"""The size of a group in its heading: "Drug (n=40) Events"."""
_BANNER = re.compile(r"statistics for each study\s+|_meta_", re.IGNORECASE)
"""What CMA and Stata put before the names of results."""
_EXPONENTIATED = re.compile(r"exp\s*[(\[.]\s*(\w[^()]*?)\s*[)\].]")
"""As R and SPSS head a column of ratios: exp(coef), Exp(B)."""


def _as_ratio(inner: Named) -> Named:
    """What exp() of a name is: exp() of an effect is a ratio; limits stay what they are."""
    if inner.role == "yi":
        inner.role, inner.rank = "ratio", 3
    return inner if inner.role in ("ratio", "ci_low", "ci_high") else Named()


def interval_of(name: str) -> tuple[str, float | None] | None:
    """The effect whose interval a name speaks of, and its level.

    >>> interval_of("Odds ratio 95% CI"), interval_of("Mean")
    (('odds ratio', 0.95), None)
    """
    level, rest = _without_level(tokens(_METHOD.sub(" ", name)))
    aspect, rest = _aspect(rest)
    return (" ".join(rest), level) if aspect == "interval" and rest else None


def _effect(found: tuple[str, ...]) -> Named | None:
    """A name about an effect: the effect itself, its error, variance or limits."""
    level, rest = _without_level(found)
    guess = Named(rank=3, level=level)
    aspect, rest = _aspect(rest)
    is_log10 = bool(set(rest) & effects.LOG10) or rest[:2] == ("log", "10")
    rest = tuple(w for w in rest if w != "10") if is_log10 else rest
    is_log = is_log10 or bool(set(rest) & effects.LOG)
    rest = tuple(w for w in rest if w not in effects.LOG | effects.LOG10)
    measure = _measure(rest)
    if measure is None:
        plain = tuple(w for w in rest if w not in effects.QUALIFIERS)
        if not (rest in effects.EFFECT or (aspect and not plain) or plain in effects.EFFECT):
            return None
        if rest in effects.EFFECT and not aspect and rest in {("b",), ("y",)}:
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
    if aspect and not measure and not is_log and guess.rank == 3:
        guess.rank = 4
    return guess


def _aspect(found: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """What of an effect a name speaks of ("" the effect itself), and the words that are left."""
    for aspect, phrases in (
        ("lower", effects.LOWER),
        ("upper", effects.UPPER),
        ("se", effects.SE),
        ("variance", effects.VARIANCE),
        ("interval", effects.INTERVAL),
    ):
        for length in range(min(4, len(found)), 0, -1):
            for start in range(len(found) - length + 1):
                if found[start : start + length] in phrases:
                    rest = found[:start] + found[start + length :]
                    if aspect in ("lower", "upper"):  # "95%-KI untere Grenze"
                        rest = tuple(w for w in rest if w not in _INTERVALS)
                    if _speaks_of_effect(rest):
                        return aspect, rest
    # metafor's way: "seg", "selnor", "vg" as one word
    if len(found) == 1:
        for prefix, aspect in (("se", "se"), ("var", "variance")):
            rest = found[0].removeprefix(prefix)
            if rest != found[0] and rest and _speaks_of_effect(tokens(rest)):
                return aspect, tokens(rest)
    return "", found


_INTERVALS = quantities.words("ci ki ic cri konfidenzintervall")


def _speaks_of_effect(rest: tuple[str, ...]) -> bool:
    bare = tuple(
        w for w in rest if w not in effects.LOG | effects.LOG10 | effects.QUALIFIERS | {"10"}
    )
    return (
        not bare or bare in effects.EFFECT or rest in effects.EFFECT or _measure(bare) is not None
    )


def _measure(rest: tuple[str, ...]) -> str | None:
    """The measure that words name, or None."""
    variants = (rest, tuple(w for w in rest if w not in effects.QUALIFIERS))
    for variant in variants:
        for measure, phrases in effects.MEASURES.items():
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


def _quantity(found: tuple[str, ...]) -> Named:
    """A name of a quantity and, maybe, a group: "Placebo n", "events1", "e_mean"."""
    if set(found) & quantities.BEFORE:
        return Named()
    found = _latin_sd(found)
    if found == ("n",):
        return Named(quantity="size")
    letters = None
    for phrase, kind in _PHRASES:
        length = len(phrase)
        for start in range(len(found) - length + 1):
            if found[start : start + length] != phrase:
                continue
            rest = found[:start] + found[start + length :]
            if phrase == ("s", "2") and not rest:
                continue  # the SD of the second group
            if kind in ("size", "events") and _other_quantity(rest):
                continue
            if kind in ("low", "high") and _beside_limits(rest):
                continue  # "lower limb events"
            if kind == "events" and phrase not in _COUNTED and _is_size(rest):
                continue  # "Death n_e": the size beside an outcome
            group = _group(rest, kind)
            told = Named(
                SIDED[kind][2] if not group else "",
                3 if group else 4,
                quantity=kind,
                group=group,
            )
            if length > 1 or len(phrase[0]) > 1:
                return told
            # a single letter says something only beside a group, and most beside a known one
            if not (_is_group(rest) and group):
                continue
            if letters is None or (_GROUPS & set(group) and not _GROUPS & set(letters.group)):
                letters = told
    if letters is not None:
        return letters
    if len(found) <= 2 and (split := _glued("".join(found))):
        return _quantity(split)
    lone = tuple(w for w in found if w not in quantities.PASSED_OVER)
    if len(lone) == 1 and lone[0] in quantities.TREATED | quantities.CONTROL:
        return Named("", 6, quantity="cell", group=lone)
    return Named()


def _latin_sd(found: tuple[str, ...]) -> tuple[str, ...]:
    """French "ET" and Spanish "DE" at either end of a name are the SD; between words they are "and" and "of"."""
    if found[:1] in (("de",), ("et",)):
        return ("sd", *found[1:])
    return (*found[:-1], "sd") if found[-1:] in (("de",), ("et",)) else found


_COUNTED = quantities.phrases("events, event, n events, n event, cases, case")


def _is_size(rest: tuple[str, ...]) -> bool:
    return len(rest) > 1 and rest[-2] in ("n", "total") and rest[-1] in _GROUPS


def _group(rest: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """The words that name the group, of those that stand beside a quantity."""
    passed = quantities.PASSED_OVER | quantities.AFTER
    group = tuple(w for w in rest if w not in passed)
    group = tuple(w for w in group if w != "i") if len(group) > 1 else group
    group = tuple({"ti": "t", "ci": "c"}.get(w, w) for w in group)  # nTi, nCi
    if kind in ("low", "high"):
        group = tuple(w for w in group if (w,) not in quantities.QUANTITIES["mean"])
    if kind in ("mean", "median", "events"):
        group = tuple(w for w in group if w not in _BESIDE)
    return group


_GROUPS = quantities.TREATED | quantities.CONTROL | {w for pair in quantities.ORDERS for w in pair}
_BESIDE = frozenset({"sd", "se", "sem", "iqr", "range", "%", "ci", "95", "n"})
"""What stands beside a quantity in the same cells: mean (SD), median (IQR), events (%)."""


_GLUED = (
    "events", "event", "nodeaths", "nodeath", "deaths", "death", "sample", "total", "mean", "sd", "se",
    "n", "x", "m", "r", "e",
)  # fmt: skip


def _glued(word: str) -> tuple[str, str] | None:
    """A quantity and a group in one word ("nctrl", "xt", "cmean")."""
    groups = quantities.TREATED | quantities.CONTROL
    for part in _GLUED:
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


def _beside_limits(rest: tuple[str, ...]) -> bool:
    """Whether what stands beside the words of a limit names another quantity than a mean."""
    return any(
        phrase == rest[i : i + len(phrase)]
        for phrase, kind in _PHRASES
        if kind not in ("mean", "low", "high") and (len(phrase[0]) > 1 or phrase == ("n",))
        for i in range(len(rest))
    )


def _is_group(rest: tuple[str, ...]) -> bool:
    group = tuple(w for w in rest if w not in quantities.PASSED_OVER)
    return bool(group) and all(w.isalnum() for w in group)
