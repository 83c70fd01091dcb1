"""Makes xgboost.json: XGBoost's figures on the joined example tables, for the tests to compare with.

    python -m venv venv && venv/bin/pip install xgboost==3.2.0 scikit-learn==1.9.1 pandas
    venv/bin/python xgboost.py > xgboost.json

Split: rows of each class in order of the hex SHA-256 of "7:<phone>"; the first round(0.7 n) train, the rest test.
Text columns are one-hot encoded; missing text is no category, missing numbers stay missing. `made` tables are those of
made-table.ts: numbers of a linear congruential generator, of 8 values each so that every value is
a bin, the first 70 % train.
"""
import hashlib
import json
import math
import pathlib
import sys

sys.path.pop(0)  # this file's own name would hide the package
import numpy  # noqa: E402
import pandas  # noqa: E402
import xgboost  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402

EXAMPLES = pathlib.Path(__file__).resolve().parents[6] / "examples"
PARAMETERS = {
    "tree_method": "hist", "max_depth": 4, "learning_rate": 0.2, "max_bin": 32,
    "reg_lambda": 1, "min_child_weight": 1, "n_estimators": 50, "n_jobs": 1, "random_state": 0,
}


def digest(phone):
    return hashlib.sha256(f"7:{phone}".encode()).hexdigest()


def split(table, label):
    train, test = [], []
    for _, rows in table.groupby(label):
        ordered = rows.assign(_order=rows["phone"].map(digest)).sort_values("_order").index.tolist()
        cut = int(0.7 * len(ordered) + 0.5)
        train += ordered[:cut]
        test += ordered[cut:]
    return train, test


def auc(table, columns, label, **options):
    train, test = split(table, label)
    features = pandas.get_dummies(table[columns], dtype=float)
    model = xgboost.XGBClassifier(**{**PARAMETERS, **options}).fit(features.loc[train], table.loc[train, label])
    return roc_auc_score(table.loc[test, label], model.predict_proba(features.loc[test])[:, 1]), len(train), len(test)


def figures(folder, guest, host, label, **options):
    def read(name):
        return pandas.read_csv(EXAMPLES / folder / name, dtype={"phone": str}).drop_duplicates("phone")

    own, other = read(guest), read(host)
    joined = own.merge(other, on="phone").sort_values("phone").reset_index(drop=True)
    mine = [c for c in own.columns if c not in ("phone", label)]
    every = mine + [c for c in other.columns if c != "phone"]
    joint, train, test = auc(joined, every, label, **options)
    alone = {} if options else {"guestAuc": auc(joined, mine, label)[0]}
    return {"rows": len(joined), "train": train, "test": test, "jointAuc": joint, **alone}


def made():
    """Eight columns (the third has gaps) and a label of each kind, as made-table.ts makes them."""
    state = 7

    def draw():
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return (state >> 8) / 2**24

    columns, labels = [], {"regression": [], "poisson": [], "tweedie": [], "multi-class": [], "weights": []}
    for _ in range(3000):
        u = [math.floor(8 * draw()) / 8 for _ in range(8)]
        noise = draw() + draw() + draw() + draw() - 2
        spike = 30 if draw() < 0.03 else 0
        labels["regression"].append(10 * u[0] * u[5] + 5 * (u[3] > 0.5) + 3 * u[6] * u[6] + noise + spike)
        rate = (0.3 + u[0] + 2 * u[4] * u[4] + (0.8 if u[6] > 0.7 else 0)) / 8
        count = sum(draw() < rate for _ in range(8))
        labels["poisson"].append(count)
        labels["tweedie"].append(count * (0.5 + 2 * u[1] + draw()))
        place = u[0] + 2 * u[4] + (u[5] > 0.5) + noise / 2
        labels["multi-class"].append(sum(place > cut for cut in (1.2, 2, 2.8)))
        labels["weights"].append(1 + int(4 * u[7]))
        columns.append([math.nan if i == 2 and draw() < 0.1 else value for i, value in enumerate(u)])
    return numpy.array(columns), {name: numpy.array(values, dtype=float) for name, values in labels.items()}


def loss_of(name, y, p):
    if name == "regression":
        return float(numpy.sqrt(numpy.mean((p - y) ** 2)))
    if name == "absolute":
        return float(numpy.mean(numpy.abs(p - y)))
    if name == "huber":
        return float(numpy.mean(4 * (numpy.sqrt(1 + ((p - y) / 2) ** 2) - 1)))
    if name == "poisson":
        return float(numpy.mean([a - b * math.log(a) + math.lgamma(b + 1) for a, b in zip(p, y)]))
    if name == "tweedie":
        return float(numpy.mean(p**0.5 / 0.5 + y * p**-0.5 / 0.5))
    return float(numpy.mean([-math.log(row[int(label)]) for row, label in zip(p, y)]))


OBJECTIVES = {
    "regression": ("reg:squarederror", "regression", numpy.mean),
    "absolute": ("reg:absoluteerror", "regression", numpy.median),
    "huber": ("reg:pseudohubererror", "regression", numpy.median),
    "poisson": ("count:poisson", "poisson", numpy.mean),
    "tweedie": ("reg:tweedie", "tweedie", numpy.mean),
    "multi-class": ("multi:softprob", "multi-class", lambda _: 0.5),
}


def fit_made(name, weighted=False, **options):
    columns, labels = made()
    objective, label, start = OBJECTIVES[name]
    y = labels[label]
    cut = 2100
    given = {"huber_slope": 2} if name == "huber" else {"num_class": 4} if name == "multi-class" else {}
    weights = labels["weights"][:cut] if weighted else None
    base = float(numpy.average(y[:cut], weights=weights)) if weighted else float(start(y[:cut]))
    booster = {"max_depth": 4, "learning_rate": 0.2, "max_bin": 32, "lambda": 1, "min_child_weight": 1,
               "tree_method": "hist", "objective": objective, "base_score": base, "nthread": 1, **given, **options}
    data = xgboost.DMatrix(columns[:cut], label=y[:cut], weight=weights)
    predicted = xgboost.train(booster, data, 50).predict(xgboost.DMatrix(columns[cut:]))
    figures = {"loss": loss_of(name, y[cut:], predicted)}
    if name == "multi-class":
        figures["accuracy"] = float(numpy.mean(predicted.argmax(axis=1) == y[cut:]))
    return figures


OPTIONS = {
    "scalePosWeight": {"scale_pos_weight": 3},
    "maxDeltaStep": {"max_delta_step": 0.5},
    "maxLeaves": {"grow_policy": "lossguide", "max_leaves": 8, "max_depth": 6},
    "monotone": {"monotone_constraints": {"amount": 1}},
    "forest": {"num_parallel_tree": 50, "n_estimators": 1, "learning_rate": 1, "subsample": 0.7, "colsample_bytree": 0.5},
}

print(json.dumps({
    "madeBy": "xgboost.py", "xgboost": xgboost.__version__, "parameters": PARAMETERS,
    "credit": figures("credit", "bank.csv", "telco.csv", "default"),
    "churn": figures("churn", "operator.csv", "payments.csv", "churned"),
    "creditWith": {
        name: figures("credit", "bank.csv", "telco.csv", "default", **options)["jointAuc"]
        for name, options in OPTIONS.items()
    },
    "made": {name: fit_made(name) for name in OBJECTIVES},
    "madeWeighted": fit_made("regression", weighted=True),
}, indent=2))
