"""What is freed goes back to the system: glibc alone keeps it, for each thread apart."""

from __future__ import annotations

import contextlib
import ctypes
import gc

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # of mallopt(3)
_LARGE = 2**20  # bytes


def give_back() -> None:
    """Collect garbage, return what is free, and keep less from here on; nothing of it where the C library is another.

    Two arenas for all threads, not eight for each processor; and blocks of a mebibyte or more go back at once: by
    itself glibc raises that bound up to 32 MiB as soon as one large block was freed.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_ARENA_MAX, 2)
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)
        libc.malloc_trim(0)
