"""Effect sizes: from counts, means and printed intervals to ``yi`` and ``vi``, each formula with
its source.
"""
