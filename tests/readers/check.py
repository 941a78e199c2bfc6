"""Reads what the flights example has logged with pyarrow and DuckDB, which nobody here wrote, and compares it with the record.

    python check.py ROOT RECORDED [--rows N]

ROOT is the example's --out folder, RECORDED its data/predictions.parquet. Ends with a line for each check and
"N passed, M failed"; the exit code is 1 when a check failed.
"""

import argparse

import duckdb
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

import checks

FEATURES = {
    "carrier": "string", "origin": "string", "dest": "string", "distance": "double", "sched_hour": "int64",
    "day_of_week": "int64", "dep_delay": "double", "temp": "double", "humid": "double", "wind_speed": "double",
    "precip": "double", "pressure": "double", "visib": "double",
}
OWN = {
    "prediction_id": "string", "request_id": "string", "instance_index": "int32", "writer_id": "string",
    "sequence": "int64", "entity_id": "string", "model_version": "string",
    "event_time": "timestamp[us, tz=UTC]", "observed_at": "timestamp[us, tz=UTC]", "prediction": "bool",
    "score": "double", "confidence": "double", "latency_ms": "double", "serving_node": "string",
    "endpoint": "string", "status": "int16", "error_type": "string", "raw_input": "string", "rescued": "string",
    "schema_version": "int32", "class_probabilities": "map<string, double ('class_probabilities')>",
    "ranking": "list<element: struct<item: string not null, score: double> not null>", "generated_text": "string",
    "segments": "map<string, string ('segments')>", "inclusion_probability": "double", "stratum": "string",
    "size_class": "string", "priority": "string",
}


class Run:
    def __init__(self, root, recorded, rows):
        table = f"{root}/predictions"
        self.glob = f"{table}/**/*.parquet"
        self.recorded_path = recorded
        self.logged = ds.dataset(table, format="parquet", partitioning="hive").to_table()
        self.recorded = pq.read_table(recorded).slice(0, rows)
        self.rows = self.recorded.num_rows

    def by_request(self):
        return self.logged.sort_by("request_id"), self.recorded.sort_by("request_id")

    def check_pyarrow_reads_one_dataset(self):
        assert self.logged.num_rows == self.rows, (self.logged.num_rows, self.rows)
        types = {field.name: str(field.type) for field in self.logged.schema}
        expected = OWN | {f"feature_{name}": kind for name, kind in FEATURES.items()}
        found = {name: kind for name, kind in types.items() if name not in ("model_name", "date")}
        assert found == expected, set(found.items()) ^ set(expected.items())
        assert set(self.logged["model_name"].unique().to_pylist()) == {"flight-delay"}

    def check_partition_is_the_date_of_the_event(self):
        dates = pc.strftime(self.logged["event_time"], format="%Y-%m-%d")
        assert pc.all(pc.equal(dates, self.logged["date"].cast("string"))).as_py()

    def check_partition_columns_are_not_inside_the_files(self):
        for file in ds.dataset(self.glob.split("/**")[0], format="parquet").files[:20]:
            assert not {"model_name", "date"} & set(pq.read_schema(file).names), file

    def check_scores_equal_the_record_on_every_row(self):
        logged, recorded = self.by_request()
        assert logged["request_id"].equals(recorded["request_id"])
        different = pc.sum(pc.not_equal(logged["score"], recorded["score"])).as_py()
        assert different == 0, f"{different} scores differ"
        assert logged["score"].null_count == 0
        assert logged["prediction"].cast("int64").equals(recorded["prediction"])

    def check_every_other_recorded_column_is_equal(self):
        logged, recorded = self.by_request()
        pairs = {"entity_id": "entity_id", "model_version": "model_version", "timestamp": "event_time"}
        pairs |= {name: f"feature_{name}" for name in FEATURES}
        for theirs, ours in pairs.items():
            column = recorded[theirs].cast(logged[ours].type)
            assert column.combine_chunks().equals(logged[ours].combine_chunks()), theirs

    def check_keys_are_unique_and_without_holes(self):
        keys = self.logged.group_by("writer_id").aggregate([("sequence", "count_distinct"), ("sequence", "max")])
        assert keys["sequence_count_distinct"].to_pylist() == [self.rows]
        assert keys["sequence_max"].to_pylist() == [self.rows - 1]
        assert pc.count_distinct(self.logged["prediction_id"]).as_py() == self.rows
        assert pc.all(pc.equal(self.logged["status"], 200)).as_py()
        assert self.logged["error_type"].null_count == self.rows
        assert self.logged["rescued"].null_count == self.rows
        assert pc.min(self.logged["latency_ms"]).as_py() > 0

    def check_duckdb_reads_one_table_with_its_partitions(self):
        [row] = duckdb.sql(f"""
            SELECT count(*), count(DISTINCT date), min(typeof(date)), min(model_name), count(DISTINCT request_id)
            FROM read_parquet('{self.glob}', hive_partitioning = true)
        """).fetchall()
        days = len(set(pc.strftime(self.logged["event_time"], format="%Y-%m-%d").to_pylist()))
        assert row == (self.rows, days, "DATE", "flight-delay", self.rows), row

    def check_duckdb_joins_the_record_and_finds_no_difference(self):
        [(joined, different)] = duckdb.sql(f"""
            SELECT count(*), count(*) FILTER (l.score != r.score OR l.event_time != r.timestamp
                OR l.feature_dep_delay IS DISTINCT FROM r.dep_delay OR l.feature_pressure IS DISTINCT FROM r.pressure)
            FROM read_parquet('{self.glob}', hive_partitioning = true) l
            JOIN '{self.recorded_path}' r USING (request_id)
        """).fetchall()
        assert (joined, different) == (self.rows, 0), (joined, different)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("recorded")
    parser.add_argument("--rows", type=int, default=None)
    checks.run(Run(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
