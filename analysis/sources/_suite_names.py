"""What Meta Business Suite calls its columns and types of post in other languages: exports follow the user's own.

Spanish is as a program for its exports lists it; Swedish, and most of Italian, Portuguese and French, as programs name
the columns they use. German, and the other spellings of ids, are translations that no export has confirmed: a name
that is wrong is never met, and what the cells hold tells the rest. Times are month first in Italian and Spanish too.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

ID, PAGE, ACCOUNT, TIME = "Post ID", "Page ID", "Account ID", "Publish time"
LINK, TYPE, DATE = "Permalink", "Post type", "Date"
ITALIAN = {
    "ID del post": ID, "ID post": ID, "Identificativo del post": ID, "ID della Pagina": PAGE, "ID Pagina": PAGE,
    "Identificativo della Pagina": PAGE, "ID dell'account": ACCOUNT, "ID account": ACCOUNT,
    "Identificativo dell'account": ACCOUNT, "Nome della Pagina": "Page name", "Nome Pagina": "Page name",
    "Nome utente dell'account": "Account username", "Nome dell'account": "Account name",
    "Orario di pubblicazione": TIME, "Ora di pubblicazione": TIME, "Link permanente": LINK, "Tipo di post": TYPE,
    "Data": DATE, "Visualizzazioni": "Views", "Copertura": "Reach", "Impression": "Impressions",
    "Reazioni, commenti e condivisioni": "Reactions, Comments and Shares", "Reazioni": "Reactions",
    "Mi piace": "Likes", "Commenti": "Comments", "Condivisioni": "Shares", "Salvataggi": "Saves", "Follow": "Follows",
    "Clic totali": "Total clicks", "Totale clic": "Total clicks", "Clic sul link": "Link Clicks",
    "Risposte": "Replies",
}  # fmt: skip
SPANISH = {
    "Identificador de la publicación": ID, "Identificador de la página": PAGE, "Identificador de la cuenta": ACCOUNT,
    "Nombre de la página": "Page name", "Nombre de usuario de la cuenta": "Account username",
    "Nombre de la cuenta": "Account name", "Hora de publicación": TIME, "Enlace permanente": LINK,
    "Tipo de publicación": TYPE, "Fecha": DATE, "Visualizaciones": "Views", "Alcance": "Reach",
    "Impresiones": "Impressions", "Reacciones, comentarios y veces que se compartió": "Reactions, Comments and Shares",
    "Reacciones": "Reactions", "Me gusta": "Likes", "Comentarios": "Comments", "Veces que se compartió": "Shares",
    "Veces que se guardó": "Saves", "Seguimientos": "Follows", "Total de clics": "Total clicks",
    "Clics en el enlace": "Link Clicks", "Segundos reproducidos": "Seconds viewed",
    "Respuestas": "Replies",
}  # fmt: skip
PORTUGUESE = {
    "Identificação do post": ID, "ID do post": ID, "ID da publicação": ID, "Identificação da Página": PAGE,
    "ID da Página": PAGE, "Identificação da conta": ACCOUNT, "ID da conta": ACCOUNT, "Nome da Página": "Page name",
    "Nome de usuário da conta": "Account username", "Nome da conta": "Account name", "Horário de publicação": TIME,
    "Link permanente": LINK, "Tipo de post": TYPE, "Data": DATE, "Visualizações": "Views", "Alcance": "Reach",
    "Impressões": "Impressions", "Reações, comentários e compartilhamentos": "Reactions, Comments and Shares",
    "Reações": "Reactions", "Curtidas": "Likes", "Comentários": "Comments", "Compartilhamentos": "Shares",
    "Salvamentos": "Saves", "Total de cliques": "Total clicks", "Cliques no link": "Link Clicks",
}  # fmt: skip
FRENCH = {
    "Identifiant de la publication": ID, "ID de la publication": ID, "ID de publication": ID, "ID de la Page": PAGE,
    "Identifiant de la Page": PAGE, "ID du compte": ACCOUNT, "Identifiant du compte": ACCOUNT,
    "Nom de la Page": "Page name", "Nom de profil du compte": "Account username",
    "Nom d'utilisateur du compte": "Account username", "Nom du compte": "Account name", "Heure de publication": TIME,
    "Permalien": LINK, "Type de publication": TYPE, "Vues": "Views", "Couverture": "Reach",
    "Réactions, commentaires et partages": "Reactions, Comments and Shares", "Réactions": "Reactions",
    "J'aime": "Likes", "Mentions J'aime": "Likes", "Commentaires": "Comments", "Partages": "Shares",
    "Enregistrements": "Saves", "Total des clics": "Total clicks", "Clics sur un lien": "Link Clicks",
    "Clics sur le lien": "Link Clicks",
}  # fmt: skip
GERMAN = {
    "Beitrags-ID": ID, "Beitrag-ID": ID, "Seiten-ID": PAGE, "Konto-ID": ACCOUNT, "Seitenname": "Page name",
    "Konto-Benutzername": "Account username", "Kontoname": "Account name", "Veröffentlichungszeit": TIME,
    "Zeitpunkt der Veröffentlichung": TIME, "Veröffentlichungszeitpunkt": TIME, "Permanenter Link": LINK,
    "Beitragsart": TYPE, "Beitragstyp": TYPE, "Art des Beitrags": TYPE, "Datum": DATE, "Aufrufe": "Views",
    "Reichweite": "Reach", "Impressionen": "Impressions",
    "Reaktionen, Kommentare und geteilte Inhalte": "Reactions, Comments and Shares", "Reaktionen": "Reactions",
    "„Gefällt mir“-Angaben": "Likes", "Kommentare": "Comments", "Geteilte Inhalte": "Shares",
    "Gespeicherte Inhalte": "Saves", "Klicks insgesamt": "Total clicks", "Gesamtklicks": "Total clicks",
    "Link-Klicks": "Link Clicks", "Linkklicks": "Link Clicks",
}  # fmt: skip
SWEDISH = {
    "Publicerings-id": ID, "Sid-id": PAGE, "Konto-id": ACCOUNT, "Sidnamn": "Page name", "Publiceringstid": TIME,
    "Permalänk": LINK, "Inläggstyp": TYPE, "Datum": DATE, "Visningar": "Views", "Räckvidd": "Reach",
    "Reaktioner, kommentarer och delningar": "Reactions, Comments and Shares", "Reaktioner": "Reactions",
    "Gilla-markeringar": "Likes", "Kommentarer": "Comments", "Delningar": "Shares",
    "Totalt antal klick": "Total clicks", "Länkklick": "Link Clicks",
}  # fmt: skip
# Exports of videos alone tell them by other ids.
VIDEO_IDS = ("Video asset ID", "Universal video ID", "Identificador del activo de video")
LANGUAGES = (ITALIAN, SPANISH, PORTUGUESE, FRENCH, GERMAN, SWEDISH)
TYPES = {
    "photo": "photo", "photos": "photo", "ig image": "photo", "image": "photo",
    "video": "video", "videos": "video", "ig video": "video",
    "reel": "reel", "reels": "reel", "ig reel": "reel",
    "carousel": "carousel", "ig carousel": "carousel", "multi media": "carousel",
    "text": "text", "status": "text", "link": "link", "links": "link",
    "story": "story", "stories": "story", "ig story": "story", "live": "live", "album": "album", "albums": "album",
    "foto": "photo", "fotos": "photo", "imagen de instagram": "photo", "vídeo": "video", "vídeos": "video",
    "vidéo": "video", "vidéos": "video", "reel de instagram": "reel", "secuencia de instagram": "carousel",
    "carrusel de instagram": "carousel", "historia de instagram": "story", "enlace": "link", "enlaces": "link",
    "texto": "text",
}  # fmt: skip


def _folded(name: str) -> str:
    """Letters and digits alone: apostrophes come in several kinds, and R writes "Publish.time" or publish_time."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", name[:200])).casefold().strip()


_ENGLISH = {_folded(own): english for names in LANGUAGES for own, english in names.items()}
_ENGLISH |= {_folded(english): english for english in _ENGLISH.values()}


def english_of(name: str) -> str:
    """The English name of a column; the name itself where none is known."""
    return _ENGLISH.get(_folded(name), name)


def own_names(header: Sequence[str], declared: Mapping[str, str]) -> dict[str, str]:
    """The file's own name of each column by its English one; ``declared`` ones, English to own, come first."""
    found = {english: own for english, own in declared.items() if own in header}
    taken = set(found.values())
    for own in header:
        if own not in taken:
            found.setdefault(english_of(own), own)
    video = next((name for name in VIDEO_IDS if name in found), None)
    if video is not None:
        found.setdefault(ID, video)
    return found
