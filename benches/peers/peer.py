"""What the programs of all peers share: reading the columns, and timing."""

import contextlib
import copy
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

# enough for every import and compilation that the first call brings about
WARM_UP = 2_000


class Log:
    """The columns that drift_report has written: by name, of both samples, and scores with labels."""

    def __init__(self, folder):
        folder = Path(folder)
        names = sorted(path.stem.removeprefix("reference_") for path in folder.glob("reference_*.f64"))
        read = lambda name: np.fromfile(folder / f"{name}.f64", dtype="<f8")
        self.reference = {name: read(f"reference_{name}") for name in names}
        self.current = {name: read(f"current_{name}") for name in names}
        self.scores = read("scores")
        self.labels = read("labels").astype(np.int64)

    def first(self, rows):
        few = copy.copy(self)
        few.reference = {name: values[:rows] for name, values in self.reference.items()}
        few.current = {name: values[:rows] for name, values in self.current.items()}
        few.scores, few.labels = self.scores[:rows], self.labels[:rows]
        return few

    def pairs(self):
        """Each column, of the reference and of the current sample."""
        return [(self.reference[name], self.current[name]) for name in self.reference]


def main(versions, computations):
    """Prints the seconds and the results of the computations, which have names.

    A computation is a function that prepares what it needs of the log, untimed, and one that computes, and may return
    {"name of a result": numbers}.

    Seconds of CPU time: on an idle machine that is the time that passes, on a busy one it leaves out other programs.
    """
    warnings.simplefilter("ignore")
    log = Log(sys.argv[1])
    seconds, results = {}, {}
    # some tools print while they compute
    with contextlib.redirect_stdout(sys.stderr):
        for name, (prepare, compute) in computations.items():
            compute(prepare(log.first(WARM_UP)))
            prepared = prepare(log)
            start, start_of_cpu = time.perf_counter(), time.process_time()
            found = compute(prepared)
            passed, seconds[name] = time.perf_counter() - start, time.process_time() - start_of_cpu
            if seconds[name] > 1.2 * passed:
                sys.exit(f"{name} has used more than one thread")
            results.update(found or {})
    print(json.dumps({"versions": versions, "seconds": seconds, "results": results}))


def frames(log):
    """Both samples as tables of pandas."""
    import pandas

    return pandas.DataFrame(log.reference), pandas.DataFrame(log.current)
