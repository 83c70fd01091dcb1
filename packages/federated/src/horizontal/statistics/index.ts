export type { Members, StatisticsPeer } from "./group.ts";
export { CELLS_MAX, PARTIES_MAX, QUANTILES_MAX, statisticsMessages } from "./messages.ts";
export { Grid, type OwnRows, type ValueRange } from "./own-figures.ts";
export { type Cell, type Statistics, type StatisticsOptions, summarise } from "./summarise.ts";
