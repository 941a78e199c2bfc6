"""Reads what the sampling example has left with pyarrow, DuckDB and scikit-learn, and checks that its rows are those that its
key keeps, that the weights in them undo what the rules did, and that its profiles are of all flights.

    cargo run --release -p example-sampling -- --rate 0.1 --seed 1 --policy tails --out ROOT
    python sampling.py ROOT DATA --rate 0.1 --seed 1

DATA is the data folder of the example of flights. Nothing of ours is run here but the dozen lines of Python that the
documentation of the crate tiltmeter-sample shows. Ends with a line for each check and "N passed, M failed"; the exit code
is 1 when a check failed.
"""

import argparse
import os
import runpy

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from sklearn.metrics import roc_auc_score

import checks

SIPHASH = os.path.join(os.path.dirname(__file__), "../../crates/tiltmeter-sample/src/siphash24.py")
# the policy `tails` keeps what is outside of these
LOW, HIGH = 0.05, 0.95
BUCKETS = 20
# rates are made anew once a day
INTERVAL_MS = 24 * 60 * 60 * 1000
# a month with fewer rows has no figures
LEAST = 500
PROFILE_KEY = ("writer_id", "window_start", "window_width", "sequence", "baseline_id", "role", "model_version", "segment",
               "segment_value", "column")


def floats(table, name):
    return table[name].to_numpy().astype(float)


class Sampled:
    def __init__(self, root, data, rate, seed):
        self.root, self.rate = root, rate
        read = runpy.run_path(SIPHASH)
        # the key of a seed, as in examples/sampling/src/policies.rs
        key = seed.to_bytes(8, "little") * 2
        recorded = pq.read_table(os.path.join(data, "predictions.parquet"))
        self.score = floats(recorded, "score")
        is_tail = (self.score > HIGH) | (self.score < LOW)
        self.probability = np.where(is_tail, 1.0, rate)
        ids = recorded["request_id"].to_pylist()
        self.is_kept = np.array([read["is_kept"](key, id, p) for id, p in zip(ids, self.probability)])
        self.recorded = recorded

        rows = ds.dataset(f"{root}/predictions", format="parquet", partitioning="hive").to_table().sort_by("request_id")
        self.rows = rows
        # the record is in the order of time, which is that of the ids
        assert ids == sorted(ids)
        self.places = np.searchsorted(np.array(ids), rows["request_id"].to_numpy().astype(str))

        self.profiles = ds.dataset(f"{root}/profiles", format="parquet", partitioning="hive").to_table()
        labels = pq.read_table(os.path.join(data, "labels.parquet")).sort_by("label_timestamp")
        label = dict(zip(labels["entity_id"].to_pylist(), labels["label"].to_pylist()))
        self.label = np.array([label.get(entity, np.nan) for entity in recorded["entity_id"].to_pylist()], dtype=float)
        self.month = pc.strftime(recorded["timestamp"], format="%Y-%m").to_numpy().astype(str)

    def cells(self, column):
        """Of all profiles of the champion over all segments: those of a column, or with None those of the counts."""
        field = ds.field
        of_column = field("column").is_null() if column is None else field("column") == column
        return self.profiles.filter((field("role") == "champion") & field("segment").is_null() & of_column)

    def months(self):
        names, counts = np.unique(self.month, return_counts=True)
        return names[counts >= LEAST]

    def auc(self, month, places, weights=None):
        """Over the rows at `places`, of those of the month that have a label."""
        is_used = (self.month[places] == month) & ~np.isnan(self.label[places])
        used = places[is_used]
        return roc_auc_score(self.label[used], self.score[used], sample_weight=None if weights is None else weights[is_used])

    def aucs(self):
        """By month: of all rows, of those that were kept with weights, and of these without."""
        weights = 1 / floats(self.rows, "inclusion_probability")
        everything = np.arange(len(self.score))
        return np.array([
            (self.auc(month, everything), self.auc(month, self.places, weights), self.auc(month, self.places))
            for month in self.months()
        ]).T

    def check_kept_rows_are_those_that_the_hash_and_the_rule_keep(self):
        expected = self.recorded["request_id"].filter(pa.array(self.is_kept)).combine_chunks()
        assert self.rows["request_id"].combine_chunks().equals(expected), (self.rows.num_rows, len(expected))
        # the example would show nothing if there were none of either
        assert 0 < np.count_nonzero(self.probability[self.is_kept] < 1) < self.rows.num_rows < len(self.score)

    def check_each_row_has_its_probability(self):
        assert np.array_equal(floats(self.rows, "inclusion_probability"), self.probability[self.places])

    def check_scores_and_features_of_kept_rows_are_those_of_the_record(self):
        assert np.array_equal(floats(self.rows, "score"), self.score[self.places])
        recorded = self.recorded.take(pa.array(self.places))
        for theirs, ours in {"dep_delay": "feature_dep_delay", "carrier": "feature_carrier", "entity_id": "entity_id"}.items():
            column = recorded[theirs].cast(self.rows[ours].type)
            assert column.combine_chunks().equals(self.rows[ours].combine_chunks()), theirs

    def check_strata_are_the_bucket_of_the_score_and_the_version(self):
        """A version has strata of its own from the interval on after the one that it was first seen in."""
        times = self.recorded["timestamp"].cast("int64").to_numpy() // 1000
        interval = (times - times[0]) * 1000 // INTERVAL_MS
        version = self.recorded["model_version"].to_numpy().astype(str)
        first = {name: interval[version == name].min() for name in np.unique(version)}
        assert len(first) == 2, first
        bucket = np.minimum((self.score * BUCKETS).astype(int), BUCKETS - 1)
        expected = [
            f"b{bucket[at]:02}|{version[at] if interval[at] > first[version[at]] else '*'}" for at in self.places
        ]
        found = self.rows["stratum"].to_pylist()
        different = [pair for pair in zip(found, expected) if pair[0] != pair[1]]
        assert not different, f"{len(different)}, first: {different[:3]}"

    def check_the_sum_of_weights_estimates_the_number_of_flights(self):
        p = floats(self.rows, "inclusion_probability")
        error = np.sqrt(np.sum((1 - p) / p**2))
        estimate = np.sum(1 / p)
        assert 0 < error and abs(estimate - len(self.score)) < 4 * error, (estimate, error)

    def check_auc_by_month_is_that_of_all_rows_with_weights(self):
        full, weighted, _ = self.aucs()
        assert len(full) >= 10 and np.max(np.abs(weighted - full)) < 0.01, weighted - full

    def check_auc_by_month_is_another_one_without(self):
        full, weighted, unweighted = self.aucs()
        # in every month to the same side, and by far
        assert np.min(unweighted - full) > 0.02, unweighted - full
        assert np.mean(np.abs(weighted - full)) < 0.1 * np.mean(unweighted - full), (weighted - full, unweighted - full)

    def check_profiles_count_every_flight_once(self):
        counts = self.cells(None)
        assert set(counts["window_width"].to_pylist()) == {"day"}
        assert pc.sum(counts["predictions"]).as_py() == len(self.score)
        days = pa.table({"day": pc.strftime(self.recorded["timestamp"], format="%Y-%m-%d")}).group_by("day").aggregate([([], "count_all")])
        found = counts.append_column("day", pc.strftime(counts["window_start"], format="%Y-%m-%d"))
        found = found.group_by("day").aggregate([("predictions", "sum")])
        assert dict(zip(found["day"].to_pylist(), found["predictions_sum"].to_pylist())) \
            == dict(zip(days["day"].to_pylist(), days["count_all"].to_pylist()))

    def check_segments_of_profiles_add_up_to_all_flights(self):
        for segment in ("carrier", "origin"):
            cells = self.profiles.filter((ds.field("segment") == segment) & ds.field("column").is_null())
            found = cells.group_by("segment_value").aggregate([("predictions", "sum")])
            counts = self.recorded.group_by(segment).aggregate([([], "count_all")])
            assert dict(zip(found["segment_value"].to_pylist(), found["predictions_sum"].to_pylist())) \
                == dict(zip(counts[segment].to_pylist(), counts["count_all"].to_pylist())), segment

    def check_bins_of_the_score_hold_every_score(self):
        cells = self.cells("score")
        assert pc.sum(cells["present"]).as_py() == len(self.score) - np.count_nonzero(np.isnan(self.score))
        bins = np.sum(np.array(cells["bin_counts"].to_pylist(), dtype=float), axis=0)
        assert len(bins) == 10 and np.all(bins > 0), bins
        assert bins.sum() == np.count_nonzero(~np.isnan(self.score)), bins.sum()

    def check_means_ranges_and_missing_values_of_profiles_are_those_of_all_flights(self):
        for name in ("score", "dep_delay", "temp", "pressure", "distance"):
            cells, values = self.cells(name), floats(self.recorded, name)
            values = values[~np.isnan(values)]
            present = floats(cells, "present")
            has_some = present > 0
            mean = np.sum((floats(cells, "mean") * present)[has_some]) / np.sum(present)
            assert abs(mean - np.mean(values)) <= 1e-9 * abs(np.mean(values)), (name, mean, np.mean(values))
            assert np.sum(present) == len(values), name
            assert pc.sum(cells["missing"]).as_py() == len(self.score) - len(values), name
            assert (pc.min(cells["min"]).as_py(), pc.max(cells["max"]).as_py()) == (values.min(), values.max()), name

    def check_no_delta_of_a_profile_is_there_twice(self):
        keys = self.profiles.group_by(list(PROFILE_KEY)).aggregate([([], "count_all")])
        assert keys.num_rows == self.profiles.num_rows > 0, (keys.num_rows, self.profiles.num_rows)
        # sequences alone tell the deltas of a writer apart
        keys = [name for name in PROFILE_KEY if name not in ("window_start", "window_width", "baseline_id")]
        keys = self.profiles.group_by(keys).aggregate([([], "count_all")])
        assert keys.num_rows == self.profiles.num_rows, (keys.num_rows, self.profiles.num_rows)

    def check_the_books_say_how_many_rows_were_left_out(self):
        beats = ds.dataset(f"{self.root}/heartbeats", format="parquet", partitioning="hive").to_table()
        [last] = beats.filter(ds.field("is_last")).to_pylist()
        kept = self.rows.num_rows
        found = [last[f"predictions_{count}"] for count in ("decoded", "written", "sampled_out", "dropped", "abandoned")]
        assert found == [len(self.score), kept, len(self.score) - kept, 0, 0], found

    def check_duckdb_reads_both_folders(self):
        [(rows, days, model, estimate, strata)] = duckdb.sql(f"""
            SELECT count(*), min(typeof(date)), min(model_name), sum(1 / inclusion_probability), count(DISTINCT stratum)
            FROM read_parquet('{self.root}/predictions/**/*.parquet', hive_partitioning = true)
        """).fetchall()
        assert (rows, days, model) == (self.rows.num_rows, "DATE", "flight-delay") and strata >= BUCKETS, (rows, days, model)
        assert abs(estimate - np.sum(1 / floats(self.rows, "inclusion_probability"))) < 1e-6 * estimate, estimate
        [(rows, predictions)] = duckdb.sql(f"""
            SELECT count(*), sum(predictions) FILTER (role = 'champion' AND segment IS NULL AND "column" IS NULL)
            FROM read_parquet('{self.root}/profiles/**/*.parquet', hive_partitioning = true)
        """).fetchall()
        assert (rows, predictions) == (self.profiles.num_rows, len(self.score)), (rows, predictions)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("data")
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    checks.run(Sampled(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
