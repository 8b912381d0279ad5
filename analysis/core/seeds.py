"""Random numbers by name: the same task draws the same numbers whatever else runs, in whatever order."""

import hashlib

import numpy as np


def seed_for(*names: object) -> int:
    """A 63-bit seed from names, e.g. ``seed_for("unicredit", "placebo_in_space", "Peer bank 01")``."""
    text = "\x1f".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big") >> 1


def generator_for(*names: object) -> np.random.Generator:
    """A generator seeded by name."""
    return np.random.default_rng(seed_for(*names))
