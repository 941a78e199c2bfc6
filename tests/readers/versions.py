"""Reads files of all versions of the schema as one table, with pyarrow and DuckDB, which nobody here wrote.

    cargo test -p tiltmeter-store --test store versions
    python versions.py target/tmp/versions

The test leaves three rows of version 1, three of version 2 and two of version 3 there; the feature age has got a column of
another name after the first. Ends with a line for each check and "N passed, M failed"; the exit code is 1 when a check failed.
"""

import argparse
import json
import os

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

import checks

SCHEMAS = os.path.join(os.path.dirname(__file__), "../../docs/schema")
PROBABILITIES = [None] * 3 + [[("no", 0.75), ("yes", 0.25)]] * 2 + [None] + [[("no", 0.75), ("yes", 0.25)]] * 2
RANKING = [None] * 3 + [[{"item": "call", "score": 0.5}, {"item": "mail", "score": None}]] * 2 + [[]]
RANKING += RANKING[3:5]
TEXTS = [None] * 3 + ["text 3", "text 4", None, "text 6", "text 7"]
SEGMENTS = [None] * 3 + [[("channel", "web")]] * 2 + [None] + [[("channel", "web")]] * 2
AGES = [0.5, 1.5, 2.5] + [None] * 5
AGE_YEARS = [None] * 3 + [33, 34, 35, 36, 37]
VERSIONS = [1] * 3 + [2] * 3 + [3] * 2
# a row that is earlier has none, and was kept for certain
INCLUSION = {
    "inclusion_probability": [None] * 6 + [0.25, 1.0], "stratum": [None] * 6 + ["b00|v2", None],
    "size_class": [None] * 6 + ["up_to_1_kib", None], "priority": [None] * 6 + ["normal", None],
}


class Versions:
    def __init__(self, root):
        self.glob = f"{root}/predictions/**/*.parquet"
        self.files = sorted(ds.dataset(f"{root}/predictions", format="parquet").files)
        schema = pa.unify_schemas([pq.read_schema(file).remove_metadata() for file in self.files])
        self.table = ds.dataset(self.files, format="parquet", schema=schema).to_table().sort_by("sequence")

    def check_pyarrow_reads_one_table(self):
        found = {name: self.table[name].to_pylist() for name in self.table.column_names}
        assert found["sequence"] == list(range(8)) and found["schema_version"] == VERSIONS, found["schema_version"]
        assert found["class_probabilities"] == PROBABILITIES, found["class_probabilities"]
        assert found["ranking"] == RANKING, found["ranking"]
        assert found["generated_text"] == TEXTS, found["generated_text"]
        assert found["segments"] == SEGMENTS, found["segments"]
        assert (found["feature_age"], found["feature_age_years"]) == (AGES, AGE_YEARS)
        assert {name: found[name] for name in INCLUSION} == INCLUSION

    def check_duckdb_reads_one_table(self):
        rows = duckdb.sql(f"""
            SELECT schema_version, class_probabilities, ranking, generated_text, segments, feature_age, feature_age_years,
                class_probabilities['yes'], ranking[1].item, segments['channel'], date, model_name, inclusion_probability, stratum
            FROM read_parquet('{self.glob}', hive_partitioning = true, union_by_name = true) ORDER BY sequence
        """).fetchall()
        columns = list(zip(*rows))
        as_map = [value and dict(value) for value in PROBABILITIES]
        assert list(columns[0]) == VERSIONS
        assert list(columns[1]) == as_map, columns[1]
        assert list(columns[2]) == RANKING, columns[2]
        assert list(columns[3]) == TEXTS
        assert list(columns[4]) == [value and dict(value) for value in SEGMENTS], columns[4]
        assert (list(columns[5]), list(columns[6])) == (AGES, AGE_YEARS)
        assert list(columns[7]) == [None] * 3 + [0.25] * 2 + [None] + [0.25] * 2, columns[7]
        assert list(columns[8]) == [None] * 3 + ["call"] * 2 + [None] + ["call"] * 2, columns[8]
        assert list(columns[9]) == [None] * 3 + ["web"] * 2 + [None] + ["web"] * 2, columns[9]
        assert {str(day) for day in columns[10]} == {"2026-01-01"} and set(columns[11]) == {"churn"}
        assert [list(columns[12]), list(columns[13])] == [INCLUSION["inclusion_probability"], INCLUSION["stratum"]]

    def check_files_have_the_columns_that_are_published(self):
        for file, version in zip(self.files, (1, 2, 3), strict=True):
            with open(f"{SCHEMAS}/prediction.v{version}.arrow.json", encoding="utf-8") as published:
                fields = json.load(published)["schema"]["fields"]
            schema = pq.read_schema(file)
            own = [field for field in schema if not field.name.startswith("feature_")]
            assert [field["name"] for field in fields] == [field.name for field in own], file
            # a required column of the table is nullable in a file that the test has cut columns from
            nullable = {field["name"] for field in fields if field["nullable"]}
            assert nullable <= {field.name for field in own if field.nullable}, file
            assert schema.metadata[b"tiltmeter.schema_version"] == str(version).encode(), file

    def check_maps_and_lists_have_the_names_of_the_format(self):
        paths = {pq.ParquetFile(self.files[1]).schema.column(i).path
                 for i in range(len(pq.ParquetFile(self.files[1]).schema))}
        expected = {"class_probabilities.key_value.key", "class_probabilities.key_value.value",
                    "ranking.list.element.item", "ranking.list.element.score",
                    "segments.key_value.key", "segments.key_value.value"}
        assert expected <= paths, expected - paths


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    checks.run(Versions(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
