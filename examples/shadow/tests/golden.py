"""What scipy, scikit-learn and numpy find in the pairs of the example.

    python3 golden.py ../data/champion_challenger.parquet ../../flights/data/labels.parquet > golden.json

Written with numpy 2.4, scipy 1.17, scikit-learn 1.9 and pyarrow; the calls are below. PSI and DeLong's variance are in
neither, and written out here: by their definitions, not by a copy of ours.
"""

import json
import sys

import numpy as np
import pyarrow.parquet as pq
from scipy import stats
from sklearn import metrics

pairs_file, labels_file = sys.argv[1:3]
table = pq.read_table(pairs_file)
column = {name: np.array(table[name].to_pylist(), dtype=object) for name in ("entity_id",)}
for name in table.column_names:
    if name.endswith(("score", "prediction", "latency_ms")):
        column[name] = table[name].to_numpy().astype(float)

paired = ~np.isnan(column["challenger_score"])
ours = {name: values[paired] for name, values in column.items()}
champion, challenger = ours["champion_score"], ours["challenger_score"]
decisions = ours["champion_prediction"], ours["challenger_prediction"]
timed_out = 250.0


def inverted_cdf(values, weights, share):
    """The least value x with F(x) >= share."""
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    return values[order][np.argmax(cumulative / cumulative[-1] >= share)]


def psi(reference, current, w_reference=None, w_current=None):
    """psi_quantile_atoms: cuts at the deciles of the reference by the inverted CDF, none of which occurs twice here;
    (previous, cut], the last bin open; shares of at least 1e-4, not normalised again."""
    ones = np.ones_like(reference), np.ones_like(current)
    w_reference = ones[0] if w_reference is None else w_reference
    w_current = ones[1] if w_current is None else w_current
    cuts = np.array([inverted_cdf(reference, w_reference, i / 10) for i in range(1, 10)])
    assert len(np.unique(cuts)) == len(cuts)
    shares = []
    for values, weights in ((reference, w_reference), (current, w_current)):
        counts = np.bincount(np.searchsorted(cuts, values, side="left"), weights, minlength=10)
        shares.append(np.maximum(counts / counts.sum(), 1e-4))
    p, q = shares
    return float(np.sum((q - p) * np.log(q / p)))


def weighted_ks(one, other, weights):
    grid = np.unique(np.concatenate([one, other]))

    def cdf(values):
        order = np.argsort(values)
        cumulative = np.concatenate([[0.0], np.cumsum(weights[order])])
        return cumulative[np.searchsorted(values[order], grid, side="right")] / cumulative[-1]

    return float(np.max(np.abs(cdf(one) - cdf(other))))


def weighted_pearson(x, y, w):
    covariance = np.cov(x, y, aweights=w)
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def weighted_midranks(x, w):
    values, inverse = np.unique(x, return_inverse=True)
    here = np.bincount(inverse, w, minlength=len(values))
    return (np.cumsum(here) - here / 2)[inverse]


def latency(values):
    p50, p95, p99 = np.quantile(values, [0.5, 0.95, 0.99], method="linear")
    return {"mean": float(np.mean(values)), "p50": float(p50), "p95": float(p95), "p99": float(p99)}


def delong(labels, one, other):
    """DeLong, DeLong & Clarke-Pearson (1988) by placements: mid-ranks among all, less those in the class."""
    positive, negative = labels == 1, labels == 0
    m, n = positive.sum(), negative.sum()
    above, below, areas = [], [], []
    for scores in (one, other):
        ranks = stats.rankdata(scores)
        above.append((ranks[positive] - stats.rankdata(scores[positive])) / n)
        below.append(1 - (ranks[negative] - stats.rankdata(scores[negative])) / m)
        areas.append(metrics.roc_auc_score(labels, scores))
    difference = areas[1] - areas[0]
    variance = np.var(above[1] - above[0], ddof=1) / m + np.var(below[1] - below[0], ddof=1) / n
    z = difference / np.sqrt(variance)
    return {
        "champion_roc_auc": areas[0],
        "challenger_roc_auc": areas[1],
        "roc_auc_difference": difference,
        "standard_error": float(np.sqrt(variance)),
        "p_value": float(2 * stats.norm.sf(abs(z))),
    }


def by_label():
    labels = pq.read_table(labels_file).to_pandas()
    labels = labels.sort_values("label_timestamp", kind="stable").groupby("entity_id").last()["label"]
    truth = np.array([labels.get(entity, np.nan) for entity in ours["entity_id"]], dtype=float)
    known = ~np.isnan(truth)
    truth, one, other = truth[known], champion[known], challenger[known]
    right = [decision[known] == truth for decision in decisions]
    b, c = int(np.sum(right[0] & ~right[1])), int(np.sum(~right[0] & right[1]))
    clip = np.finfo(float).eps
    losses = [-np.log(np.clip(np.where(truth == 1, s, 1 - s), clip, 1 - clip)) for s in (one, other)]

    def bins(scores):
        """Ten bins (a, b], 0 in the first."""
        place = np.clip(np.searchsorted(np.linspace(0, 1, 11), scores, side="left") - 1, 0, 9)
        sums = [np.bincount(place, weights, minlength=10) for weights in (scores, truth)]
        return float(np.sum(np.abs(sums[0] - sums[1])) / len(scores))

    flipped = decisions[0][known] != decisions[1][known]
    return {
        "labelled": int(known.sum()),
        "without_label": int((~known).sum()),
        "positives": int(truth.sum()),
        "delong": delong(truth, one, other),
        "mcnemar": {
            "only_champion": b,
            "only_challenger": c,
            "p_exact": float(stats.binomtest(min(b, c), b + c, 0.5).pvalue),
            "p_mid": float(2 * stats.binom.cdf(min(b, c) - 1, b + c, 0.5) + stats.binom.pmf(min(b, c), b + c, 0.5)),
        },
        "accuracy_difference": float(np.mean(right[1]) - np.mean(right[0])),
        "champion_brier": metrics.brier_score_loss(truth, one),
        "challenger_brier": metrics.brier_score_loss(truth, other),
        "brier_difference": float(np.mean((other - truth) ** 2 - (one - truth) ** 2)),
        "brier_difference_error": float(stats.sem((other - truth) ** 2 - (one - truth) ** 2)),
        "champion_log_loss": metrics.log_loss(truth, one),
        "challenger_log_loss": metrics.log_loss(truth, other),
        "log_loss_difference": float(np.mean(losses[1] - losses[0])),
        "log_loss_difference_error": float(stats.sem(losses[1] - losses[0])),
        "bias_difference": float(np.mean(other - one)),
        "champion_calibration_error": bins(one),
        "challenger_calibration_error": bins(other),
        "calibration_error_difference": bins(other) - bins(one),
        "champion_right_on_disagreements": float(np.mean(right[0][flipped])),
        "challenger_right_on_disagreements": float(np.mean(right[1][flipped])),
    }


def weighted_by_coverage():
    """The pairs of each decile of the champion's score, over all requests, stand for all requests of it."""
    scores = column["champion_score"]
    cuts = [inverted_cdf(scores, np.ones_like(scores), i / 10) for i in range(1, 10)]
    stratum = np.searchsorted(cuts, scores, side="left")
    factor = np.bincount(stratum, minlength=10) / np.bincount(stratum[paired], minlength=10)
    w = factor[stratum[paired]]
    return {
        "largest_factor": float(factor.max()),
        "effective_size": float(w.sum() ** 2 / (w**2).sum()),
        "agreement_rate": metrics.accuracy_score(*decisions, sample_weight=w),
        "cohen_kappa": metrics.cohen_kappa_score(*decisions, sample_weight=w),
        "pearson": weighted_pearson(champion, challenger, w),
        "spearman": weighted_pearson(weighted_midranks(champion, w), weighted_midranks(challenger, w), w),
        "ks": weighted_ks(champion, challenger, w),
        "psi": psi(champion, challenger, w, w),
        "wasserstein": stats.wasserstein_distance(champion, challenger, w, w),
        "score_distance": float(np.average(np.abs(challenger - champion), weights=w)),
    }


def judged():
    """All requests: timeouts count as 250 ms at least, so that each stands for itself."""
    waited = np.where(paired, column["challenger_latency_ms"], np.maximum(column["challenger_latency_ms"], timed_out))
    return {
        "champion_latency_ms": latency(column["champion_latency_ms"]),
        "challenger_latency_ms": latency(waited),
        "challenger_p99_5_ms": {
            "all": float(np.quantile(waited, 0.995)),
            "pairs": float(np.quantile(ours["challenger_latency_ms"], 0.995)),
        },
        "difference_of_means": float(np.mean(waited - column["champion_latency_ms"])),
    }


flips = {
    f"{a} {b}": int(np.sum((decisions[0] == a) & (decisions[1] == b))) for a in (0, 1) for b in (0, 1)
}
print(
    json.dumps(
        {
            "pairs": int(paired.sum()),
            "unpaired": int((~paired).sum()),
            "agreement_rate": metrics.accuracy_score(*decisions),
            "cohen_kappa": metrics.cohen_kappa_score(*decisions),
            "flips": flips,
            "pearson": float(stats.pearsonr(champion, challenger).statistic),
            "spearman": float(stats.spearmanr(champion, challenger).statistic),
            "score_distance": metrics.mean_absolute_error(champion, challenger),
            "ks": float(stats.ks_2samp(champion, challenger, method="asymp").statistic),
            "psi": psi(champion, challenger),
            "wasserstein": stats.wasserstein_distance(champion, challenger),
            "champion_latency_ms": latency(ours["champion_latency_ms"]),
            "challenger_latency_ms": latency(ours["challenger_latency_ms"]),
            "labels": by_label(),
            "weighted_by_coverage": weighted_by_coverage(),
            "judged": judged(),
        },
        indent=2,
    )
)
