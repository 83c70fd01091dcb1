"""Figures of optbinning, scikit-learn and toad on the tests' column (made_up below and in figures.test.ts), as recorded in
figures.json. Needs: pip install optbinning scikit-learn toad (1.0.0, 1.9.1, 0.1.7)."""
import json
import numpy as np
from optbinning import OptimalBinning
from sklearn.metrics import roc_curve
from sklearn.preprocessing import KBinsDiscretizer
from sklearn.tree import DecisionTreeClassifier
from toad.merge import ChiMerge

RATES = [0.05, 0.08, 0.2, 0.12, 0.3, 0.25, 0.4, 0.6, 0.5, 0.35]


def made_up():
    rows = np.arange(2000)
    x = (rows * 7919) % 2003
    y = ((rows * 104729) % 10007) / 10007 < np.array(RATES)[np.minimum(9, x // 201)]
    return x.astype(float), y.astype(int)


x, y = made_up()
bins = KBinsDiscretizer(n_bins=20, encode="ordinal", strategy="quantile", quantile_method="linear").fit(x.reshape(-1, 1))
edges = bins.bin_edges_[0][1:-1]
codes = bins.transform(x.reshape(-1, 1))[:, 0].astype(int)
out = dict(fine=dict(edges=edges, rows=np.bincount(codes), ones=np.bincount(codes, weights=y)))

fixed = OptimalBinning(user_splits=edges, user_splits_fixed=[True] * len(edges), monotonic_trend=None, min_prebin_size=0.01).fit(x, y)
table = fixed.binning_table
frame = table.build()
table.analysis(print_output=False)
woe = np.array([float(v) for v in frame["WoE"][:20]])
# optbinning's own KS takes bins along the column, not along the score.
zeros, ones, _ = roc_curve(y, -woe[codes])
out["evidence"] = dict(woe=woe, iv=[table.iv], ks=[np.max(ones - zeros)], gini=[table.gini])

# Each merge by the code of the first fine bin of each part.
parts = lambda splits: np.concatenate([[0], np.searchsorted(edges, splits, side="left") + 1])
for trend in [None, "ascending", "descending", "peak", "valley"]:
    optimal = OptimalBinning(user_splits=edges, monotonic_trend=trend, max_n_bins=5, min_bin_size=0.05,
                             min_bin_n_event=5, min_bin_n_nonevent=5, min_prebin_size=0.01, max_n_prebins=20).fit(x, y)
    optimal.binning_table.build()
    out[f"optimal-{trend or 'none'}"] = dict(starts=parts(optimal.splits), iv=[optimal.binning_table.iv])
for criterion in ["entropy", "gini"]:
    tree = DecisionTreeClassifier(criterion=criterion, max_leaf_nodes=5, min_samples_leaf=100, random_state=0).fit(codes.reshape(-1, 1), y)
    cuts = sorted(t for t, f in zip(tree.tree_.threshold, tree.tree_.feature) if f >= 0)
    out[f"tree-{criterion}"] = dict(starts=[0] + [int(np.ceil(c)) for c in cuts])
out["chi-merge"] = dict(starts=np.concatenate([[0], ChiMerge(codes.astype(float), y.astype(float), n_bins=5, balance=False)]))
number = lambda n: int(n) if float(n).is_integer() else float(f"{n:.9g}")
rounded = lambda v: v if isinstance(v, str) else [number(n) for n in v]
print("{\n" + ",\n".join(f'  {json.dumps(k)}: {json.dumps({n: rounded(v) for n, v in one.items()})}' for k, one in out.items()) + "\n}")
