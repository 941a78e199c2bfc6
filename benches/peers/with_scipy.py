"""scipy, scikit-learn, and PSI as it is usually written with numpy."""

import numpy as np
import scipy
import sklearn
from scipy.stats import ks_2samp
from sklearn.metrics import roc_auc_score

import peer


def present(values):
    return values[~np.isnan(values)]


def ks(pairs):
    return {"ks": [ks_2samp(present(one), present(other)).statistic for one, other in pairs]}


def ks_of_one_column(pair):
    ks_2samp(*pair)


def psi(pairs):
    for reference, current in pairs:
        reference, current = present(reference), present(current)
        edges = np.unique(np.quantile(reference, np.linspace(0, 1, 11)))
        edges[0], edges[-1] = -np.inf, np.inf
        shares = [np.histogram(values, edges)[0] / len(values) for values in (reference, current)]
        p, q = (np.maximum(share, 1e-4) for share in shares)
        np.sum((q - p) * np.log(q / p))


def area(rows):
    return {"roc_auc": [roc_auc_score(*rows)]}


peer.main(
    {"scipy": scipy.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__},
    {
        "scipy: ks_2samp": (peer.Log.pairs, ks),
        "scipy: ks_2samp of one column": (lambda log: log.pairs()[0], ks_of_one_column),
        "numpy: PSI": (peer.Log.pairs, psi),
        "scikit-learn: roc_auc_score": (lambda log: (log.labels, log.scores), area),
    },
)
