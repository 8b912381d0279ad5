"""The Italian article before a number or a date: "il 12 %", "l'8,1 %", "lo 0,5 %", "dal 1º giugno", "dall'8 giugno"."""

import re

# Before a consonant, a vowel (otto, undici, uno), a zero; and before a bare number, which takes no article.
FORMS = {
    "il": ("il ", "l'", "lo ", ""),
    "del": ("del ", "dell'", "dello ", "di "),
    "al": ("al ", "all'", "allo ", "a "),
    "dal": ("dal ", "dall'", "dallo ", "da "),
    "nel": ("nel ", "nell'", "nello ", "in "),
}


def with_article(kind: str, text: str) -> str:
    """``text`` after the form of ``kind`` (a key of FORMS, capital for the start of a sentence) that it is read with.

    Shares and dates take an article, bare numbers the preposition alone. Raises ValueError for another kind.
    """
    if kind.lower() not in FORMS:
        raise ValueError(f'no Italian article is called "{kind}"')
    consonant, vowel, zero, bare = FORMS[kind.lower()]
    number = re.match(r"[\d.]*º?", text).group()
    whole = number.split(".")[0]
    if not re.search(r"%|[a-z]", text):
        form = bare
    elif whole.startswith("8") or whole == "11" or number == "1":
        form = vowel
    else:
        form = zero if whole == "0" else consonant
    return (form[:1].upper() + form[1:] if kind[0].isupper() else form) + text
