"""Tests against results of metafor."""
