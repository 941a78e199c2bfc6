#!/usr/bin/env python3
"""What other tools need for the same columns: python3 benches/peers/run.py

Installs each tool in an environment of its own, has `drift_report` write the columns, and runs the tools and
tiltmeter-stats in turn: one process at a time, on one thread. See README.md.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent

OURS = "tiltmeter-stats"

# of each there are requirements/NAME.txt and with_NAME.py
PEERS = ["scipy", "evidently", "nannyml", "whylogs"]

REPORT = "drift report from rows"

# by computation of a peer, the one of drift_report that answers the same question
COUNTERPARTS = {
    "scipy: ks_2samp": "Kolmogorov–Smirnov",
    "scipy: ks_2samp of one column": "Kolmogorov–Smirnov of one column",
    "numpy: PSI": "PSI",
    "scikit-learn: roc_auc_score": "ROC AUC",
    "Evidently: DataDriftPreset": REPORT,
    "Evidently: DataDriftPreset with PSI": "PSI",
    "NannyML: univariate drift": REPORT,
    "NannyML: univariate drift, 4 methods": REPORT,
    "whylogs: profiles of both samples": "profiles with sketches and distinct values",
}

ENVIRONMENT = {
    **{f"{library}_NUM_THREADS": "1" for library in ["OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"]},
    "POLARS_MAX_THREADS": "1",
    # nobody is told of a benchmark, and nothing waits for an answer
    "DO_NOT_TRACK": "1",
    "NML_DISABLE_USAGE_LOGGING": "1",
    "WHYLOGS_NO_ANALYTICS": "True",
}


class Unavailable(Exception):
    """Why a tool takes no part."""


@dataclass(frozen=True)
class Contender:
    """A program that prints the seconds that it needed, and what it found, as JSON."""

    name: str
    command: list

    def run(self, timeout):
        environment = {**os.environ, **ENVIRONMENT}
        try:
            done = subprocess.run(self.command, env=environment, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Unavailable(f"it needs more than {timeout} s") from None
        if done.returncode != 0:
            raise Unavailable(last_line(done.stderr))
        return json.loads(done.stdout)


def main():
    options = parse()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tiltmeter-peers"
    columns = cache / f"columns-{options.rows}"
    drift_report = build_drift_report()
    subprocess.run([drift_report, "--rows", str(options.rows), "--write-columns", columns], check=True)

    contenders = [Contender(OURS, [drift_report, "--columns", columns, "--rounds", "1", "--json"])]
    for peer in options.peers:
        try:
            contenders.append(Contender(peer, [python_of(peer, cache), HERE / f"with_{peer}.py", columns]))
        except Unavailable as reason:
            note(f"{peer} is left out: {reason}")

    outcomes = take_turns(contenders, options)
    ours = outcomes.pop(OURS)
    check_results(ours, outcomes)
    print_table(ours, outcomes)


def parse():
    parser = argparse.ArgumentParser(description="Times other tools and tiltmeter-stats on the same columns.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of either sample (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run (default: %(default)s)")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS, help="only these")
    parser.add_argument(
        "--timeout", type=int, default=1800, metavar="SECONDS", help="for one process (default: %(default)s)"
    )
    return parser.parse_args()


def build_drift_report():
    """The path of the benchmark, as a program."""
    note("building drift_report")
    command = ["cargo", "bench", "--quiet", "-p", "tiltmeter-benches", "--bench", "drift_report", "--no-run"]
    command.append("--message-format=json-render-diagnostics")
    built = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    programs = {message["target"]["name"]: message["executable"] for message in messages if message.get("executable")}
    return programs["drift_report"]


def python_of(peer, cache):
    """The Python of the peer's environment, which is made when there is none or its requirements have changed."""
    requirements = HERE / "requirements" / f"{peer}.txt"
    folder = cache / f"{peer}-{sys.version_info.major}.{sys.version_info.minor}"
    installed, python = folder / "installed.txt", folder / "bin" / "python"
    if installed.exists() and installed.read_text() == requirements.read_text():
        return python
    note(f"installing {peer} in {folder}")
    venv.create(folder, clear=True, with_pip=True)
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable(last_line(done.stderr))
    installed.write_text(requirements.read_text())
    return python


def take_turns(contenders, options):
    """What each contender printed, by round. In each round all have one turn, in random order."""
    outcomes = {contender.name: [] for contender in contenders}
    rng = random.Random(1)
    for turn in range(1, options.rounds + 1):
        for contender in rng.sample(contenders, len(contenders)):
            if contender.name not in outcomes:
                continue
            note(f"round {turn} of {options.rounds}: {contender.name}")
            try:
                outcomes[contender.name].append(contender.run(options.timeout))
            except Unavailable as reason:
                if contender.name == OURS:
                    raise
                note(f"{contender.name} is left out: {reason}")
                del outcomes[contender.name]
    return outcomes


def check_results(ours, outcomes):
    """Where a peer computes the same, it has to find the same: else the times say nothing."""
    expected = ours[0]["results"]
    for rounds in outcomes.values():
        for name, found in rounds[0]["results"].items():
            apart = max(abs(one - other) for one, other in zip(found, expected[name], strict=True))
            if apart > 1e-9:
                sys.exit(f"{name} differs by {apart}: {found}, {OURS}: {expected[name]}")


def print_table(ours, outcomes):
    lines = [("", "seconds", f"{OURS}:", "seconds", "ratio")]
    for rounds in outcomes.values():
        note(", ".join(f"{name} {version}" for name, version in rounds[0]["versions"].items()))
        for name in rounds[0]["seconds"]:
            counterpart = COUNTERPARTS[name]
            theirs = [outcome["seconds"][name] for outcome in rounds]
            mine = [outcome["seconds"][counterpart][0] for outcome in ours]
            # of the same round, so that what slows the whole machine cancels out
            ratio = median(one / other for one, other in zip(theirs, mine))
            lines.append((name, spread(theirs), counterpart, spread(mine), f"{ratio:.1f}"))
    widths = [max(map(len, cells)) for cells in zip(*lines)]
    lines.insert(1, tuple("-" * width for width in widths))
    rows, columns = ours[0]["rows"], ours[0]["columns"]
    print(f"\n{rows} rows × {columns} columns against as many, seconds, median (least to greatest) of {len(ours)}\n")
    for line in lines:
        print("|", " | ".join(cell.ljust(width) for cell, width in zip(line, widths)), "|")


def spread(values):
    return f"{median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def last_line(text):
    return ([""] + text.strip().splitlines())[-1] or "it gave no reason"


def note(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
