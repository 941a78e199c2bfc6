"""Evidently's preset for drift, as it comes and with PSI."""

import evidently
from evidently import Report
from evidently.presets import DataDriftPreset

import peer


def by(preset):
    def compute(frames):
        reference, current = frames
        Report([preset()]).run(current, reference)

    return compute


peer.main(
    {"evidently": evidently.__version__},
    {
        "Evidently: DataDriftPreset": (peer.frames, by(DataDriftPreset)),
        "Evidently: DataDriftPreset with PSI": (peer.frames, by(lambda: DataDriftPreset(method="psi"))),
    },
)
