"""Files that say themselves which platform they are about, and the case's channel of each."""

from collections.abc import Mapping

from analysis.core.case import Case, Source
from analysis.core.errors import SourceError, nearest

CHANNELS = {"Facebook": "facebook", "Instagram": "instagram"}


def channel_for(
    platform: str, channel_map: Mapping[str, str], source: Source, case: Case, where: str
) -> str | None:
    """The case's channel of a platform; None when the source names another one.

    Raises SourceError when the case does not list the channel.
    """
    channel = channel_map.get(platform, CHANNELS.get(platform, platform))
    if source.channel is not None:
        return channel if channel == source.channel else None
    listed = {item.id for item in case.channels}
    if listed and channel not in listed:
        raise SourceError(
            f'the file is about {platform}, and the case lists no channel "{channel}"',
            where=where,
            cure=f"say which channel it is with `channel_map:` in the source's options. {nearest(channel, listed)}",
        )
    return channel
