/** Scores that are numbers predicted. */
import { regressionReport, regressionSegments } from "@tombolo/federated/evaluation";
import type { Asked } from "./binary.ts";
import type { Parameters } from "./parameters.ts";

export function ofNumbers({ labels, scores, reference, groups, periods }: Asked, parameters: Parameters) {
  const { slices, group, time } = parameters;
  return {
    ...regressionReport(labels, scores, { slices, power: powerOf(parameters) }),
    ...(groups === null
      ? {}
      : {
          groups: {
            ...{ column: group, small: groups.small },
            segments: regressionSegments(labels, scores, groups.shown, null),
          },
        }),
    ...(periods === null
      ? {}
      : {
          periods: {
            ...{ column: time, small: periods.small },
            segments: regressionSegments(
              labels,
              scores,
              periods.shown,
              reference ?? at(scores, periods.shown[0]!.rows),
            ),
          },
        }),
  };
}

const at = (values: Float64Array, rows: Uint32Array): Float64Array => Float64Array.from(rows, (row) => values[row]!);

const powerOf = ({ deviance, power }: Parameters): number | null =>
  ({ none: null, poisson: 1, gamma: 2, tweedie: power })[deviance];
