"""Published data sets of meta-analysis, to try methods on and to check them by. Each loader says where they are from.

`yi` and `vi` are effect sizes and sampling variances, computed from the other columns unless said otherwise, at full
precision. Published by the papers named; the form is that of R's metadat, whose names the columns keep.

>>> from analysis.datasets import load_bcg
>>> from analysis.synthesis import pool
>>> bcg = load_bcg()
>>> pool(bcg["yi"], bcg["vi"]).k
13
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.errors import InputError

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))
"""What `load` takes."""


def load(name: str) -> pd.DataFrame:
    """A data set by its name.

    Raises
    ------
    ValueError
        No such data set.

    Examples
    --------
    >>> len(load("homog5"))
    5
    """
    if name not in NAMES:
        raise InputError(f"no data set {name!r}; there are {', '.join(NAMES)}")
    return pd.read_csv(FOLDER / f"{name}.csv")


def load_assink2016() -> pd.DataFrame:
    """Recidivism of young offenders, 100 effect sizes (standardised mean differences) in 17 studies.

    For: three-level models and cluster-robust errors. `study`, `esid` (within the study), `pubstatus`, `year`,
    `deltype`. Source: Assink and Wibbelink (2016), The Quantitative Methods for Psychology 12, 154-174.
    """
    return load("assink2016")


def load_baskerville2012() -> pd.DataFrame:
    """Practice facilitation in primary care, 23 studies; `smd` with its `se`, and features of the studies.

    For: meta-regression, small-study effects, selection models. Source: Baskerville, Liddy and Hogg (2012), Annals of
    Family Medicine 10, 63-74.
    """
    return load("baskerville2012")


def load_bcg() -> pd.DataFrame:
    """BCG vaccine against tuberculosis, 13 trials; `yi` is the log risk ratio.

    `tpos`, `tneg`, `cpos`, `cneg`: with and without tuberculosis, vaccinated and not; `ablat`: absolute latitude;
    `alloc`. For: pooling, meta-regression on latitude. Source: Colditz et al. (1994), JAMA 271, 698-702.
    """
    return load("bcg")


def load_berkey1998() -> pd.DataFrame:
    """Surgery for periodontal disease, 5 trials with two outcomes each (PD, probing depth; AL, attachment level).

    `v1i`, `v2i`: the row's part of the trial's sampling covariance. For: multivariate models. Source: Berkey et al.
    (1998), Statistics in Medicine 17, 2537-2550.
    """
    return load("berkey1998")


def load_egger2001() -> pd.DataFrame:
    """Magnesium after myocardial infarction, 16 trials; `yi` is the log odds ratio of death.

    For: funnel plots, small-study tests, one huge trial against many small ones. Source: Egger, Davey Smith and
    Altman (2001), Systematic Reviews in Health Care, 2nd edition, London: BMJ Books.
    """
    return load("egger2001")


def load_hackshaw1998() -> pd.DataFrame:
    """Lung cancer in women whose husbands smoke, 37 studies; `yi` is the log odds ratio, `vi` from the interval.

    For: small-study effects, trim and fill. Source: Hackshaw, Law and Wald (1997), BMJ 315, 980-988; Hackshaw
    (1998), Statistical Methods in Medical Research 7, 119-136.
    """
    return load("hackshaw1998")


def load_hine1989() -> pd.DataFrame:
    """Lidocaine after myocardial infarction, 6 trials; `yi` is the risk difference of death.

    For: risk differences, little heterogeneity. Source: Hine et al. (1989), Archives of Internal Medicine 149,
    2694-2698, as in Normand (1999), Statistics in Medicine 18, 321-359.
    """
    return load("hine1989")


def load_homog5() -> pd.DataFrame:
    """Five made-up studies that agree more closely than chance allows: Q below its degrees of freedom, tau2 0.

    For: the Hartung-Knapp interval, absurdly narrow here unless it is kept from falling below Wald's.
    """
    return load("homog5")


def load_ishak2007() -> pd.DataFrame:
    """Stimulation of the brain in Parkinson's disease: mean changes at up to four times, 82 rows, one group.

    `time`: 1 to 4 (3, 6, 12 months, later). For: several times of the same patients, autoregressive structures.
    Source: Ishak et al. (2007), Clinical Trials 4, 525-539.
    """
    return load("ishak2007")


def load_konstantopoulos2011() -> pd.DataFrame:
    """Modified school calendars and achievement, 56 schools in 11 districts; standardised mean differences.

    For: three-level models. Source: Konstantopoulos (2011), Research Synthesis Methods 2, 61-76.
    """
    return load("konstantopoulos2011")


def load_nielweise2008() -> pd.DataFrame:
    """Treated catheters and bloodstream infections, 9 trials; `yi` is the log incidence rate ratio.

    `x1i`, `t1i`, `x2i`, `t2i`: infections and catheter days. For: rates, Poisson mixed models. Source: Niel-Weise,
    Stijnen and van den Broek (2008), Journal of Hospital Infection 69, 114-123.
    """
    return load("nielweise2008")


def load_normand1999() -> pd.DataFrame:
    """Days in hospital after a stroke, specialist or usual care, 9 trials; `yi` is Hedges' g.

    `n1i`, `m1i`, `sd1i`, `n2i`, ...: number, mean and SD of each group. For: mean differences, standardised and
    not. Source: Normand (1999), Statistics in Medicine 18, 321-359.
    """
    return load("normand1999")


def load_prepost_demo() -> pd.DataFrame:
    """Six made-up series measured before and after, with the correlation `r` of the two.

    For: changes in one group, raw, standardised and as ratios.
    """
    return load("prepost_demo")


def load_pritz1997() -> pd.DataFrame:
    """Success of hyperdynamic therapy of vasospasm, 14 series; `yi` is the logit of `xi` of `ni`.

    For: proportions, with groups in which all patients did well. Source: Pritz (1997), Neurosurgery Quarterly 7,
    273-285, as in Zhou, Brizendine and Pritz (1999), Statistics in Medicine 18, 557-566.
    """
    return load("pritz1997")


def load_senn2013_arms() -> pd.DataFrame:
    """Drugs that lower glucose, 26 trials with up to three arms: number, mean and SD of HbA1c, a row per arm.

    For: networks from arms. Source: Senn, Gavini, Magrez and Scheen (2013), Statistical Methods in Medical Research
    22, 169-189.
    """
    return load("senn2013_arms")


def load_senn2013_contrasts() -> pd.DataFrame:
    """The same trials as contrasts with each trial's first arm; `v0` is the variance that its contrasts share.

    For: multivariate models of contrasts. Source: as `load_senn2013_arms`.
    """
    return load("senn2013_contrasts")


def load_smokingcessation() -> pd.DataFrame:
    """Four ways to stop smoking, 24 trials, two of them with three arms; a row per trial.

    `event1`, `n1`, `event2`, ...: those who stopped and all, of each arm; `treat1`, ...: its treatment. For: networks
    of odds ratios with an inconsistency test. Source: Hasselblad (1998), Medical Decision Making 18, 37-43.
    """
    return load("smokingcessation")
