"""Runs the SQL of the guides, as it stands there, on what the shadow example has logged, and that of sampling, with its Python, on what
the sampling example has.

    cargo run --release -p example-shadow -- --out ROOT
    cargo run --release -p example-sampling -- --seed 1 --out SAMPLED
    python guide.py ROOT --sampled SAMPLED

Without SAMPLED the guide of sampling is left out. No gap comes of a run without losses, so that files of gaps of both versions of the schema are put beside its tables. Ends with a
line for each check and "N passed, M failed"; the exit code is 1 when a check failed.
"""

import argparse
import datetime
import os
import re
import sys
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import checks

DOCS = os.path.join(os.path.dirname(__file__), "../../docs")
HASH = os.path.join(os.path.dirname(__file__), "../../crates/tiltmeter-sample/src")
# sink, reason, count and unit; version 1 had neither pairs nor the column
GAPS = [(None, "queue_full", 5, "exchange"), ("parquet", "sink_failed", 40, "prediction"), ("parquet", "sink_failed", 52, "pair")]


def blocks(guide, language):
    with open(f"{DOCS}/{guide}", encoding="utf-8") as file:
        return re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)


def queries(guide):
    return blocks(guide, "sql")


def write_gaps(root, versions):
    minute = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    folder = f"{root}/gaps/date={minute.date()}"
    os.makedirs(folder)
    for version in versions:
        gaps = GAPS if version == 2 else GAPS[:2]
        columns = dict(zip(("sink", "reason", "count", "unit"), zip(*gaps)))
        columns |= {"minute": [minute] * len(gaps), "sequence": list(range(len(gaps))), "writer_id": [f"w.{version}"] * len(gaps)}
        if version == 1:
            del columns["unit"]
        pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), f"{folder}/{version}.parquet")


class Guide:
    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.connection = duckdb.connect()
        self.connection.execute("SET timezone = 'UTC'")

    def rows(self, query, root=None):
        result = self.connection.execute(query.replace("predictions-root", root or self.root))
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]

    def lost(self, versions):
        with tempfile.TemporaryDirectory() as root:
            write_gaps(root, versions)
            [query] = [query for query in queries("logging.md") if "/gaps/" in query]
            return {(row["lost_at"], row["unit"]): row["lost"] for row in self.rows(query, root)}

    def check_every_query_runs_and_finds_something(self):
        found = [query for guide in ("logging.md", "shadow.md") for query in queries(guide) if "/gaps/" not in query]
        assert len(found) == 5, len(found)
        for query in found:
            assert self.rows(query), query

    def check_gaps_are_told_apart_by_what_was_counted(self):
        assert self.lost([1]) == {("before any sink", "exchange"): 5, ("parquet", "prediction"): 40}
        both = {("before any sink", "exchange"): 10, ("parquet", "prediction"): 80, ("parquet", "pair"): 52}
        assert self.lost([1, 2]) == both

    def check_the_books_have_as_many_requests_as_there_are_pairs(self):
        [pairs] = [query for query in queries("shadow.md") if query.startswith("SELECT bucket")]
        [books] = [query for query in queries("shadow.md") if "/shadows/" in query]
        rows = {row["bucket"]: row["rows"] for row in self.rows(pairs)}
        books = {row["bucket"]: row["requests"] for row in self.rows(books) if row["challenger"] == "lr-1"}
        assert rows == {bucket: count for bucket, count in books.items() if bucket != "sampled_out"}, (rows, books)

    def check_no_tail_is_unaccounted_after_a_shutdown(self):
        for guide in ("logging.md", "shadow.md"):
            [tail] = [query for query in queries(guide) if "unaccounted" in query]
            rows = self.rows(tail)
            assert [row["unaccounted"] for row in rows] == [0] * len(rows), rows


class SampledGuide:
    """What is said in docs/sampling.md of rows that the example has kept at 10 % under the policy tails."""

    def __init__(self, sampled):
        self.root = os.path.abspath(sampled)
        self.guide = Guide(sampled)

    def found(self, beginning):
        [query] = [query for query in queries("sampling.md") if query.startswith(beginning)]
        return self.guide.rows(query.replace("sampled-root", self.root))

    def check_weighted_rows_say_what_all_rows_say(self):
        [kept], [all_rows] = self.found("WITH kept"), self.found("SELECT sum(present)")
        error = 4 * kept["standard_error"]
        assert abs(kept["mean"] - all_rows["mean"]) < error, (kept, all_rows)
        assert abs(kept["stand_for"] - all_rows["predictions"]) < 0.1 * all_rows["predictions"], (kept, all_rows)
        assert kept["effective"] < kept["kept"] < all_rows["predictions"], (kept, all_rows)

    def check_changes_of_rates_are_in_the_data(self):
        rates = self.found('SELECT "at"')
        assert {row["rate"]: row["after"] for row in rates} == {"base": 0.1, "thinning": 1.0}, rates

    def check_every_query_was_run(self):
        assert len(queries("sampling.md")) == 3, len(queries("sampling.md"))

    def check_the_python_knows_what_was_kept(self):
        [code] = blocks("sampling.md", "python")
        sys.path.insert(0, HASH)
        known = {}
        exec(code.replace("sampled-root", self.root), known)  # noqa: S102
        assert len(known["rows"]) > 0


class Both:
    """The checks of several objects."""

    def __init__(self, *parts):
        for part in parts:
            for name in dir(part):
                if name.startswith("check_"):
                    setattr(self, name, getattr(part, name))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("--sampled")
    given = parser.parse_args()
    sampled = [SampledGuide(given.sampled)] if given.sampled else []
    checks.run(Both(Guide(given.root), *sampled))


if __name__ == "__main__":
    main()
