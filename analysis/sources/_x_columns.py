"""How the exports of Twitter and X head their columns: the names of 2016 to 2021, of 2024 on, and other spellings."""

OLD_NAMES = {"favorites": "likes", "promoted favorites": "promoted likes"}  # until 2016

# English since 2026, and the Japanese interface. "Share" of the first exports is "Shares" of the later ones.
SPELLINGS = {
    "Post Link": "Link",
    "Detail Expands": "Detail expands",
    "URL Clicks": "Url clicks",
    "Hashtag Clicks": "Hashtag clicks",
    "Permalink Clicks": "Permalink clicks",
    "ポストID": "Post id",
    "日付": "Date",
    "ポスト本文": "Post text",
    "ポストのリンク": "Link",
    "インプレッション数": "Impressions",
    "いいね": "Likes",
    "エンゲージメント": "Engagements",
    "ブックマーク": "Bookmarks",
    "共有された回数": "Shares",
    "新しいフォロー": "New follows",
    "返信": "Replies",
    "リポスト": "Reposts",
    "プロフィールへのアクセス数": "Profile visits",
    "詳細のクリック数": "Detail expands",
    "URLのクリック数": "Url clicks",
    "ハッシュタグのクリック数": "Hashtag clicks",
    "パーマリンクのクリック数": "Permalink clicks",
}


def words_of(reader: str) -> dict[str, str]:
    """The spellings of the exports that this reader reads: "URL Clicks" of X is "url clicks" of Twitter."""
    return SPELLINGS if reader.startswith("x_") else OLD_NAMES
