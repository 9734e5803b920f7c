"""An archive over HTTP, whole and with the right digest or not at all."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cfce.datasets.progress import progress

HTTP_TIMEOUT = (4.0, 8.0)
"""Seconds to wait for a connection, and then for each piece of an answer: a dead host costs seconds."""


class NotFetched(Exception):  # noqa: N818 - a source that gave nothing is no error yet: the next one is asked
    """One source gave nothing, with the reason in a clause."""


class _Bar:
    """What pooch tells of its progress, in bytes done."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance, self._done, self.total = advance, 0, 0

    def update(self, count: int) -> None:
        """So many bytes more."""
        self._done += count
        self._advance(self._done)

    def reset(self) -> None:
        """Back to none."""
        self._done = 0

    def close(self) -> None:
        """The end."""


def download(
    url: str, md5: str | None, folder: Path, name: str, size: int = 0, timeout: tuple[float, float] | None = None
) -> Path:
    """The archive under ``url`` as a file of ``folder``; without ``md5`` whatever comes is taken.

    Raises ``NotFetched`` where the host gives nothing, or something else.
    """
    import pooch
    import requests

    timeout = timeout or HTTP_TIMEOUT
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)  # what is fetched is said by the caller, in one line
    try:
        with progress(f"fetching {name}", size) as advance:
            bar: Any = _Bar(advance) if size else False
            return Path(
                pooch.retrieve(
                    url,
                    known_hash=md5 and f"md5:{md5}",
                    fname=name,
                    path=folder,
                    downloader=pooch.HTTPDownloader(timeout=timeout, progressbar=bar),
                )
            )
    except (requests.RequestException, OSError) as error:
        raise NotFetched(_reason(error, timeout)) from error
    except ValueError as error:  # pooch's word for another digest
        raise NotFetched(f"the archive is refused because its MD5 is not {md5}") from error
    finally:
        logger.setLevel(level)


def _reason(error: Exception, timeout: tuple[float, float]) -> str:
    """Why a request failed, in a few words: the chain of causes that requests reports is several lines long."""
    import requests

    response = getattr(error, "response", None)
    if response is not None:
        return f"it answered {response.status_code} {response.reason}"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection in {timeout[0]:g} s"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"no answer in {timeout[1]:g} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer broke off"
    if isinstance(error, requests.ConnectionError):
        return "the host cannot be reached"
    return f"{type(error).__name__}: {error}"
