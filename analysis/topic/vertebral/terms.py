"""Terms of this topic that pages explain where they stand."""

from __future__ import annotations

from types import MappingProxyType

TERMS = MappingProxyType(
    {
        "Sham procedure (SHAM)": ("sham procedure", "sham"),
        "Non-surgical care (NSM)": ("non-surgical care",),
        "Any vertebral augmentation": ("vertebral augmentation", "augmentation"),
        "Sham-controlled trial": ("sham-controlled trial",),
        "Cement leakage": ("cement leakage", "leakage"),
    }
)
"""How they are spelled on pages, by the heads of their entries in the glossary."""
