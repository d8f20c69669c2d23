"""Meta-analysis of effect sizes: arrays in, a small result out.

Knows nothing of studies, files or pages, and imports nothing from the rest of the project; needs NumPy and SciPy
(statsmodels where a regression is fitted), neither pandas nor Plotly. Every result prints as a page, and has
`summary()` (a DataFrame), `plot()` (a Plotly figure) and `to_dict()` where it says so.

>>> from analysis.synthesis import pool
>>> pool([0.2, 0.4, 0.9], [0.04, 0.05, 0.04], ci="hksj-adhoc").k
3

| To | Call |
|---|---|
| pool effect sizes: common effect, or random effects by 12 estimators of tau2 | `pool` |
| tell one result by one rule for every number of studies, of one data set or of many | `told`, `told_many` |
| pool many data sets at once, or every subset of one | `pool_many`, `all_subsets` |
| pool with weights of one's own; with an interval that bears small-study effects | `pool_weighted`, `henmi_copas` |
| average over a prior of tau | `pool_bayes` |
| predict the effect in a new study | `prediction_interval`, `predictive` |
| an interval of tau2 from the likelihood | `profile_likelihood` |
| explain differences by moderators; test them; predict at values; shrink studies' effects | `meta_regression`, \
`contrast_test`, `omnibus_test`, `permutation_test`, `predict`, `blups` |
| let the heterogeneity itself depend on moderators | `location_scale` |
| compare groups of studies | `subgroups` |
| several effect sizes per study: nested, or of several outcomes and times | `three_level`, `multilevel`, \
`multivariate`, `component_intervals`, `predict_mixed` |
| the covariance of effects that share patients or a control arm | `correlated`, `shared_arms` |
| errors that bear any dependence inside clusters | `robust`, `robust_omnibus`, `correlated_effects`, `aggregate` |
| pool counts as they are: Mantel-Haenszel, Peto | `analysis.synthesis.counts` |
| pool counts with random effects: binomial-normal, Poisson-normal | `analysis.synthesis.glmm` |
| compare many treatments | `analysis.synthesis.network` |
"""

from __future__ import annotations

from .aggregate import Aggregated, aggregate
from .batch import pool_many
from .bayes import BayesPooled, pool_bayes
from .blup import TrueEffect, blups
from .coefficients import Coefficient, OmnibusTest
from .component_intervals import ComponentInterval, component_intervals
from .covariance import correlated, shared_arms
from .genq import pool_weighted
from .henmi_copas import HenmiCopas, henmi_copas
from .location_scale import LocationScale, location_scale
from .many_result import PooledMany
from .mixed_result import MixedFit
from .multilevel import multilevel, three_level
from .multivariate import multivariate
from .permutation import PermutationTest, permutation_test
from .pool import pool
from .prediction import PredictionInterval, prediction_interval
from .predictions import Prediction, contrast_test, omnibus_test, predict, predict_mixed
from .predictive import Predictive, predictive
from .profile_likelihood import Tau2Profile, profile_likelihood
from .regression import MetaRegression, meta_regression
from .result import Pooled
from .robust import RobustFit, robust, robust_omnibus
from .rve import CorrelatedEffects, correlated_effects
from .subgroups import SubgroupAnalysis, subgroups
from .subsets import Subsets, all_subsets
from .told import Told, told
from .told_many import ToldMany, told_many

__all__ = [
    "Aggregated",
    "BayesPooled",
    "Coefficient",
    "ComponentInterval",
    "CorrelatedEffects",
    "HenmiCopas",
    "LocationScale",
    "MetaRegression",
    "MixedFit",
    "OmnibusTest",
    "PermutationTest",
    "Pooled",
    "PooledMany",
    "Prediction",
    "PredictionInterval",
    "Predictive",
    "RobustFit",
    "SubgroupAnalysis",
    "Subsets",
    "Tau2Profile",
    "Told",
    "ToldMany",
    "TrueEffect",
    "aggregate",
    "all_subsets",
    "blups",
    "component_intervals",
    "contrast_test",
    "correlated",
    "correlated_effects",
    "henmi_copas",
    "location_scale",
    "meta_regression",
    "multilevel",
    "multivariate",
    "omnibus_test",
    "permutation_test",
    "pool",
    "pool_bayes",
    "pool_many",
    "pool_weighted",
    "predict",
    "predict_mixed",
    "prediction_interval",
    "predictive",
    "profile_likelihood",
    "robust",
    "robust_omnibus",
    "shared_arms",
    "subgroups",
    "three_level",
    "told",
    "told_many",
]
