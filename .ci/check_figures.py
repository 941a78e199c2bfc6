"""Checks what `example-flights --json FILE` says of a run to its end.

    python3 check_figures.py FILE REQUESTS [AS_OF]...

AS_OF are the instants of --as-of, in the same order.
"""

import json
import os
import re
import sys

# what a run without --limit replays
EVERYTHING = 150_000
# by UTC: the last flights of the year leave in the next one
MONTHS = [f"2013-{month:02}" for month in range(3, 13)] + ["2014-01"]


def main(path, requests, *as_of):
    with open(path, encoding="utf-8") as file:
        figures = json.load(file)
    exchanges, predictions = figures["accounting"]["exchanges"], figures["accounting"]["predictions"]
    http, files = figures["http"], figures["files"]
    # a run that was not evaluated has none of them
    months, known, drift = (figures.get(name, []) for name in ("months", "as_of", "drift"))
    columns = {row["column"] for row in drift}
    checks = {
        "the run has finished": figures["finished"] is True,
        "every request was sent and answered as recorded":
            (http["requests"], http["failed"], http["mismatched"]) == (requests, 0, 0),
        "the rate is requests by seconds":
            abs(http["requests_per_second"] * http["seconds"] - requests) < requests / 1000,
        "every exchange was observed and decoded":
            (exchanges["observed"], exchanges["decoded"]) == (requests, requests),
        "every prediction was decoded and written":
            (predictions["decoded"], predictions["written"]) == (requests, requests),
        "nothing was dropped, abandoned or sampled out":
            not any([exchanges["dropped"], exchanges["abandoned"], predictions["dropped"],
                     predictions["abandoned"], predictions["sampled_out"]]),
        "the log came to its end": figures["log_outcome"] == "complete",
        "files were written, and none is empty": files and all(os.path.getsize(file) > 0 for file in files),
        "there is a baseline": re.fullmatch("[0-9a-f]{32}", figures.get("baseline_id") or ""),
        "every prediction is in a month": sum(row["predictions"] for row in months) == requests,
        "every month has labels, and a prediction has one at most":
            all(0 < row["labelled"] <= row["predictions"] for row in months),
        "every instant that was asked for is answered": [row["as_of"] for row in known] == list(as_of),
        "no instant knows more labels than there are predictions":
            all(0 < row["labelled"] <= row["predictions"] <= requests for row in known),
        "every period has every column": drift and len(drift) == len({row["period"] for row in drift}) * len(columns),
    }
    if requests == EVERYTHING:
        checks["a run over everything has every month"] = [row["month"] for row in months] == MONTHS
    for what, holds in checks.items():
        print("ok     " if holds else "FAILED ", what)
    if not all(checks.values()):
        json.dump({**figures, "files": len(files), "drift": len(drift)}, sys.stdout, indent=2)
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
