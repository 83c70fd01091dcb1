"""The tests' joined table as a matrix: numbers as they are, of text a column of 0 and 1 for each category but the commonest."""
import numpy as np


def matrix(columns):
    design = []
    for column in columns:
        if column["kind"] == "number":
            design.append(np.array(column["values"]))
            continue
        codes = np.array(column["codes"])
        counts = sorted(range(len(column["categories"])), key=lambda c: (-np.sum(codes == c), column["categories"][c]))
        for c in sorted(counts[1:], key=lambda c: column["categories"][c]):
            design.append((codes == c).astype(float))
    return np.stack(design, axis=1)
