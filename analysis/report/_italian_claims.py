"""Italian sentences of the claims auditor: the keys of its English twin."""

# ruff: noqa: E501 - sentences are kept whole, so that one can search for them

CLAIMS = {
    "claims.others": "Che cosa ha detto chi è uscito, e che cosa ne potrebbe dire questo studio",
    "claims.heading": "Che cosa hanno detto i marchi che sono usciti",
    "claims.note": "Che cosa potrebbe dire questo studio: se un esito qui misura la stessa cosa, se la finestra viene dopo l'uscita, e se un cambiamento dell'entità dichiarata sarebbe rilevabile in altrettanto tempo.",
    "claims.placed.before": "l'intera finestra precede l'uscita",
    "claims.placed.over": "per {share:il} precede l'uscita",
    "claims.placed.after": "dopo l'uscita",
    "claims.placed.unstated": "come si collochi rispetto all'uscita non è detto",
    "claims.compared.own_past": "il proprio passato: nel numero entra anche tutto il resto che è cambiato",
    "claims.compared.others": "altri nello stesso periodo",
    "claims.compared.none": "nessun confronto",
    "claims.compared.unstated": "di che confronto si tratti non è detto",
    "claims.party.yes": "parte interessata",
    "claims.party.no": "parte non interessata",
    "claims.party.unstated": "se sia parte interessata non è detto",
    "claims.said": "Detto: {said}.",
    "claims.answer.unmeasured": "Nulla: nessun esito di questo studio lo misura.",
    "claims.answer.before": "Nulla: si misura «{label}», ma una finestra che precede l'uscita non ne dice nulla.",
    "claims.answer.mostly_before": "Quasi nulla: si misura «{label}», ma la finestra precede l'uscita per {share:il}.",
    "claims.answer.outside": "Ancora nulla: si misura «{label}», ma non in questi giorni.",
    "claims.answer.no_size": "Si misura «{label}»; l'affermazione non dà un'entità da confrontare.",
    "claims.answer.seen": "Si misura «{label}»; in altrettanto tempo un cambiamento {value:del} si troverebbe (minimo rilevabile: {detectable}).",
    "claims.answer.too_small": "Si misura «{label}»; in altrettanto tempo un cambiamento {value:del} sfuggirebbe (minimo rilevabile: {detectable}).",
    "claims.answer.served": "È misurato, insieme a ciò che non si può vedere, dove questo rapporto dice come sono stati serviti i clienti.",
    "column.could_say": "Che cosa potrebbe dire questo studio",
    "provenance.table.claims": "quanto altri hanno pubblicato, ogni affermazione nella sua finestra",
}
