"""Makes xgboost.json: XGBoost's figures on the joined example tables, for the tests to compare with.

    python -m venv venv && venv/bin/pip install xgboost==3.2.0 scikit-learn==1.9.1 pandas
    venv/bin/python xgboost.py > xgboost.json

Split: rows of each class in order of the hex SHA-256 of "7:<phone>"; the first round(0.7 n) train, the rest test.
Text columns are one-hot encoded; missing text is no category, missing numbers stay missing.
"""
import hashlib
import json
import pathlib
import sys

sys.path.pop(0)  # this file's own name would hide the package
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


def auc(table, columns, label):
    train, test = split(table, label)
    features = pandas.get_dummies(table[columns], dtype=float)
    model = xgboost.XGBClassifier(**PARAMETERS).fit(features.loc[train], table.loc[train, label])
    return roc_auc_score(table.loc[test, label], model.predict_proba(features.loc[test])[:, 1]), len(train), len(test)


def figures(folder, guest, host, label):
    def read(name):
        return pandas.read_csv(EXAMPLES / folder / name, dtype={"phone": str}).drop_duplicates("phone")

    own, other = read(guest), read(host)
    joined = own.merge(other, on="phone").sort_values("phone").reset_index(drop=True)
    mine = [c for c in own.columns if c not in ("phone", label)]
    every = mine + [c for c in other.columns if c != "phone"]
    joint, train, test = auc(joined, every, label)
    return {"rows": len(joined), "train": train, "test": test, "jointAuc": joint, "guestAuc": auc(joined, mine, label)[0]}


print(json.dumps({
    "madeBy": "xgboost.py", "xgboost": xgboost.__version__, "parameters": PARAMETERS,
    "credit": figures("credit", "bank.csv", "telco.csv", "default"),
    "churn": figures("churn", "operator.csv", "payments.csv", "churned"),
}, indent=2))
