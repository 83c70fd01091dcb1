"""Figures of statsmodels and scikit-learn on the tests' joined table, as recorded in figures.json. Reads the table as JSON:
columns as in testing/world.ts, `binary`, `number` and `classes` labels,
and for each family with a log link its labels, offsets and weights. Needs: pip install statsmodels scikit-learn (0.15.0, 1.9.1)."""
import json, sys
import numpy as np, statsmodels.api as sm
from sklearn.linear_model import ElasticNet, LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.multiclass import OneVsRestClassifier
from joined import matrix

data = json.load(open(sys.argv[1]))
x = matrix(data["columns"])
both = {}
for name, fit in [("logistic", sm.Logit(np.array(data["binary"]), sm.add_constant(x)).fit(disp=0, tol=1e-12)),
                  ("linear", sm.OLS(np.array(data["number"]), sm.add_constant(x)).fit())]:
    low, high = fit.conf_int().T
    both[name] = dict(coefficients=fit.params, errors=fit.bse, pValues=fit.pvalues, low=low, high=high)
families = dict(poisson=sm.families.Poisson(), gamma=sm.families.Gamma(sm.families.links.Log()),
                tweedie=sm.families.Tweedie(sm.families.links.Log(), var_power=1.5))
for name, family in families.items():
    rows = data[name]
    fit = sm.GLM(np.array(rows["labels"]), sm.add_constant(x), family=family, offset=np.array(rows["offsets"]),
                 var_weights=None if rows["weights"] is None else np.array(rows["weights"])).fit(tol=1e-13, maxiter=500)
    both[name] = dict(coefficients=fit.params, errors=fit.bse)
    fit = sm.GLM(np.array(rows["labels"]), sm.add_constant(x), family=family, offset=np.array(rows["offsets"])).fit(tol=1e-13, maxiter=500)
    both[name + "Unweighted"] = dict(coefficients=fit.params, errors=fit.bse, dispersion=[fit.scale])
standard = (x - x.mean(0)) / x.std(0)
penalised = LogisticRegression(C=1 / 4, tol=1e-10, max_iter=10000).fit(standard, data["binary"])
both["penalised"] = dict(coefficients=np.concatenate([[penalised.intercept_[0]], penalised.coef_[0]]))
# Of the label standardised too; then in its own units.
number = np.array(data["number"])
rows, unit = len(number), number.std()
net = ElasticNet(alpha=50 / rows, l1_ratio=0.6, tol=1e-12, max_iter=100000).fit(standard, (number - number.mean()) / unit)
both["elastic"] = dict(coefficients=np.concatenate([[number.mean()], unit * net.coef_]))
# 1/C is the whole penalty; l1_ratio its L1 part.
net = LogisticRegression(solver="saga", C=1 / 10, l1_ratio=0.8, penalty="elasticnet", tol=1e-12, max_iter=200000).fit(standard, data["binary"])
both["elasticLogistic"] = dict(coefficients=np.concatenate([[net.intercept_[0]], net.coef_[0]]))
y = np.array(data["binary"])
both["auc"] = dict(logistic=[roc_auc_score(y, sm.Logit(y, sm.add_constant(x)).fit(disp=0).predict())])
# Of three classes, class after class: first the intercept. Without a penalty, and with one.
classes = np.array(data["classes"])
for name, c in [("", np.inf), ("Penalised", 1 / 4)]:
    fit = LogisticRegression(C=c, tol=1e-10, max_iter=10000).fit(standard, classes)
    both["multinomial" + name] = dict(coefficients=np.column_stack([fit.intercept_, fit.coef_]).ravel(),
                                      loss=[log_loss(classes, fit.predict_proba(standard))])
    fit = OneVsRestClassifier(LogisticRegression(C=c, tol=1e-10, max_iter=10000)).fit(standard, classes)
    parts = [np.concatenate([one.intercept_, one.coef_[0]]) for one in fit.estimators_]
    both["oneVsRest" + name] = dict(coefficients=np.concatenate(parts), loss=[log_loss(classes, fit.predict_proba(standard))])
print(json.dumps({k: {n: [float(f"{v:.6g}") for v in values] for n, values in one.items()} for k, one in both.items()}))
