"""The pages: controls, routing, URL and Question. No statistics here; numbers come from `analysis`."""

import os

# Readers are served side by side: a product of matrices that takes threads of its own takes them from other readers,
# and several times the work. Before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
