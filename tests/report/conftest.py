"""Drawings are kept for all tests of a session, as a study keeps them for its page: most draw the same worlds."""

from collections.abc import Iterator

import pytest

from analysis.core.store import Store

OWN = (Store.drawing, Store.write_drawing)


@pytest.fixture(scope="session", autouse=True)
def kept_drawings() -> Iterator[None]:
    drawings: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "drawing", lambda store, key: drawings.get(key))
        patch.setattr(Store, "write_drawing", lambda store, key, svg: drawings.__setitem__(key, svg))
        yield


@pytest.fixture
def drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of drawing itself: each store keeps its own."""
    monkeypatch.setattr(Store, "drawing", OWN[0])
    monkeypatch.setattr(Store, "write_drawing", OWN[1])
