"""Remember what was worked out from evidence: for everybody from shipped evidence, never from a reader's own.

`functools.lru_cache` on a function of evidence would keep a reader's own studies on the server for as
long as other readers do not push them out. `remembered` is that cache for shipped evidence; what is
worked out from personal evidence is kept in that `Evidence` object itself and goes with it, at the end
of the request.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache, wraps
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_ARGUMENT = "evidence"


def remembered(maxsize: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A cache for a function with an argument named ``evidence``; all arguments are hashable.

    Parameters
    ----------
    maxsize : results kept of shipped evidence, the least recently used going first.

    Raises
    ------
    TypeError
        When the function has no argument of that name.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        names = list(inspect.signature(function).parameters)
        if _ARGUMENT not in names:
            raise TypeError(
                f"{function.__qualname__}: found {names}, allowed: one named {_ARGUMENT}"
            )
        at = names.index(_ARGUMENT)
        shared = lru_cache(maxsize)(function)

        @wraps(function)
        def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
            evidence = args[at] if at < len(args) else kwargs.get(_ARGUMENT)
            if evidence is None or not evidence.own:
                return shared(*args, **kwargs)
            # The evidence itself is no part of the key: it holds the memory.
            rest = tuple(kwargs[name] for name in sorted(kwargs) if name != _ARGUMENT)
            named = tuple(name for name in sorted(kwargs) if name != _ARGUMENT)
            key = (function, args[:at], args[at + 1 :], named, rest)
            if key not in evidence.memory:
                evidence.memory[key] = function(*args, **kwargs)
            return evidence.memory[key]

        remembering.cache_clear = shared.cache_clear  # type: ignore[attr-defined]
        remembering.cache_info = shared.cache_info  # type: ignore[attr-defined]
        return remembering

    return decorate


def joined(function: Callable[P, R]) -> Callable[P, R]:
    """Let threads that ask the same at the same time wait for the first of them; all arguments are hashable.

    A fault of the first is a fault for all that wait. Whoever comes later asks anew, so this belongs around
    `remembered`, which gives the same work to all that come at once.
    """
    at_work: dict[tuple, Future] = {}
    lock = Lock()

    @wraps(function)
    def joining(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (args, tuple(sorted(kwargs.items())))
        with lock:
            first = key not in at_work
            awaited = at_work.setdefault(key, Future())
        if not first:
            return awaited.result()
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            awaited.set_exception(error)
            raise
        else:
            awaited.set_result(result)
            return result
        finally:
            with lock:
                del at_work[key]

    return joining
