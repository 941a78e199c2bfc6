"""Evaluates what the flights example has logged with DuckDB, scikit-learn, SciPy and NumPy, and compares its figures.

    python evaluate.py FIGURES ROOT DATA

FIGURES is the file of the example's --json, after a run over all rows with at least one --as-of. ROOT is its --out
folder, DATA its data folder. Nothing but Parquet is evaluated here: the predictions below ROOT, and labels.parquet and
reference.parquet of DATA. Ends with a line for each check and "N passed, M failed"; the exit code is 1 when a check
failed.
"""

import argparse
import collections
import concurrent.futures
import functools
import json
import os

import duckdb
import numpy as np
import pyarrow.parquet as pq
from scipy.stats import ks_2samp
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

import checks

NUMERIC = "score distance sched_hour day_of_week dep_delay temp humid wind_speed precip pressure visib".split()
# the categories in the log that the reference does not have
UNSEEN = {"carrier": [], "origin": [], "dest": "ABQ ACK ANC BGR CHO ILM LEX MVY SBN TVC".split()}
COLUMNS = NUMERIC + list(UNSEEN)
# day, ISO week, month; the last is that of the performance
GRAINS = ["%Y-%m-%d", "%G-W%V", "%Y-%m"]
FLOOR = 1e-4


def of_column(table, name):
    """The values of a column, and which of its rows have one."""
    column = table[name]
    return column.drop_null().to_numpy().astype(float if name in NUMERIC else str), column.is_valid().to_numpy()


def quantile_cuts(reference):
    """The smallest x with F(x) >= i/10, for i from 1 to 9: which they are, and how often each occurs."""
    ordered, n = np.sort(reference), len(reference)
    cuts = [ordered[-(-n * i // 10) - 1] for i in range(1, 10)]
    return np.unique(cuts, return_counts=True)


def numeric_bins(values, cuts, times):
    """Bin 2j is (previous cut, cut j], where cut j occurs once; else it is open, and bin 2j + 1 is {cut j}."""
    place = np.searchsorted(cuts, values, side="left")
    j = np.minimum(place, len(cuts) - 1)
    return 2 * place + ((cuts[j] == values) & (times[j] > 1))


def psi(reference, counts):
    """Of each row of counts: shares have a floor, are not made to sum up to 1, and bins empty in both do not count."""
    total = counts.sum(axis=1, keepdims=True)
    p = np.maximum(reference / reference.sum(), FLOOR)
    q = np.maximum(np.divide(counts, total, where=total > 0, out=np.full(counts.shape, np.nan)), FLOOR)
    return np.where((reference > 0) | (counts > 0), (q - p) * np.log(q / p), 0).sum(axis=1)


def ks_statistic(reference, sample):
    # the method is that of the p-value, which is not compared
    return ks_2samp(sample, reference, method="asymp").statistic if len(sample) else np.nan


def assert_close(found, expected, tolerance, names):
    """A figure that is undefined is null in the JSON, and not a number here."""
    found = np.array([np.nan if value is None else value for value in found], dtype=float)
    expected = np.array(expected, dtype=float)
    wrong = ~((np.abs(found - expected) <= tolerance) | (np.isnan(found) & np.isnan(expected)))
    [at] = np.nonzero(wrong)
    assert not len(at), f"{len(at)} of {len(found)}, first: " + ", ".join(
        f"{names[i]} is {found[i]}, not {expected[i]}" for i in at[:3])


class Evaluation:
    def __init__(self, figures, root, data):
        with open(figures, encoding="utf-8") as file:
            self.figures = json.load(file)
        features = ", ".join(f"feature_{name} AS {name}" for name in COLUMNS if name != "score")
        # a timestamp without a zone, in UTC: what strftime says does not depend on the machine's zone
        grains = ", ".join(f"strftime(make_timestamp(epoch_us(event_time)), '{grain}') AS grain{i}"
                           for i, grain in enumerate(GRAINS))
        self.db = duckdb.connect()
        self.db.execute(f"""
            CREATE TABLE logged AS SELECT entity_id, event_time, score, {features}, {grains}
                FROM read_parquet('{root}/predictions/**/*.parquet', hive_partitioning = true);
            CREATE TABLE labels AS FROM read_parquet('{os.path.join(data, "labels.parquet")}');
        """)
        self.logged = self.db.table("logged").to_arrow_table()
        self.reference = pq.read_table(os.path.join(data, "reference.parquet"), columns=COLUMNS)

        # a row belongs to a day, a week and a month: three rows of indices into the names of all periods
        names, self.periods = [], []
        for i in range(len(GRAINS)):
            unique, inverse = np.unique(self.logged[f"grain{i}"].to_numpy().astype(str), return_inverse=True)
            self.periods.append(inverse + len(names))
            names.extend(unique.tolist())
        self.periods, self.names = np.array(self.periods), names
        self.drift = {(row["period"], row["column"]): row for row in self.figures["drift"]}

    def known(self, until="infinity"):
        """The predictions up to an instant with the last label that had arrived by then, or none."""
        return self.db.sql(f"""
            SELECT grain2 AS month, score, label
            FROM logged LEFT JOIN (
                SELECT entity_id, label FROM labels WHERE label_timestamp <= '{until}'::TIMESTAMPTZ
                QUALIFY row_number() OVER (PARTITION BY entity_id ORDER BY label_timestamp DESC) = 1
            ) USING (entity_id)
            WHERE event_time <= '{until}'::TIMESTAMPTZ
        """)

    def labelled(self, until="infinity"):
        """By month, and over all: label and score of the predictions that have a label."""
        rows = self.known(until).filter("label IS NOT NULL").to_arrow_table()
        label, score, month = (rows[name].to_numpy() for name in ("label", "score", "month"))
        return {"all": (label, score)} | {name: (label[month == name], score[month == name]) for name in set(month)}

    def in_figures(self, column, figure):
        return [self.drift[period, column][figure] for period in self.names]

    def by_period(self, codes, valid, kinds):
        """How often each kind occurs in each period."""
        cells = (self.periods[:, valid] * kinds + codes).ravel()
        return np.bincount(cells, minlength=len(self.names) * kinds).reshape(len(self.names), kinds)

    def assert_figures(self, figure, column, expected, tolerance):
        names = [f"{figure} of {column} in {period}" for period in self.names]
        assert_close(self.in_figures(column, figure), expected, tolerance, names)

    @functools.cache
    def categories(self, column):
        """The union of categories, how often each is in the reference, and how often in each period."""
        reference, _ = of_column(self.reference, column)
        values, valid = of_column(self.logged, column)
        union, codes = np.unique(np.concatenate([reference, values]), return_inverse=True)
        before = np.bincount(codes[:len(reference)], minlength=len(union))
        return union, before, self.by_period(codes[len(reference):], valid, len(union))

    def check_every_period_has_every_column_once(self):
        found = collections.Counter((row["period"], row["column"]) for row in self.figures["drift"])
        expected = collections.Counter((period, column) for period in self.names for column in COLUMNS)
        assert found == expected, (found - expected, expected - found)

    def check_duckdb_joins_as_many_labels_by_month(self):
        found = [(row["month"], row["predictions"], row["labelled"]) for row in self.figures["months"]]
        expected = self.known().aggregate("month, count(*), count(label)").order("month").fetchall()
        assert found == expected, set(found) ^ set(expected)

    def check_duckdb_joins_as_many_labels_as_of_an_instant(self):
        assert self.figures["as_of"], "the run was not asked what it knew at an instant"
        for row in self.figures["as_of"]:
            [expected] = self.known(row["as_of"]).aggregate("count(*), count(label)").fetchall()
            assert (row["predictions"], row["labelled"]) == expected, (row, expected)

    def check_scikit_learn_measures_the_same_performance_by_month(self):
        labelled, months = self.labelled(), self.figures["months"]
        names = [row["month"] for row in months]
        for figure, measure in ("roc_auc", roc_auc_score), ("brier", brier_score_loss), ("log_loss", log_loss):
            expected = [measure(*labelled[name]) for name in names]
            assert_close([row[figure] for row in months], expected, 1e-9, [f"{figure} of {name}" for name in names])

    def check_scikit_learn_measures_the_same_performance_as_of_an_instant(self):
        names = [row["as_of"] for row in self.figures["as_of"]]
        expected = [roc_auc_score(*self.labelled(name)["all"]) for name in names]
        assert_close([row["roc_auc"] for row in self.figures["as_of"]], expected, 1e-9, names)

    def check_psi_of_numbers_by_its_definition(self):
        for column in NUMERIC:
            reference, _ = of_column(self.reference, column)
            values, valid = of_column(self.logged, column)
            cuts, times = quantile_cuts(reference)
            kinds = 2 * len(cuts) + 1
            before = np.bincount(numeric_bins(reference, cuts, times), minlength=kinds)
            counts = self.by_period(numeric_bins(values, cuts, times), valid, kinds)
            self.assert_figures("psi", column, psi(before, counts), 1e-9)

    def check_psi_of_categories_by_its_definition(self):
        for column in UNSEEN:
            _, before, counts = self.categories(column)
            self.assert_figures("psi", column, psi(before, counts), 1e-9)

    def check_scipy_has_the_same_kolmogorov_smirnov_statistic(self):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for column in NUMERIC:
                reference = np.sort(of_column(self.reference, column)[0])
                values, valid = of_column(self.logged, column)
                period = self.periods[:, valid].ravel()
                ends = np.cumsum(np.bincount(period, minlength=len(self.names)))[:-1]
                samples = np.split(np.tile(values, len(GRAINS))[np.argsort(period, kind="stable")], ends)
                statistics = pool.map(functools.partial(ks_statistic, reference), samples)
                self.assert_figures("ks", column, list(statistics), 1e-12)
        for column in UNSEEN:
            assert set(self.in_figures(column, "ks")) == {None}, column

    def check_rows_with_and_without_a_value(self):
        rows = self.by_period(0, np.full(self.logged.num_rows, True), 1)[:, 0]
        for column in COLUMNS:
            n = self.by_period(0, of_column(self.logged, column)[1], 1)[:, 0]
            self.assert_figures("n", column, n, 0)
            self.assert_figures("missing_rate", column, (rows - n) / rows, 0)

    def check_categories_that_the_reference_does_not_have(self):
        for column, known in UNSEEN.items():
            union, before, counts = self.categories(column)
            assert union[before == 0].tolist() == known, (column, union[before == 0])
            self.assert_figures("unseen_rows", column, counts[:, before == 0].sum(axis=1), 0)
        for column in NUMERIC:
            assert set(self.in_figures(column, "unseen_rows")) == {0}, column
        notes = self.figures["notes"]
        assert any(note.endswith(", ".join(UNSEEN["dest"])) for note in notes), notes

    def check_what_a_reader_must_be_able_to_conclude(self):
        auc = {row["month"]: row["roc_auc"] for row in self.figures["months"]}
        assert auc["2013-03"] > 0.92 and auc["2013-04"] < 0.89, "in April the model was worse"
        assert self.drift["2013-03", "score"]["verdict"] == "stable", "its first month is like the reference"
        assert self.drift["2013-07", "temp"]["verdict"] == "drift", "July is not like January and February"
        assert self.drift["2013-10", "score"]["verdict"] == "drift", "another model gives other scores"
        assert self.drift["2013-07", "dest"]["unseen_rows"] > 100, "in summer there are other destinations"
        for key, row in self.drift.items():
            if row["n"] == 0:
                expected = {"psi": None, "psi_expected": None, "ks": None}
                assert expected.items() <= row.items(), f"without a value there is nothing to say of {key}: {row}"
                assert row["verdict"] == ("drift" if row["missing_verdict"] == "drift" else "undefined"), (key, row)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in "figures", "root", "data":
        parser.add_argument(name)
    checks.run(Evaluation(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
