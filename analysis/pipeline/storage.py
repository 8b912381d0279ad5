"""Files that cannot be written: what to do about it."""

import errno

from analysis.core.errors import StudyError

UNTOUCHED = "the last report is untouched"
RERUN = f"run it again: chapters that ended are kept, and {UNTOUCHED}"
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_LEAVE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)


def storage_error(error: OSError, where: str) -> StudyError:
    """What to do when a file cannot be written."""
    if error.errno in NO_SPACE:
        return StudyError("there is no space left to write", where=where, cure=f"free the disk, then {RERUN}")
    if error.errno in NO_LEAVE:
        what = f"cannot write here: {error.strerror}" + (f" ({error.filename})" if error.filename else "")
        return StudyError(what, where=where, cure=f"make it a folder that can be written, then {RERUN}")
    return StudyError(f"{type(error).__name__}: {error.strerror or error}", where=where, cure=RERUN)
