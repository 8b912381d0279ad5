"""How YouTube Studio heads its columns in other languages. Days of publication and numbers stay written in English.

German, Brazilian Portuguese and Japanese as exports of 2020 to 2026 have them, the others as the interface does.
"""

DATE = ("Datum", "Data", "Fecha", "日付", "Дата", "날짜", "日期", "Tarih")

COLUMNS = {
    "Content": ("Video", "Videos", "Conteúdo", "コンテンツ", "Inhalt", "Inhalte", "Contenuti", "Contenido", "Contenu"),
    "Video title": (
        "Videotitel", "Título do vídeo", "動画のタイトル", "Titolo video", "Titolo del video", "Título del video",
        "Título del vídeo", "Titre de la vidéo",
    ),
    "Video publish time": (
        "Veröffentlichungszeitpunkt des Videos", "Horário de publicação do vídeo", "動画公開時刻",
        "Ora di pubblicazione del video", "Hora de publicación del video", "Hora de publicación del vídeo",
        "Heure de publication de la vidéo",
    ),
    "Views": (
        "Aufrufe", "Visualizações", "視聴回数", "Visualizzazioni", "Vistas", "Visualizaciones", "Vues", "Просмотры",
        "Weergaven", "Wyświetlenia", "조회수", "观看次数", "觀看次數", "Görüntüleme sayısı", "Görüntüleme",
    ),
    "Watch time (hours)": (
        "Wiedergabezeit (Stunden)", "Tempo de exibição (horas)", "Tempo de visualização (horas)",
        "総再生時間（単位: 時間）", "総再生時間(単位: 時間)", "Tempo di visualizzazione (ore)",
        "Tiempo de reproducción (horas)", "Tiempo de visualización (horas)", "Durée de visionnage (heures)",
        "Время просмотра (часы)", "Weergavetijd (uren)", "Czas oglądania (w godzinach)", "시청 시간(단위: 시간)",
        "观看时长（小时）", "觀看時間 (小時)", "İzlenme süresi (saat)",
    ),
    "Subscribers": (
        "Abonnenten", "Inscritos", "Subscritores", "チャンネル登録者", "Iscritti", "Suscriptores", "Abonnés",
        "Подписчики", "Abonnees", "Subskrybenci", "구독자", "订阅人数", "訂閱人數", "Aboneler",
    ),
    "Impressions": (
        "Thumbnail impressions", "Impressionen", "Impressões", "インプレッション数", "サムネイルのインプレッション",
        "Impressioni", "Impresiones", "Показы", "Vertoningen", "Wyświetlenia miniatur", "노출수", "展示次数",
        "曝光次數", "Gösterim sayısı",
    ),
    "Likes": (
        "„Mag ich“-Bewertungen", "Marcações \"Gostei\"", "高評価件数", "高評価", "Mi piace", "Me gusta", "J'aime",
        "Отметки \"Нравится\"",
    ),
    "Comments added": (
        "Hinzugefügte Kommentare", "Comentários adicionados", "コメント追加件数", "Commenti aggiunti",
        "Comentarios añadidos", "Comentarios agregados", "Commentaires ajoutés",
    ),
    "Shares": (
        "Geteilte Inhalte", "Compartilhamentos", "共有数", "Condivisioni", "Veces compartido", "Compartidos",
        "Partages",
    ),
}  # fmt: skip

# A ratio or people in any language: beside a percent sign, what the English pattern of the reader does not see.
RATIO = (
    r"durchschnitt|klickrate|eindeutig|zuschauer|m[ée]dia|m[ée]dio|taxa|únicos|espectador|平均|率|視聴者|tasso|percentuale"
    r"|unici|spettator|promedio|porcentaje|moyenne|taux|uniques|spectateur|средн"
)
TOTALS = (
    "Total", "Gesamt", "合計", "Totale", "Итого", "Totaal", "Łącznie", "Suma", "합계", "총계", "总计", "總計", "Toplam"
)  # fmt: skip
# Files that the export names itself, in English and where other names are known.
FILES = r"(table data|chart data|totals|tabellendaten|diagrammdaten|gesamtwerte|dados da tabela|dados do gr[áa]fico)"


def words() -> dict[str, str]:
    """Each other spelling of a column, and the one that the reader knows."""
    found = {other: own for own, others in COLUMNS.items() for other in others}
    return found | dict.fromkeys(DATE, "Date")
