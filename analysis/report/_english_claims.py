"""English sentences of the claims auditor. Its Italian twin has the same keys."""

# ruff: noqa: E501 - sentences are kept whole, so that one can search for them

CLAIMS = {
    "claims.others": "What others who left said, and what this study could say of it",
    "claims.heading": "What brands that left have said of it",
    "claims.note": "What this study could say: whether an outcome here measures the same, whether the window lies after the exit, and whether a change of the claimed size could be detected over as long a time.",
    "claims.placed.before": "the whole window lies before the exit",
    "claims.placed.over": "{share} of it before the exit",
    "claims.placed.after": "after the exit",
    "claims.placed.unstated": "where it lies against the exit is not stated",
    "claims.compared.own_past": "its own past, so anything else that changed is in the number",
    "claims.compared.others": "others in the same time",
    "claims.compared.none": "compared with nothing",
    "claims.compared.unstated": "what kind of comparison it is, is not stated",
    "claims.party.yes": "an interested party",
    "claims.party.no": "no interested party",
    "claims.party.unstated": "interest not stated",
    "claims.said": "Said: {said}.",
    "claims.answer.unmeasured": "Nothing: no outcome of this study measures it.",
    "claims.answer.before": "Nothing: {label} is measured, but a window before the exit says nothing of it.",
    "claims.answer.mostly_before": "Next to nothing: {label} is measured, but {share} of the window lies before the exit.",
    "claims.answer.outside": "Nothing yet: {label} is measured, but not over these days.",
    "claims.answer.no_size": "{label} is measured; the claim gives no size to compare.",
    "claims.answer.seen": "{label} is measured; over as long a time a change of {value} would be found (smallest detectable: {detectable}).",
    "claims.answer.too_small": "{label} is measured; over as long a time a change of {value} would be missed (smallest detectable: {detectable}).",
    "claims.answer.served": "It is measured, with what cannot be seen, where this report says how customers were served.",
    "column.could_say": "What this study could say",
    "provenance.table.claims": "what others published, each claim in its window",
}
