"""NannyML's univariate drift: by its default method (Jensen–Shannon), and by the four it has for numbers."""

import nannyml
from nannyml import UnivariateDriftCalculator

import peer

METHODS = ["jensen_shannon", "kolmogorov_smirnov", "wasserstein", "hellinger"]


def by(**options):
    def compute(frames):
        reference, current = frames
        calculator = UnivariateDriftCalculator(column_names=list(reference), **options)
        calculator.fit(reference)
        calculator.calculate(current)

    return compute


peer.main(
    {"nannyml": nannyml.__version__},
    {
        "NannyML: univariate drift": (peer.frames, by()),
        "NannyML: univariate drift, 4 methods": (peer.frames, by(continuous_methods=METHODS)),
    },
)
