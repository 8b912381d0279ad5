"""A simulated world for a question: what if 3 Italia had left Facebook?

    python -m analysis.simulate.tre_italia      writes data/raw/tre-italia again: exports, SOURCE.md, truth.json
"""

from analysis.core import paths
from analysis.simulate.exit_files import ExitCase, write_case
from analysis.simulate.exit_truth import Estimand
from analysis.simulate.tre_italia_parameters import CALENDAR, DESK, WORLD

SOCIAL = WORLD.engagement.channels
RETAINED = tuple(channel for channel in SOCIAL if channel not in WORLD.engagement.exited)
AFTER = (CALENDAR.closed, CALENDAR.last)
ESTIMANDS = {
    "engagement_total": Estimand("engagements", SOCIAL, *AFTER),
    "engagement_retained": Estimand("engagements", RETAINED, *AFTER),
    "engagement_twitter": Estimand("engagements", ("twitter",), *AFTER),
    "contacts_total": Estimand("contacts", WORLD.contacts.channels, *AFTER),
    "contacts_phone": Estimand("contacts", ("phone",), *AFTER),
    "contacts_web": Estimand("contacts", ("web",), *AFTER),
    "contacts_email": Estimand("contacts", ("email",), *AFTER),
}
INTRODUCTION = f"""\
# SIMULATED DATA: a hypothetical exit of 3 Italia

**Nothing of this happened and every number in this folder was made by a program.** 3 Italia did not leave Facebook; the
case asks what a study would have found, had the operator left it on {CALENDAR.closed}. What is public is cited below:
how its social care worked (Mondo3, interview of March 2013), the team of three inside the contact centre and the paid
call-centre number (CorCom, 25 April 2012). Everything else, the exit first of all, is an assumption. The peers are
invented and stand for no operator. No person appears in any file.

Made by `python -m analysis.simulate.tre_italia` with the seed {CALENDAR.seed}, the date of the hypothetical exit. This
page, `truth.json` and the exports are written by that command and are never edited; `case.yaml` is written by hand.
Licence: that of the project.
"""
CASE = ExitCase(
    world=WORLD, desk=DESK, estimands=ESTIMANDS, closed=AFTER, target_minutes=60.0, horizon_hours=72.0,
    introduction=INTRODUCTION,
)  # fmt: skip


if __name__ == "__main__":
    for written in write_case(CASE, paths.RAW / WORLD.name):
        print(written.relative_to(paths.PROJECT))
