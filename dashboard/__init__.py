"""The pages: controls, routing, URL and Question. No statistics here; numbers come from `analysis`."""
