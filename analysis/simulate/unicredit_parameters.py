"""Every number the simulated UniCredit world is made from, each with the public source it has or the word assumption.

Nothing here was fitted to make an estimator look good for one seed. The levels that have no public figure are
orders of magnitude; what a study of this world can show is that a method recovers a truth it was not told.
"""

# Parameter is frozen, which the linter does not see from another module.
# ruff: noqa: RUF009
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date

from analysis.simulate.parameters import Parameter
from analysis.simulate.parameters import by_name as _by_channel

SOCIAL = ("facebook", "instagram", "twitter", "linkedin")
EXITED_SOCIAL = ("facebook", "instagram")
RETAINED_SOCIAL = ("twitter", "linkedin")
EXITED_CONTACTS = ("facebook", "messenger", "instagram")
RECEIVING_CONTACTS = ("phone", "chat", "email", "app", "branch", "twitter")
CONTACT_CHANNELS = (*EXITED_CONTACTS, *RECEIVING_CONTACTS)


@dataclass(frozen=True)
class Calendar:
    first: Parameter = Parameter(date(2017, 1, 2), "first day of every export")
    last: Parameter = Parameter(
        date(2020, 2, 23), "last day of every export", "a choice: the post window ends before COVID-19 disturbs it"
    )
    advertising_stopped: Parameter = Parameter(
        date(2018, 3, 31), "Facebook advertising ends",
        "InTime blog, May 2019 (from March 2018); Gulf Times/Reuters, Aug 2018 (end of March)",
    )
    announced: Parameter = Parameter(date(2019, 5, 4), "the exit is announced", "AGI and Open, 4 May 2019")
    closed: Parameter = Parameter(
        date(2019, 6, 1), "first day without Facebook, Messenger, Instagram", "InTime blog, May 2019"
    )
    post_first: Parameter = Parameter(
        date(2019, 6, 3), "first day of the post window", "a choice: the first Monday after the closing"
    )
    outage: Parameter = Parameter(
        date(2019, 3, 13), "Facebook, Messenger, Instagram down", "ABC triple j and radio.com, 14 Mar 2019"
    )
    platform_scandal: Parameter = Parameter(
        date(2018, 3, 17), "Cambridge Analytica revelations, felt by every brand on Facebook", "Newsweek, 2018"
    )
    consent_banner: Parameter = Parameter(date(2018, 5, 25), "GDPR consent banner changes what web analytics count")
    first_breach: Parameter = Parameter(
        date(2018, 10, 22), "first breach becomes known (the month is public, the day is assumed)",
        "month: Reuters/Investing, Mar 2024; day: assumption",
    )
    second_breach: Parameter = Parameter(
        date(2019, 10, 28), "second breach becomes known (the year is public, the day is unverified)",
        "year: flyonwallstreet, Mar 2024; day: assumption",
    )
    strong_authentication: Parameter = Parameter(date(2019, 9, 14), "PSD2 strong authentication (day unverified)")


@dataclass(frozen=True)
class Accounts:
    facebook_likes: Parameter = Parameter(
        (("2017-01-02", 522_000), ("2018-03-31", 552_000), ("2018-08-07", 551_500), ("2019-05-31", 549_000)),
        "page likes, Italy, straight lines between these days",
        "over 550 thousand, Affaritaliani Aug 2018; just under 550 thousand, editoria.tv May 2019; start: assumption",
    )
    instagram_followers: Parameter = Parameter(
        (("2017-01-02", 2_400), ("2019-05-31", 5_650)), "followers, straight line between these days",
        "more than 5,600, il Giornale via Dagospia, May 2019; start: assumption",
    )
    twitter_followers: Parameter = Parameter(
        36_200, "followers that set the level of Twitter engagement", "il Giornale via Dagospia, May 2019"
    )
    linkedin_followers: Parameter = Parameter(
        (("2017-01-02", 210_000), ("2020-02-23", 340_000)), "followers, straight line between these days"
    )
    accounts_closed: Parameter = Parameter(
        (14, 8), "Facebook and Instagram accounts the group closed (told in the case, not simulated one by one)",
        "Global Finance, Unicredit Swipes Left",
    )
    followers_given_up: Parameter = Parameter(
        1_100_000, "followers of all closed accounts (told in the case, not simulated)", "Global Finance"
    )
    peers: Parameter = Parameter(24, "peer banks in the listening panel, all invented")


@dataclass(frozen=True)
class Engagement:
    rate: Parameter = Parameter(
        _by_channel(facebook=0.0009, instagram=0.016, twitter=0.00035), "engagements per follower and post",
        "medians: 2018 Facebook .09 %, Instagram 1.6 % (Rival IQ via immediatefuture 2019); Twitter .035 % (2022)",
    )
    posts_per_day: Parameter = Parameter(_by_channel(facebook=1.4, instagram=0.6, twitter=7.0), "posts a day")
    linkedin_level: Parameter = Parameter(160.0, "LinkedIn engagements on an ordinary day")
    paid_share: Parameter = Parameter(
        _by_channel(facebook=0.30, instagram=0.20), "share of engagements that advertising bought until it stopped"
    )
    spillover: Parameter = Parameter(
        _by_channel(twitter=0.06, linkedin=0.04), "TRUE effect of the exit on the retained channels (+6 % = .06)"
    )
    buzz: Parameter = Parameter(
        _by_channel(facebook=1.10, instagram=0.20, twitter=0.90, linkedin=0.20),
        "log rise on the day of the announcement; mostly Facebook and Twitter",
        "direction: InTime blog, May 2019; size: assumption",
    )
    buzz_days: Parameter = Parameter((4.0, 21), "days in which the buzz falls to 37 %; days after which it is over")
    factor_rho: Parameter = Parameter(
        (0.98, 0.99, 0.99), "daily autocorrelation of the common factors: attention, Facebook family, professional"
    )
    factor_deviation: Parameter = Parameter((0.12, 0.12, 0.10), "standard deviation of the three factors, log")
    loadings: Parameter = Parameter(
        _by_channel(
            facebook=(1.0, 1.0, 0.0), instagram=(0.8, 0.6, 0.0), twitter=(1.0, 0.0, 0.5), linkedin=(0.6, 0.0, 1.0)
        ),
        "the brand's loadings on the three factors",
    )
    loading_spread: Parameter = Parameter(0.25, "standard deviation of the peers' loadings around the brand's")
    yearly: Parameter = Parameter(
        _by_channel(
            facebook=(0.05, 0.04, -0.02, 0.01), instagram=(0.02, 0.02, -0.02, 0.02),
            twitter=(0.08, 0.05, -0.03, 0.02), linkedin=(0.10, 0.06, -0.05, 0.03),
        ),
        "yearly season, log: cosine and sine of one and of two cycles a year",
    )
    season_spread: Parameter = Parameter(0.2, "standard deviation of the peers' season size around the brand's (1)")
    weekday: Parameter = Parameter(
        _by_channel(
            facebook=(0.05, 0.05, 0.05, 0.05, 0.0, -0.10, -0.10), instagram=(0.0, 0.0, 0.0, 0.0, 0.0, 0.05, 0.05),
            twitter=(0.10, 0.10, 0.10, 0.10, 0.05, -0.30, -0.35), linkedin=(0.20, 0.25, 0.25, 0.20, 0.05, -0.60, -0.70),
        ),
        "weekly season, log, Monday to Sunday",
    )
    holiday: Parameter = Parameter(
        _by_channel(facebook=-0.10, instagram=0.0, twitter=-0.35, linkedin=-0.70), "Italian public holiday, log"
    )
    scandal: Parameter = Parameter((-0.10, 14.0), "log fall on Facebook after the revelations, days to 37 %; peers too")
    outage: Parameter = Parameter(
        _by_channel(facebook=-1.4, instagram=-1.4, twitter=0.10, linkedin=0.03), "day of the outage, log; peers too"
    )
    noise_rho: Parameter = Parameter(
        _by_channel(facebook=0.5, instagram=0.4, twitter=0.45, linkedin=0.35),
        "daily autocorrelation of the brand's own noise",
    )
    noise_deviation: Parameter = Parameter(
        _by_channel(facebook=0.18, instagram=0.18, twitter=0.20, linkedin=0.16), "standard deviation of that noise, log"
    )
    dispersion: Parameter = Parameter(0.02, "negative binomial: variance = mean + .02 mean squared, a day")
    peer_level_spread: Parameter = Parameter(
        (0.5, 0.3), "log standard deviation of the peers' size, and of their size by channel"
    )
    peer_noise: Parameter = Parameter((0.4, 0.10), "weekly autocorrelation and deviation of the peers' own noise")
    peer_dispersion: Parameter = Parameter(0.004, "the same for the peers' weekly counts")


@dataclass(frozen=True)
class Contacts:
    level: Parameter = Parameter(
        _by_channel(
            facebook=190.0, messenger=480.0, instagram=18.0, twitter=45.0, phone=2400.0, chat=520.0, email=850.0,
            branch=600.0, app=430.0,
        ),
        "contacts on an ordinary day; branch = requests logged at branches, self-service corners included",
    )
    diversion: Parameter = Parameter(
        _by_channel(phone=0.26, chat=0.14, email=0.08, app=0.09, branch=0.02, twitter=0.03),
        "TRUE share of the exited channels' expected contacts that moves to each channel, from the first day, no ramp",
    )
    demand_trend: Parameter = Parameter(0.02, "growth of common demand a year, log")
    demand_slow: Parameter = Parameter((0.995, 0.08), "slow part of common demand: daily autocorrelation, deviation")
    demand_fast: Parameter = Parameter((0.5, 0.04), "fast part of common demand: daily autocorrelation, deviation")
    demand_yearly: Parameter = Parameter((0.07, 0.03, -0.04, 0.02), "yearly season of demand: cosines and sines, log")
    loading: Parameter = Parameter(
        _by_channel(
            facebook=0.9, messenger=1.1, instagram=0.7, twitter=0.9, phone=1.0, chat=1.1, email=0.9, branch=0.8, app=1.1
        ),
        "loadings on common demand",
    )
    weekday: Parameter = Parameter(
        _by_channel(
            social=(0.10, 0.10, 0.05, 0.05, 0.0, -0.25, -0.35), desk=(0.25, 0.20, 0.15, 0.10, 0.10, -0.90, -1.40),
            branch=(0.35, 0.30, 0.25, 0.25, 0.25, -1.60, -2.60),
        ),
        "weekly season, log, Monday to Sunday: social channels and app, staffed desks, branches",
    )
    holiday: Parameter = Parameter(_by_channel(social=-0.25, desk=-0.90, branch=-2.0), "Italian public holiday, log")
    own_drift: Parameter = Parameter((0.98, 0.03), "each channel's own slow drift: daily autocorrelation, deviation")
    noise: Parameter = Parameter((0.4, 0.06), "each channel's own noise: daily autocorrelation, deviation")
    dispersion: Parameter = Parameter(0.01, "negative binomial: variance = mean + .01 mean squared, a day")
    breach_peaks: Parameter = Parameter((0.25, 0.30), "log rise of contacts on the first day of either breach")
    authentication_peak: Parameter = Parameter(0.20, "log rise of contacts on the first day of strong authentication")
    shock_days: Parameter = Parameter((6.0, 21), "days in which a rise falls to 37 %, and days after which it is over")
    shock_loading: Parameter = Parameter(
        _by_channel(
            facebook=1.0, messenger=1.0, instagram=0.3, twitter=1.0, phone=1.0, chat=1.0, email=0.8, branch=0.4,
            app=1.0, website=0.3,
        ),
        "how far the breaches and strong authentication move each channel",
    )
    outage: Parameter = Parameter(
        _by_channel(facebook=-1.2, messenger=-1.2, instagram=-1.2, twitter=0.30, phone=0.02, chat=0.05),
        "day of the outage, log",
    )


@dataclass(frozen=True)
class Web:
    sessions: Parameter = Parameter(420_000.0, "website sessions on an ordinary day")
    logins: Parameter = Parameter(
        1_150_000.0, "app log-ins on an ordinary day: the demand control, not moved by the exit"
    )
    referral_share: Parameter = Parameter(
        0.03, "share of sessions that Facebook refers, lost at the exit",
        "assumption of the order NPR saw (just under 2 % of traffic from Twitter, Nieman Reports, Oct 2023)",
    )
    regained_share: Parameter = Parameter(
        0.012, "share of sessions that comes back directly: the TRUE effect is this less referral_share"
    )
    consent: Parameter = Parameter(-0.02, "sessions no longer counted after the consent banner, log")
    outage: Parameter = Parameter(
        0.04, "sessions on the day of the outage, log", "site traffic +3-5 %, ABC triple j/Chartbeat, Mar 2019"
    )
    weekday: Parameter = Parameter((0.12, 0.10, 0.08, 0.06, 0.04, -0.20, -0.30), "weekly season, log, Monday to Sunday")
    holiday: Parameter = Parameter(-0.25, "Italian public holiday, log")
    noise: Parameter = Parameter((0.4, 0.03), "own noise of sessions and of log-ins: autocorrelation, deviation")
    dispersion: Parameter = Parameter(0.0005, "negative binomial: variance = mean + .0005 mean squared, a day")


@dataclass(frozen=True)
class Prices:
    beta: Parameter = Parameter(
        1.607, "slope of the simulated share on the simulated index",
        "recomputed: UCG.MI on the index fund IMIB.MI, log returns of public daily adjusted closes, 250 trading days "
        "to 15 Apr 2019",
    )
    index_deviation: Parameter = Parameter(
        0.011, "daily deviation of the index", "recomputed, the same 250 trading days"
    )
    own_deviation: Parameter = Parameter(0.0128, "daily deviation of the rest", "recomputed, the same 250 trading days")
    degrees_of_freedom: Parameter = Parameter(5, "heaviness of tails (Student's t) of both")
    announcement: Parameter = Parameter(0.0, "TRUE abnormal log return on Monday 6 May 2019")
    start: Parameter = Parameter((13.5, 20.0), "first close of share and index, not the real prices")
    dividend: Parameter = Parameter(0.02, "dividend yield on the last Monday of April each year, share only")


CALENDAR, ACCOUNTS, ENGAGEMENT = Calendar(), Accounts(), Engagement()
CONTACTS, WEB, PRICES = Contacts(), Web(), Prices()
GROUPS = (CALENDAR, ACCOUNTS, ENGAGEMENT, CONTACTS, WEB, PRICES)


def listed() -> Iterator[tuple[str, str, Parameter]]:
    """Every parameter as (group, name, Parameter), in the order written here."""
    for group in GROUPS:
        for item in fields(group):
            yield type(group).__name__, item.name, getattr(group, item.name)
