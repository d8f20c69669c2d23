"""Long work beside the page, where there are many machines: started, watched, cancelled, its results kept.

On one machine nothing here runs: the longest view takes about a second, so it is worked out in the request,
once for all who ask at the same time, and remembered (`dashboard.pages.robustness`). With ``REDIS_URL`` set, Celery
workers take long views from a queue (`queue`), wherever they stand.

Work on a reader's own studies never becomes a job and is never kept.
"""
