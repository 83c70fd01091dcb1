"""Figures of scikit-learn (1.9.1) on the tests' joined table, as recorded in figures.json. Reads the table as JSON: columns as in
../testing/world.ts, `binary` and `number` labels."""
import json, os, sys
import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

sys.path.append(os.path.join(os.path.dirname(__file__), "../../testing"))
from joined import matrix

data = json.load(open(sys.argv[1]))
x = matrix(data["columns"])
x = (x - x.mean(0)) / x.std(0)
y, number = np.array(data["binary"]), np.array(data["number"])
of = lambda fit: [fit.intercept_, *fit.coef_]
# The quadratic loss is an eighth of the squares of z - 4·(y - 1/2), so a penalty of l2/2 beside it is one of 4·l2 beside those.
quadratic = Ridge(alpha=4 * 5).fit(x, 4 * (y - 0.5))
figures = dict(
    logistic=of(LinearRegression().fit(x, 4 * (y - 0.5))),
    penalised=of(quadratic),
    linear=of(LinearRegression().fit(x, number)),
    auc=[roc_auc_score(y, LinearRegression().fit(x, y).predict(x)),
         roc_auc_score(y, LogisticRegression(C=1e9, max_iter=10000).fit(x, y).decision_function(x))],
)
print(json.dumps({k: [float(f"{v:.6g}") for v in values] for k, values in figures.items()}, indent=2))
