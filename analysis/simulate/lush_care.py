"""The care desk of the simulated Lush UK world, while the central accounts were closed and in the year before."""

from datetime import date

from analysis.simulate.care_desk import CareDesk
from analysis.simulate.parameters import by_name

DESK = CareDesk(
    seed=20190415,
    zone="Europe/London",
    first=date(2018, 4, 2),
    last=date(2020, 3, 15),
    exit=date(2019, 4, 15),
    before=(date(2018, 4, 2), date(2019, 4, 7)),
    after=(date(2019, 4, 15), date(2020, 3, 15)),
    roles=by_name(
        facebook="exited", instagram="exited", twitter="exited", facebook_shops="retained", instagram_shops="retained",
        email="owned", chat="owned",
    ),
    sample=by_name(
        facebook=0.032, instagram=0.028, twitter=0.025, facebook_shops=0.075, instagram_shops=0.080, email=0.0055,
        chat=0.013,
    ),
    hours=by_name(
        facebook="social", instagram="social", twitter="social", facebook_shops="social", instagram_shops="social",
        email="desk", chat="desk",
    ),
    public_share=by_name(
        facebook=0.60, instagram=0.65, twitter=0.75, facebook_shops=0.55, instagram_shops=0.60, email=0.0, chat=0.0
    ),
    response_median=by_name(
        facebook=120.0, instagram=150.0, twitter=90.0, facebook_shops=360.0, instagram_shops=420.0, email=540.0,
        chat=5.0,
    ),
    response_ratio=by_name(
        facebook=1.0, instagram=1.0, twitter=1.0, facebook_shops=1.25, instagram_shops=1.20, email=0.95, chat=1.20
    ),
    response_deviation=1.0,
    customer_deviation=0.25,
    weekend_ratio=(1.5, 1.5),
    night_ratio=2.5,
    week_shock=(0.4, 0.12),
    request_share=(0.75, 0.20),
    data_time=(30.0, 1.0),
    pool_time=(25.0, 0.8),
    outcome_median=by_name(
        facebook=360.0, instagram=400.0, twitter=330.0, facebook_shops=600.0, instagram_shops=640.0, email=720.0,
        chat=60.0,
    ),
    outcome_deviation=1.1,
    outcome_ratio=1.0,
    abandonment=(5500.0, 1.2),
    reopened=(0.06, 2900.0, 0.8),
    hop_share=0.06,
    hop_to=("email", "chat"),
    repeat_share=0.30,
    groups=by_name(
        customer_class=by_name(occasional=(0.70, 1.0), regular=(0.30, 0.97)),
        followers=by_name(
            **{"under 1,000": (0.66, 1.0), "1,000 to 9,999": (0.26, 0.85), "10,000 or more": (0.08, 0.55)}
        ),
        language=by_name(English=(0.95, 1.0), other=(0.05, 1.10)),
    ),
    tones=("negative", "neutral", "positive"),
    first_tone=(0.38, 0.44, 0.18),
    tone_before=((0.36, 0.30, 0.34), (0.10, 0.45, 0.45), (0.04, 0.20, 0.76)),
    tone_after=((0.37, 0.30, 0.33), (0.10, 0.45, 0.45), (0.04, 0.20, 0.76)),
    writes=(0.40, 0.25, 0.60),
    message_time=(180.0, 1.1),
    confusion=((0.83, 0.14, 0.03), (0.10, 0.80, 0.10), (0.02, 0.13, 0.85)),
    labelled_each=150,
    sources={
        "exit": "one-week wind-down from 8 April 2019: RetailDetail, Dazed, April 2019",
        "last": "a choice: the day before the assumed return",
        "response_median": "assumption, well below what shops were measured at (Facebook 27 h, Twitter 31 h, e-mail "
                           "8 h: Eptica 2015 via Hyken)",
        "groups": "assumption; that followers bring faster answers was found at airlines (Gunarathne, Rui, Seidmann, "
                  "MISQ 2018), the sizes are invented",
        "response_ratio": "assumption; that care moved to chat, e-mail and phone: PopBuzz, April 2019",
    },
)  # fmt: skip
