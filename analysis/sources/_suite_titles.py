"""What a chart's title says in the languages of Meta Business Suite: its platform, if any, and its metric."""

import re
import unicodedata

from analysis.sources._platforms import CHANNELS

# "Data","Primary" in Italian: the first word follows the user's language, the second as a rule does not.
VALUES = ("Primary", "Principale", "Primario", "Primaria", "Principal", "Primaire", "Primário", "Primär")
PLATFORM = re.compile(rf"\b({'|'.join(CHANNELS)})\b", re.IGNORECASE)
# What is left at either end of a title without its platform: "Copertura di Facebook", "Facebook-Reichweite".
JOINTS = frozenset(("di", "su", "de", "do", "da", "du", "d", "en", "em", "no", "na", "sur", "von", "auf", "i", "på",
                    "on", "in", "of"))  # fmt: skip
METRICS = {
    "reach": ("copertura", "alcance", "couverture", "reichweite", "räckvidd"),
    "views": ("visualizzazioni", "visualizaciones", "visualizações", "vues", "aufrufe", "visningar"),
    "viewers": ("spettatori", "espectadores", "spectateurs", "zuschauer"),
    "visits": ("visite", "visitas", "visites", "besuche", "besök"),
    "profile_visits": ("visite al profilo", "visitas al perfil", "visitas ao perfil", "visites du profil",
                       "profilbesuche"),
    "page_visits": ("visite alla pagina", "visitas a la página", "visitas à página"),
    "follows": ("follow", "seguimientos", "nuovi follower", "nuevos seguidores", "novos seguidores",
                "nouveaux followers", "neue follower"),
    "interactions": ("interazioni", "interacciones", "interações", "interaktionen", "interaktioner"),
    "content_interactions": ("interazioni con i contenuti", "interazioni con il contenuto",
                             "interacciones con el contenido", "interações com o conteúdo",
                             "interactions avec le contenu", "content-interaktionen", "interaktionen mit inhalten"),
    "link_clicks": ("clic sul link", "clics en el enlace", "cliques no link", "clics sur le lien",
                    "clics sur un lien", "link-klicks", "linkklicks", "länkklick"),
}  # fmt: skip
_KNOWN = {name: metric for metric, names in METRICS.items() for name in names}


def placed(title: str) -> tuple[str, str]:
    """Platform ("" where the title names none) and metric of a title."""
    found = PLATFORM.search(title)
    if found is None:
        return "", metric_of(title)
    words = [word for word in re.split(r"[\s:·–-]+", f"{title[: found.start()]} {title[found.end() :]}") if word]
    while words and words[-1].casefold() in JOINTS:
        words.pop()
    while words and words[0].casefold() in JOINTS:
        words.pop(0)
    return found[1].capitalize(), metric_of(" ".join(words))


def metric_of(words: str) -> str:
    """The name of a metric: ours where the words are known, else the words themselves without accents."""
    plain = " ".join(words.casefold().replace("’", "'").split())
    if plain in _KNOWN:
        return _KNOWN[plain]
    letters = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
