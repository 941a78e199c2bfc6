"""Runs the SQL of the guides, as it stands there, on what the shadow example has logged.

    cargo run --release -p example-shadow -- --out ROOT
    python guide.py ROOT

No gap comes of a run without losses, so that files of gaps of both versions of the schema are put beside its tables. Ends with a
line for each check and "N passed, M failed"; the exit code is 1 when a check failed.
"""

import argparse
import datetime
import os
import re
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import checks

DOCS = os.path.join(os.path.dirname(__file__), "../../docs")
# sink, reason, count and unit; version 1 had neither pairs nor the column
GAPS = [(None, "queue_full", 5, "exchange"), ("parquet", "sink_failed", 40, "prediction"), ("parquet", "sink_failed", 52, "pair")]


def queries(guide):
    with open(f"{DOCS}/{guide}", encoding="utf-8") as file:
        return re.findall(r"^```sql\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    checks.run(Guide(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
