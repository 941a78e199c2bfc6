"""whylogs' profiles: what it keeps of a window of rows."""

from importlib.metadata import version

import whylogs

import peer


def profiles(frames):
    for frame in frames:
        whylogs.log(pandas=frame).view()


peer.main({"whylogs": version("whylogs")}, {"whylogs: profiles of both samples": (peer.frames, profiles)})
