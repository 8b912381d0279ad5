"""Small counts of people are not published: a cell that could point at someone is left empty. Ids become pseudonyms.

A counter is the strongest pseudonym (nothing can be computed back) but differs between exports; a hash links them and,
without a key, is undone by hashing every possible id. Hence a counter, or a hash with a secret key: ENISA,
Pseudonymisation techniques and best practices, November 2019, section 5; EDPB, Guidelines 01/2025 on pseudonymisation.
"""

import hashlib
import os

import numpy as np
import pandas as pd

from analysis.core.errors import PseudonymKeyError

COUNTS_OF_PEOPLE = frozenset({"contacts", "cases"})
KEY_VARIABLE = "EXIT_STUDY_KEY"
SHORTEST_KEY = 16  # characters
LONGEST_KEY = 64  # bytes that BLAKE2b takes as they are (RFC 7693); a longer key is hashed first
PSEUDONYM_BYTES = 16  # a billion customers collide with a chance of one in 10^20
MARK_BYTES = 2  # tell that the key is another one, but confirm no guess: one guess in 65,536 fits by chance


def suppressed(values: pd.Series, smallest: int) -> pd.Series:
    """The counts with those above zero and under ``smallest`` left empty (zero says nothing about anybody)."""
    return values.mask((values > 0) & (values < smallest))


def with_companions(counts: np.ndarray, smallest: int, mask: np.ndarray | None = None) -> np.ndarray:
    """Which of the counts (n,) to leave empty: small ones (or those of ``mask``), and others until two are, or all,
    that together are no small count: a sum would give a single one away."""
    mask = (counts > 0) & (counts < smallest) if mask is None else mask.copy()
    while mask.any() and not mask.all() and (mask.sum() < 2 or counts[mask].sum() < smallest):
        open_ones = np.flatnonzero(~mask)
        enough = open_ones[counts[open_ones] + counts[mask].sum() >= smallest]
        chosen = enough[np.argmin(counts[enough])] if len(enough) else open_ones[np.argmax(counts[open_ones])]
        mask[chosen] = True
    return mask


def small_shares(shares: pd.Series, cases: pd.Series, smallest: int) -> pd.Series:
    """Which shares point at a few people: share times cases, or the rest of them, is above zero and under ``smallest``.

    A share printed beside its number of cases says how many people it is made of.
    """
    people = np.rint(shares.astype(float) * cases.astype(float))
    rest = cases.astype(float) - people
    return ((people > 0) & (people < smallest)) | ((rest > 0) & (rest < smallest))


def pseudonyms(ids: pd.Series) -> pd.Series:
    """What stands for each id (n,), alike for like ids, on the same index; missing where the id is missing or empty.

    Without a key whole numbers from 1 in order of first appearance: nothing to reverse, the same on every machine.
    With EXIT_STUDY_KEY set the hexadecimal BLAKE2b hash under that key, so that whoever holds it can link two exports.
    Raises PseudonymKeyError for a key that is too short.
    """
    known = ids.where(ids.notna() & (ids.astype("str") != ""))
    codes, distinct = pd.factorize(known)  # in order of first appearance
    key = pseudonym_key()
    if key is not None:
        hashed = np.array([_hash(str(item), key, PSEUDONYM_BYTES) for item in distinct] + [None], dtype=object)
        return pd.Series(hashed[codes], index=ids.index, dtype="str")
    numbers = pd.Series(codes + 1, index=ids.index)
    return numbers.astype("Int64").mask(codes < 0) if (codes < 0).any() else numbers.astype("int64")


def pseudonym_key() -> bytes | None:
    """The key of this process's environment, None where there is none. Raises PseudonymKeyError for one of fewer than
    SHORTEST_KEY characters, an empty one too: whoever sets the variable means a key. The error does not repeat it."""
    given = os.environ.get(KEY_VARIABLE)
    if given is None:
        return None
    if len(given) < SHORTEST_KEY:
        raise PseudonymKeyError(
            f"the key of the pseudonyms is shorter than {SHORTEST_KEY} characters",
            where=f"environment variable {KEY_VARIABLE}",
            cure=f"set it to {SHORTEST_KEY} random characters or more, or unset it: customers are then numbered",
        )
    key = given.encode("utf-8", "surrogateescape")
    return key if len(key) <= LONGEST_KEY else hashlib.blake2b(key).digest()


def key_mark() -> str:
    """Four hexadecimal digits by which a run sees that the key is another than the last one's; "" without a key."""
    key = pseudonym_key()
    return "" if key is None else _hash(KEY_VARIABLE, key, MARK_BYTES, person=b"mark")


def _hash(text: str, key: bytes, size: int, person: bytes = b"") -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=size, person=person).hexdigest()
