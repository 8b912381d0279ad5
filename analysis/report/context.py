"""What a section is given, and the parts that sections share: tables, figures, headings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from analysis.core.store import Store
from analysis.figures import _style as drawing
from analysis.report.drawn import drawn
from analysis.report.numbers import Numbers, Value
from analysis.report.texts import ORIGINAL, Texts
from analysis.report.wording import Findings, Words

WIDTHS = {
    "wide": drawing.LIGHT,
    "narrow": drawing.narrowed(drawing.LIGHT),
}
FOLDED_ROWS = 12


@dataclass(frozen=True, slots=True)
class Section:
    """A finished part of the page. ``heading`` is a sentence; a section without one shows its body alone."""

    id: str
    body: Markup
    heading: Markup | None = None
    annex: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: the wording key of its head (or its ``title``); ``figures`` are right-aligned."""

    head: str
    figures: bool = False
    title: Value | None = None


@dataclass
class Context:
    """Everything a section may use. ``files`` collects the drawings to publish beside the page.

    ``so_far``: a section shown while the study runs, before what comes later is known.
    """

    store: Store
    case: Mapping[str, Any]
    numbers: Numbers
    words: Words
    texts: Texts
    templates: Environment
    provenance: Mapping[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    so_far: bool = False

    @cached_property
    def findings(self) -> list[Findings]:
        """One an outcome: main ones first, among them those that closed channels do not move by construction."""
        found = [Findings(name, self.words, self.numbers) for name in self.store.outcomes]
        return sorted(found, key=lambda item: item.reading_order)

    def estimated(self, *questions: str) -> list[Findings]:
        """Estimated outcomes of these questions (all when none is named)."""
        return [
            item for item in self.findings if not item.refused and (not questions or item.raw("question") in questions)
        ]

    def main(self, *questions: str) -> list[Findings]:
        """The primary outcomes of these questions, refused ones too; the first outcome when none is primary."""
        those = [item for item in self.findings if not questions or item.raw("question") in questions]
        return [item for item in those if item.raw("role") == "primary"] or those[:1]

    @property
    def per(self) -> str:
        """ "a week", in the reader's language."""
        return self.words.text(f"frame.per.{self.case['frequency']}")

    def named(self, original: str) -> str:
        """A name of the case as it is drawn: in the reader's language where the case or the wording has it."""
        return self.texts.or_original(original)

    @property
    def suffix(self) -> str:
        """What the names of files in another language than the first carry before their ending."""
        return "" if self.words.language == ORIGINAL else f".{self.words.language}"

    def render(self, template: str, **values: Any) -> Markup:
        return Markup(
            self.templates.get_template(template).render(
                say=self.words.say, n=self.numbers, t=self.numbers.text, context=self, **values
            )
        )

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Any]],
        *,
        caption: Any = "",
        bold: Sequence[bool] = (),
        note: Any = "",
        breakout: bool = False,
    ) -> Markup:
        """A table; the first column heads its row; ``bold`` marks the rows that matter."""
        marked = list(bold) or [False] * len(rows)
        return self.render(
            "_table.html.j2",
            columns=columns,
            rows=list(zip(rows, marked, strict=True)),
            caption=caption,
            note=note,
            breakout=breakout,
        )

    def fold(self, summary: Any, body: Markup) -> Markup:
        """Folded on screen, open in print."""
        return Markup('<details><summary>{}</summary><div class="folded">{}</div></details>').format(summary, body)

    def figure(
        self,
        kind: str,
        name: str,
        table: pd.DataFrame,
        texts: Mapping[str, str],
        *,
        title: Any,
        subtitle: Any,
        alt: str,
        data: Markup,
    ) -> Markup:
        """Draw in both widths, each turning dark with the page; the wide one is figures/<name>.svg too (.it.svg)."""
        given = {"locale": self.words.language} | dict(texts)
        status = self.case["data_status"]
        mark = "" if status == "real" else self.words.text(f"status.{status}")
        images = {}
        for width, style in WIDTHS.items():
            svg = drawn(self.store, kind, table, given, style, mark)
            images[width] = Markup(drawing.image_of(svg).replace("&", "&amp;"))
            if width == "wide":
                self.files[f"figures/{name}{self.suffix}.svg"] = svg.encode()
        return self.render(
            "_figure.html.j2", name=name, images=images, title=title, subtitle=subtitle, alt=alt, data=data
        )

    def graded(self, title: Any, item: Findings) -> Markup:
        """A heading with the evidence grade of its outcome beside it; before the checks there is none to give."""
        if self.so_far and not self.store.challenged:
            badge = self.words.say("sure.badge.unchecked")
        else:
            badge = self.words.say("sure.badge", grade=item.grade_word())
        return Markup('{} <span class="grade">{}</span>').format(title, badge)

    def rows_of(self, name: str, **wanted: Any) -> list[tuple[str, dict[str, Any]]]:
        """Rows of a written table whose columns have the values ``wanted``: the stem of their keys, and the row."""
        table = self.store.table(name)
        if table is None:
            return []
        rows = [(f"tables.{name}.{place}", row) for place, row in enumerate(table.to_dict("records"))]
        return [item for item in rows if all(item[1].get(key) == value for key, value in wanted.items())]

    def cell(self, key: str, style: str) -> Value:
        return self.numbers(key, style)
