"""What a case asks to have downloaded: views of the Wikipedia articles about the brand and its competitors."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from analysis.core.case_service import Day, Strict, Text

FIRST_COUNTED = date(2015, 7, 1)  # the service counts page views from this day on
LONGEST_TITLE = 255  # bytes, a limit of MediaWiki
NO_TITLE = re.compile(r"[\x00-\x1f\x7f#<>\[\]{}|]|^\.{0,2}$")


class Wikimedia(Strict):
    """Daily views of one article a brand, ``first`` to ``last`` inclusive. ``project`` is part of the address asked
    for, never the host: a case cannot make the tool call anybody else."""

    project: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}(\.[a-z0-9-]{1,40}){1,2}$")]
    first: Day
    last: Day
    access: Literal["all-access", "desktop", "mobile-app", "mobile-web"] = "all-access"
    agent: Literal["user", "all-agents", "automated", "spider"] = "user"
    articles: Annotated[dict[Text, Text], Field(min_length=1, max_length=500)]

    @field_validator("articles")
    @classmethod
    def _titles(cls, articles: dict[str, str]) -> dict[str, str]:
        """Titles as the service writes them, with underscores."""
        titles = {unit: title.strip().replace(" ", "_") for unit, title in articles.items()}
        for unit, title in titles.items():
            if NO_TITLE.search(title) or len(title.encode()) > LONGEST_TITLE:
                raise ValueError(f'"{title[:60]}" cannot be the title of an article (of "{unit}")')
            if list(titles.values()).count(title) > 1:
                raise ValueError(f'the article "{title}" is given to two brands')
        return titles

    @model_validator(mode="after")
    def _ordered(self) -> "Wikimedia":
        if not FIRST_COUNTED <= self.first <= self.last:
            raise ValueError(f"dates out of order: {FIRST_COUNTED} (the first day counted) <= first <= last is needed")
        return self


class Fetch(Strict):
    """Public data that `exit-study fetch` downloads; no other command asks anybody for anything."""

    wikimedia: Wikimedia
