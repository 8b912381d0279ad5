"""The tables of sentences by language: a language is an entry of WORDING with the same keys."""

from analysis.report._english_claims import CLAIMS
from analysis.report._english_comparison import COMPARISON
from analysis.report._english_decision import DECISION
from analysis.report._english_findings import FINDINGS
from analysis.report._english_method import GLOSSARY as ENGLISH_GLOSSARY
from analysis.report._english_method import METHOD
from analysis.report._english_privacy import PRIVACY
from analysis.report._english_robust import ROBUST
from analysis.report._english_service import SERVICE
from analysis.report._italian_claims import CLAIMS as ITALIAN_CLAIMS
from analysis.report._italian_comparison import COMPARISON as ITALIAN_COMPARISON
from analysis.report._italian_decision import DECISION as ITALIAN_DECISION
from analysis.report._italian_findings import FINDINGS as ITALIAN_FINDINGS
from analysis.report._italian_method import GLOSSARY as ITALIAN_GLOSSARY
from analysis.report._italian_method import METHOD as ITALIAN_METHOD
from analysis.report._italian_privacy import PRIVACY as ITALIAN_PRIVACY
from analysis.report._italian_robust import ROBUST as ITALIAN_ROBUST
from analysis.report._italian_service import SERVICE as ITALIAN_SERVICE

WORDING: dict[str, dict[str, str]] = {
    "en": FINDINGS | DECISION | METHOD | SERVICE | COMPARISON | CLAIMS | ROBUST | PRIVACY,
    "it": ITALIAN_FINDINGS
    | ITALIAN_DECISION
    | ITALIAN_METHOD
    | ITALIAN_SERVICE
    | ITALIAN_COMPARISON
    | ITALIAN_CLAIMS
    | ITALIAN_ROBUST
    | ITALIAN_PRIVACY,
}
# Term, as sentences link it, -> how it is called in the language, and what it means.
GLOSSARY: dict[str, dict[str, tuple[str, str]]] = {
    "en": {term: (term, meaning) for term, meaning in ENGLISH_GLOSSARY.items()},
    "it": ITALIAN_GLOSSARY,
}

# Words no sentence of ours may use: they claim more than any design here can carry.
FORBIDDEN = {
    "en": ("proves", "proof that", "no effect", "caused", "highly significant", "significant"),
    "it": ("dimostra", "prova che", "nessun effetto", "causat", "provocat", "significativ"),
}
