/** Points for bins, from a regression, and what other programs read of them. */
export {
  basePoints,
  type CardBin,
  type CardColumn,
  type CardTerm,
  type Condition,
  cardColumn,
  DECIMALS_MAX,
  factorOf,
  lookupPoints,
  pointsOf,
  type Scale,
  type Scorecard,
  scaleShape,
  scorecardShape,
} from "./card.ts";
export { scorecardCsv } from "./csv.ts";
export { scorecardPmml } from "./pmml.ts";
export {
  type Applicants,
  acceptedOnly,
  type Band,
  type Bands,
  bandsOf,
  checkLabels,
  checkScores,
  fuzzy,
  hardCutoff,
  type Inferred,
  parcelling,
  reweighting,
} from "./reject-inference.ts";
