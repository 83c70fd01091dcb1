"""Figures of scikit-learn, fairness by its rates, and DeLong (1988) written out as the double sum of the paper, as
recorded in figures.json. Needs: pip install numpy scikit-learn scipy (2.4.6, 1.9.1, 1.17.1)."""
import json, os
import numpy as np
from scipy.stats import norm
from sklearn.metrics import confusion_matrix, roc_auc_score

rng = np.random.default_rng(11)
n = 240
y = (rng.random(n) < 0.35).astype(int)
a = np.round(1 / (1 + np.exp(-(1.4 * y - 0.7 + rng.normal(0, 1, n)))), 2)
b = np.round(1 / (1 + np.exp(-(0.9 * y - 0.5 + rng.normal(0, 1, n)))), 2)
group = rng.integers(0, 3, n)

def delong(scores):
    """The double sum of the paper, without midranks."""
    psi = lambda x, z: 1.0 if z < x else 0.5 if z == x else 0.0
    out = []
    for s in scores:
        pos, neg = s[y == 1], s[y == 0]
        kernel = np.array([[psi(x, z) for z in neg] for x in pos])
        out.append((kernel.mean(), kernel.mean(1), kernel.mean(0)))
    v10, v01 = np.cov([o[1] for o in out]), np.cov([o[2] for o in out])
    return [o[0] for o in out], v10 / (y == 1).sum() + v01 / (y == 0).sum()

aucs, cov = delong([a, b])
assert abs(aucs[0] - roc_auc_score(y, a)) < 1e-12
error = float(np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]))
z = norm.ppf(0.975)
def cost(t, fp, fn):
    tn, fpn, fnn, tp = confusion_matrix(y, (a >= t).astype(int), labels=[0, 1]).ravel()
    return dict(threshold=float(t), called=int(fpn + tp), truePositives=int(tp), cost=float(fp * fpn + fn * fnn))
table = [cost(t, 1, 5) for t in sorted(set(a), reverse=True)]
rates = []
for g in range(3):
    m = group == g
    tn, fp, fn, tp = confusion_matrix(y[m], (a[m] >= 0.5).astype(int), labels=[0, 1]).ravel()
    rates.append(dict(selectionRate=(tp + fp) / m.sum(), truePositiveRate=tp / (tp + fn), falsePositiveRate=fp / (fp + tn)))
gap = lambda key: max(r[key] for r in rates) - min(r[key] for r in rates)
sel = [r["selectionRate"] for r in rates]
figures = dict(
    labels=y.tolist(), first=a.tolist(), second=b.tolist(), group=group.tolist(),
    delong=dict(aucs=aucs, errors=[float(np.sqrt(cov[0, 0])), float(np.sqrt(cov[1, 1]))], error=error,
                low=aucs[0] - aucs[1] - z * error, high=aucs[0] - aucs[1] + z * error,
                p=float(2 * norm.sf(abs(aucs[0] - aucs[1]) / error))),
    costs=dict(all=table, best=min(table, key=lambda r: r["cost"])),
    fairness=dict(rates=rates, demographicParityDifference=gap("selectionRate"), demographicParityRatio=min(sel) / max(sel),
                  equalOpportunityDifference=gap("truePositiveRate"),
                  equalisedOddsDifference=max(gap("truePositiveRate"), gap("falsePositiveRate"))),
    segments=[dict(rows=int((group == g).sum()), auc=roc_auc_score(y[group == g], a[group == g])) for g in range(3)],
)
plain = lambda o: o.item() if isinstance(o, np.generic) else o
json.dump(figures, open(os.path.join(os.path.dirname(__file__), "figures.json"), "w"), default=plain, indent=None)
