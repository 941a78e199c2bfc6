"""Checks what `example-flights --json FILE` says of a whole run: python3 check_figures.py FILE REQUESTS"""

import json
import os
import sys


def main(path, requests):
    with open(path, encoding="utf-8") as file:
        figures = json.load(file)
    exchanges, predictions = figures["accounting"]["exchanges"], figures["accounting"]["predictions"]
    http, files = figures["http"], figures["files"]
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
    }
    for what, holds in checks.items():
        print("ok     " if holds else "FAILED ", what)
    if not all(checks.values()):
        json.dump({**figures, "files": len(files)}, sys.stdout, indent=2)
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
