"""A review of one's own: a file's table as studies with effects, every doubt about it, and its models.

Nothing of this project's topic applies here: any outcome, any scale, any year.
"""
