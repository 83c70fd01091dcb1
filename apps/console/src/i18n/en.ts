import { en as approvals } from "./areas/approvals.ts";
import { en as ask } from "./areas/ask.ts";
import { en as authorisation } from "./areas/authorisation.ts";
import { en as binning } from "./areas/binning.ts";
import { en as canvas } from "./areas/canvas.ts";
import { en as choices } from "./areas/choices.ts";
import { en as common } from "./areas/common.ts";
import { en as datasets } from "./areas/datasets.ts";
import { en as evaluation } from "./areas/evaluation.ts";
import { en as features } from "./areas/features.ts";
import { en as folds } from "./areas/folds.ts";
import { en as grants } from "./areas/grants.ts";
import { en as jobs } from "./areas/jobs.ts";
import { en as joint } from "./areas/joint.ts";
import { en as journal } from "./areas/journal.ts";
import { en as keptFlows } from "./areas/kept-flows.ts";
import { en as lookup } from "./areas/lookup.ts";
import { en as match } from "./areas/match.ts";
import { en as models } from "./areas/models.ts";
import { en as overview } from "./areas/overview.ts";
import { en as partners } from "./areas/partners.ts";
import { en as people } from "./areas/people.ts";
import { en as projects } from "./areas/projects.ts";
import { en as queryTables } from "./areas/query-tables.ts";
import { en as rejects } from "./areas/rejects.ts";
import { en as reports } from "./areas/reports.ts";
import { en as rollOut } from "./areas/roll-out.ts";
import { en as rowChoice } from "./areas/row-choice.ts";
import { en as schedules } from "./areas/schedules.ts";
import { en as scorecard } from "./areas/scorecard.ts";
import { en as selection } from "./areas/selection.ts";
import { en as services } from "./areas/services.ts";
import { en as session } from "./areas/session.ts";
import { en as settings } from "./areas/settings.ts";
import { en as statistics } from "./areas/statistics.ts";
import { en as training } from "./areas/training.ts";
import { en as trees } from "./areas/trees.ts";

export const en = {
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
