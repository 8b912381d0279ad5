"""The one module that talks to a network: one request at a time, patient, identified; for `exit-study fetch` alone."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from analysis.core.errors import StudyError

BACK_OFF_SECONDS = (1.0, 2.0, 4.0, 8.0)  # before the second, third, ... attempt
LONGEST_WAIT_SECONDS = 300.0  # a service that asks for more is asked again another time
LONGEST_ANSWER_SECONDS = 300.0
LARGEST_ANSWER = 50_000_000
CHUNK = 1 << 16
TRY_AGAIN = {429, 500, 502, 503, 504}
NOT_FOUND = 404
UNTOUCHED = "what was fetched before is kept, so the next try goes on from there"


class NotFound(StudyError):
    """The service has nothing under this address."""


class _NoRedirects(HTTPRedirectHandler):
    """An answer that sends elsewhere is an error: nobody else is asked."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Client:
    """``agent`` names the program and whom to write to; ``pause`` waits so many seconds; ``say`` hears why."""

    agent: str
    timeout: float = 30.0
    pause: Callable[[float], None] = time.sleep
    say: Callable[[str], None] = lambda text: None

    def get(self, address: str) -> bytes:
        """The answer's bytes. Raises NotFound, and StudyError for refusals, silence and answers cut short."""
        problem = ""
        for wait in (*BACK_OFF_SECONDS, None):
            try:
                return self._once(address)
            except HTTPError as error:
                with error:
                    said = _detail(error)
                    if error.code not in TRY_AGAIN:
                        raise _refused(error.code, said, address) from error
                    asked = _retry_after(error.headers.get("Retry-After"))
                    problem = f"the service answers {error.code}{said}"
            except (OSError, HTTPException) as error:
                asked, problem = 0.0, f"no whole answer ({getattr(error, 'reason', None) or error})"
            if asked > LONGEST_WAIT_SECONDS:
                cure = f"try again in {asked:.0f} seconds; {UNTOUCHED}"
                raise StudyError(f"{problem} and asks for patience", where=address, cure=cure)
            if wait is not None:
                self.say(f"{problem}; again in {max(wait, asked):.0f} s")
                self.pause(max(wait, asked))
        cure = f"check the connection and try again later; {UNTOUCHED}"
        raise StudyError(f"{problem}, {len(BACK_OFF_SECONDS) + 1} times", where=address, cure=cure)

    def _once(self, address: str) -> bytes:
        request = Request(address, headers={"User-Agent": self.agent, "Accept": "application/json"})
        with build_opener(_NoRedirects).open(request, timeout=self.timeout) as answer:
            return _read(answer)


def _read(answer: HTTPResponse) -> bytes:
    """All of it, within limits of size and time; a body shorter than it was announced is no answer."""
    parts, size, ends = [], 0, time.monotonic() + LONGEST_ANSWER_SECONDS
    while part := answer.read1(CHUNK):
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise StudyError(
                f"the answer is larger than {LARGEST_ANSWER:,} bytes", where=answer.url, cure="ask for fewer days"
            )
        if time.monotonic() > ends:
            raise TimeoutError(f"the answer took longer than {LONGEST_ANSWER_SECONDS:.0f} s")
    announced = answer.headers.get("Content-Length", "")
    if announced.isdigit() and size < int(announced):
        raise IncompleteRead(b"", int(announced) - size)
    return b"".join(parts)


def _retry_after(value: str | None) -> float:
    """Seconds asked for, from a number or a date (RFC 9110, 10.2.3); 0 when nothing sensible is said."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0


def _detail(error: HTTPError) -> str:
    """What the service itself says is wrong, if it can be read."""
    try:
        answer = json.loads(error.read(CHUNK))
        said = answer.get("detail") or answer.get("title")
    except (OSError, HTTPException, ValueError, RecursionError, AttributeError):
        return ""
    said = ", ".join(map(str, said)) if isinstance(said, list) else said
    return f": {said[:300]}" if isinstance(said, str) else ""


def _refused(code: int, said: str, address: str) -> StudyError:
    if code == NOT_FOUND:
        return NotFound(f"the service has nothing there{said}", where=address)
    cure = "give --contact an address to be reached at: the service asks for one" if code == 403 else (
        f"check what case.yaml asks for under fetch; {UNTOUCHED}"
    )  # fmt: skip
    return StudyError(f"the service refuses with {code}{said}", where=address, cure=cure)
