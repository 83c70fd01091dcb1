import { zh as approvals } from "./areas/approvals.ts";
import { zh as ask } from "./areas/ask.ts";
import { zh as authorisation } from "./areas/authorisation.ts";
import { zh as binning } from "./areas/binning.ts";
import { zh as canvas } from "./areas/canvas.ts";
import { zh as choices } from "./areas/choices.ts";
import { zh as common } from "./areas/common.ts";
import { zh as datasets } from "./areas/datasets.ts";
import { zh as evaluation } from "./areas/evaluation.ts";
import { zh as features } from "./areas/features.ts";
import { zh as folds } from "./areas/folds.ts";
import { zh as grants } from "./areas/grants.ts";
import { zh as jobs } from "./areas/jobs.ts";
import { zh as joint } from "./areas/joint.ts";
import { zh as journal } from "./areas/journal.ts";
import { zh as keptFlows } from "./areas/kept-flows.ts";
import { zh as lookup } from "./areas/lookup.ts";
import { zh as match } from "./areas/match.ts";
import { zh as models } from "./areas/models.ts";
import { zh as overview } from "./areas/overview.ts";
import { zh as partners } from "./areas/partners.ts";
import { zh as people } from "./areas/people.ts";
import { zh as projects } from "./areas/projects.ts";
import { zh as queryTables } from "./areas/query-tables.ts";
import { zh as rejects } from "./areas/rejects.ts";
import { zh as reports } from "./areas/reports.ts";
import { zh as rollOut } from "./areas/roll-out.ts";
import { zh as rowChoice } from "./areas/row-choice.ts";
import { zh as schedules } from "./areas/schedules.ts";
import { zh as scorecard } from "./areas/scorecard.ts";
import { zh as selection } from "./areas/selection.ts";
import { zh as services } from "./areas/services.ts";
import { zh as session } from "./areas/session.ts";
import { zh as settings } from "./areas/settings.ts";
import { zh as statistics } from "./areas/statistics.ts";
import { zh as training } from "./areas/training.ts";
import { zh as trees } from "./areas/trees.ts";

export const zh = {
  approvals,
  ask,
  authorisation,
  binning,
  canvas,
  choices,
  common,
  datasets,
  evaluation,
  features,
  folds,
  keptFlows,
  grants,
  jobs,
  joint,
  journal,
  lookup,
  match,
  models,
  overview,
  partners,
  people,
  projects,
  queryTables,
  rejects,
  reports,
  rollOut,
  rowChoice,
  schedules,
  scorecard,
  selection,
  services,
  session,
  settings,
  statistics,
  training,
  trees,
};
