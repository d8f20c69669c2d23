"""Counts pooled as counts at the door; metafor's mixed models search by lme4, which stops at 1e-5."""

from __future__ import annotations

import pytest

from analysis.reading import open_file
from analysis.reading.mapping import Choices
from analysis.review.fitted import CannotFit, Options
from analysis.review.models import fit
from analysis.review.opening import studies_of
from tests.reference.review_cases import BCG, MEANS, RATE, SHARES, ZEROS


def fitted(text: str, model: str, measure: str = "", level: float = 0.95):
    studies = studies_of(open_file("t.csv", text.encode()), Choices(measure=measure)).studies
    return fit(studies, Options(model=model, level=level)).first


@pytest.mark.parametrize(
    ("text", "measure", "level", "expected"),
    [
        (BCG, "OR", 0.95, (-0.745013466103, -1.08911610973, -0.400910822481)),
        (BCG, "OR", 0.90, (-0.745013466103, -1.03379350792, -0.456233424291)),
        (SHARES, "", 0.95, (-2.40540863261, -3.17206597193, -1.63875129328)),
        (RATE, "", 0.95, (-3.33347293352, -3.88074624239, -2.78619962465)),
    ],
)
def test_a_mixed_model_gives_what_rma_glmm_gives(text, measure, level, expected) -> None:
    first = fitted(text, "glmm", measure, level)
    assert (first.estimate, first.ci_low, first.ci_high) == pytest.approx(expected, abs=3e-5)


@pytest.mark.parametrize("model", ["mh", "peto", "glmm"])
def test_studies_without_any_event_alone_are_not_estimable_and_say_so(model) -> None:
    rows = ZEROS.split("\n")
    first = fitted("\n".join((rows[0], rows[1], rows[5])) + "\n", model, "OR")
    assert first.estimate is None
    assert any("not estimable" in note for note in first.notes)


@pytest.mark.parametrize(
    ("text", "model", "measure", "said"),
    [
        (MEANS, "mh", "", "Mantel-Haenszel pools OR, RR, RD, IRR, IRD; the measure is MD"),
        (MEANS, "peto", "", "Peto's method needs ai, n1i, ci, n2i in every row"),
        (BCG, "glmm", "RR", "the mixed model of counts pools OR, IRR, PLO, IRLN; the measure is RR"),
    ],
)
def test_what_a_model_needs_is_told(text, model, measure, said) -> None:
    with pytest.raises(CannotFit, match=said):
        fitted(text, model, measure)
