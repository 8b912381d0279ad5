"""The partial exit of Lush UK in 2019 and its return in 2020 as a simulated world with known truth.

    python -m analysis.simulate.lush      writes data/raw/lush again: exports, SOURCE.md, truth.json
"""

from datetime import timedelta

from analysis.core import paths
from analysis.simulate.exit_files import ExitCase, write_case
from analysis.simulate.exit_truth import Estimand
from analysis.simulate.lush_care import DESK
from analysis.simulate.lush_parameters import CALENDAR, WORLD

SOCIAL = WORLD.engagement.channels
STAYED = tuple(channel for channel in SOCIAL if channel not in WORLD.engagement.exited)
CLOSED = (CALENDAR.closed, CALENDAR.returned - timedelta(days=1))
RETURNED = (CALENDAR.returned, CALENDAR.last)
ESTIMANDS = {
    "engagement_total": Estimand("engagements", SOCIAL, *CLOSED),
    "engagement_shops": Estimand("engagements", STAYED, *CLOSED),
    "engagement_after_return": Estimand("engagements", SOCIAL, *RETURNED),
    "contacts_total": Estimand("contacts", WORLD.contacts.channels, *CLOSED),
    "contacts_phone": Estimand("contacts", ("phone",), *CLOSED),
    "contacts_email": Estimand("contacts", ("email",), *CLOSED),
    "contacts_chat": Estimand("contacts", ("chat",), *CLOSED),
}
INTRODUCTION = f"""\
# SIMULATED DATA: Lush UK leaves three platforms in part, and returns

**Every number in this folder was made by a program.** Lush has not published its engagement or its service contacts
around its exit of April 2019, and nothing here was measured at the company or its peers. The announcement (8 April
2019), the week of winding down, what stayed open (UK shop accounts, Lush People) and the sizes of three accounts are
public and cited below. The day of the return ({CALENDAR.returned}) is an assumption: public is only that it was early
in 2020, with the pandemic. Everything else is an assumption. The peers are invented and stand for no retailer. No
person appears in any file.

Made by `python -m analysis.simulate.lush` with the seed {CALENDAR.seed}, the date of the closing. This page,
`truth.json` and the exports are written by that command and are never edited; `case.yaml` is written by hand. Licence:
that of the project.

The pandemic begins in the week of the assumed return. It moves brand and peers alike, so a comparison with the peers
takes it out of engagement; nothing takes it out of the brand's own contacts, which are therefore studied up to the
return only.
"""
CASE = ExitCase(
    world=WORLD, desk=DESK, estimands=ESTIMANDS, closed=CLOSED, target_minutes=240.0, horizon_hours=72.0,
    introduction=INTRODUCTION,
)  # fmt: skip


if __name__ == "__main__":
    for written in write_case(CASE, paths.RAW / WORLD.name):
        print(written.relative_to(paths.PROJECT))
