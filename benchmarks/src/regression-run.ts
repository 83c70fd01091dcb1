/** One training between two processes, each of which reads its own file. */
import type { RegressionParameters } from "@tombolo/federated/vertical/regression";
import { type Parties, withParties } from "./party-process.ts";
import type { JoinedTable } from "./regression-data.ts";
import type { RegressionFigures, RegressionOrder } from "./regression-party.ts";
import { withTables } from "./regression-tables.ts";
import type { LinkSpeed } from "./slow-link.ts";

const PARTY = new URL("./regression-party.ts", import.meta.url);

export type Both = readonly [RegressionFigures, RegressionFigures];

export const trainBoth = (table: JoinedTable, parameters: RegressionParameters, link?: LinkSpeed): Promise<Both> =>
  withTables(table, (paths) => {
    const order = (side: "guest" | "host", columns: JoinedTable["guest"]): RegressionOrder => ({
      ...{ path: paths[side], side, rowCount: table.labels.length, parameters },
      names: columns.map(({ name }) => name),
    });
    const train = async ([bank, telco]: Parties<RegressionOrder>): Promise<Both> => {
      const both = await Promise.all([bank.do(order("guest", table.guest)), telco.do(order("host", table.host))]);
      return both as [RegressionFigures, RegressionFigures];
    };
    return withParties<RegressionOrder, Both>(PARTY, train, { link });
  });
