"""Scripts that hold their data and reproduce a view's numbers: R with metafor, and Python with this project."""
