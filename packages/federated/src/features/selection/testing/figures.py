"""Figures of pandas' definitions by numpy, and of statsmodels' fits: variance inflation, forward and backward steps by AIC, BIC and p-value over
all candidates (each step refits every one), as recorded in figures.json. Needs: pip install numpy statsmodels (2.4.6, 0.15.0)."""
import json, os
import numpy as np, statsmodels.api as sm
from statsmodels.stats.outliers_influence import variance_inflation_factor

rng = np.random.default_rng(5)
n = 400
x = rng.normal(size=(n, 6)).round(3)
x[:, 3] = (x[:, 0] + 0.3 * rng.normal(size=n)).round(3)
x[:, 4] = (x[:, 1] - x[:, 2] + 0.05 * rng.normal(size=n)).round(3)
margin = 0.9 * x[:, 0] - 0.7 * x[:, 1] + 0.35 * x[:, 5] - 0.4
y = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(int)
z = (margin + rng.normal(size=n)).round(4)
names = ["a", "b", "c", "d", "e", "f"]
X = lambda use: sm.add_constant(x[:, [names.index(u) for u in use]]) if use else np.ones((n, 1))
fits = dict(binary=lambda use: sm.Logit(y, X(use)).fit(disp=0, tol=1e-12), regression=lambda use: sm.OLS(z, X(use)).fit())

def by_information(kind, direction, price):
    value = lambda use: getattr(fits[kind](use), price)
    use = list(names) if direction == "backward" else []
    path = []
    while True:
        moves = [("leave", [u for u in use if u != c], c) for c in use] if direction != "forward" else []
        moves += [("enter", use + [c], c) for c in names if c not in use] if direction != "backward" else []
        if not moves: break
        action, best, column = min(moves, key=lambda m: value(m[1]))
        if value(best) >= value(use): break
        use = best
        path.append([action, column])
    return dict(chosen=use, path=path)

def by_p(kind, leave):
    use = list(names)
    while use:
        p = fits[kind](use).pvalues[1:]
        worst = int(np.argmax(p))
        if p[worst] <= leave: break
        use.pop(worst)
    return dict(chosen=use)

out = dict(columns={name: x[:, i].tolist() for i, name in enumerate(names)}, binary=y.tolist(), regression=z.tolist(),
    matrix=np.corrcoef(x.T).ravel().tolist(), vif=[variance_inflation_factor(sm.add_constant(x), i + 1) for i in range(6)],
    logit=dict(params=fits["binary"](names).params.tolist(), tvalues=fits["binary"](names).tvalues.tolist(), llf=fits["binary"](names).llf),
    steps={f"{kind} {direction} {price}": by_information(kind, direction, price) for kind in fits for direction in ("forward", "backward", "both") for price in ("aic", "bic")},
    pvalues={kind: by_p(kind, 0.1) for kind in fits})
json.dump(out, open(os.path.join(os.path.dirname(__file__), "figures.json"), "w"))
