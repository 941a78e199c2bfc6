"""Runs the methods `check_*` of an object, with a line for each; ends the program with "N passed, M failed"."""

import sys
import traceback


def run(subject):
    checks = [getattr(subject, name) for name in dir(subject) if name.startswith("check_")]
    failed = 0
    for check in checks:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            check()
            print(f"ok      {name}")
        except Exception:
            failed += 1
            print(f"FAILED  {name}")
            traceback.print_exc()
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(failed > 0)
