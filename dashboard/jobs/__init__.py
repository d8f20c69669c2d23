"""Long work beside the page: started, watched, cancelled, and its results kept.

`service.open_jobs` decides how, once per application:

- ``REDIS_URL`` set: Celery workers take the jobs from a queue (`queue`);
- else a process for each job on this machine (`processes`), which report on a board in a cache folder;
- no folder to write to: no jobs. Then pages work in the request, and say so.

Work on a reader's own studies never becomes a job and is never kept: see `service.may_leave`.
"""
