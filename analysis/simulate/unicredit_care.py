"""The care desk of the simulated UniCredit world: the written channels, a sample of their contacts."""

from datetime import date

from analysis.simulate.care_desk import CareDesk
from analysis.simulate.parameters import by_name

TARGET_MINUTES, HORIZON_HOURS = 60.0, 72.0

CARE = CareDesk(
    seed=20190601,
    zone="Europe/Rome",
    first=date(2018, 4, 2),
    last=date(2020, 2, 23),
    exit=date(2019, 6, 1),
    before=(date(2018, 4, 2), date(2019, 4, 28)),
    after=(date(2019, 6, 3), date(2020, 2, 23)),
    roles=by_name(
        facebook="exited", messenger="exited", instagram="exited", twitter="retained", chat="owned", email="owned",
        app="owned",
    ),
    sample=by_name(
        facebook=0.012, messenger=0.005, instagram=0.04, twitter=0.05, chat=0.0045, email=0.0030, app=0.0055
    ),
    hours=by_name(
        facebook="social", messenger="social", instagram="social", twitter="social", chat="desk", email="desk",
        app="social",
    ),
    public_share=by_name(facebook=0.75, messenger=0.0, instagram=0.8, twitter=0.7, chat=0.0, email=0.0, app=0.0),
    response_median=by_name(
        facebook=75.0, messenger=50.0, instagram=110.0, twitter=60.0, chat=4.0, email=300.0, app=90.0
    ),
    response_ratio=by_name(
        facebook=1.0, messenger=1.0, instagram=1.0, twitter=1.20, chat=1.45, email=1.10, app=1.25
    ),
    response_deviation=1.0,
    customer_deviation=0.25,
    weekend_ratio=(1.6, 1.8),
    night_ratio=3.0,
    week_shock=(0.4, 0.12),
    request_share=(0.85, 0.25),
    data_time=(25.0, 1.0),
    pool_time=(20.0, 0.8),
    outcome_median=by_name(
        facebook=420.0, messenger=380.0, instagram=480.0, twitter=400.0, chat=90.0, email=700.0, app=420.0
    ),
    outcome_deviation=1.1,
    outcome_ratio=1.05,
    abandonment=(6000.0, 1.2),
    reopened=(0.08, 2900.0, 0.8),
    hop_share=0.07,
    hop_to=("email", "app", "chat"),
    repeat_share=0.35,
    groups=by_name(
        customer_class=by_name(private=(0.78, 1.0), business=(0.15, 1.04), premium=(0.07, 0.96)),
        followers=by_name(
            **{"under 1,000": (0.72, 1.0), "1,000 to 9,999": (0.22, 0.80), "10,000 or more": (0.06, 0.50)}
        ),
        language=by_name(Italian=(0.86, 1.0), English=(0.09, 1.10), German=(0.05, 1.05)),
    ),
    tones=("negative", "neutral", "positive"),
    first_tone=(0.56, 0.36, 0.08),
    tone_before=((0.42, 0.28, 0.30), (0.14, 0.46, 0.40), (0.06, 0.24, 0.70)),
    tone_after=((0.46, 0.30, 0.24), (0.15, 0.47, 0.38), (0.06, 0.25, 0.69)),
    writes=(0.40, 0.25, 0.60),
    message_time=(150.0, 1.1),
    confusion=((0.84, 0.13, 0.03), (0.12, 0.78, 0.10), (0.03, 0.13, 0.84)),
    labelled_each=150,
    sources={
        "exit": "InTime blog, May 2019",
        "before": "a choice: the case's windows",
        "after": "a choice: the case's windows",
        "last": "a choice: before COVID-19 disturbs it",
        "response_median": "assumption, well below what shops were measured at (Facebook 27 h, Twitter 31 h, e-mail "
                           "8 h: Eptica 2015 via Hyken)",
        "groups": "assumption; that followers bring faster answers was found at airlines (Gunarathne, Rui, Seidmann, "
                  "MISQ 2018), the sizes are invented",
        "request_share": "assumption; the stages are those 3 Italia described (Mondo3, March 2013)",
    },
)  # fmt: skip
