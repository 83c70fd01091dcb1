/** All tables, composed from one file per area. Each area also has its own numbered migration. */
import type { DatasetTables } from "./tables/datasets.ts";
import type { FlowTables } from "./tables/flows.ts";
import type { JobTables } from "./tables/jobs.ts";
import type { JournalTables } from "./tables/journal.ts";
import type { ModelTables } from "./tables/models.ts";
import type { PartnerTables } from "./tables/partners.ts";
import type { PeopleTables } from "./tables/people.ts";
import type { QuestionTables } from "./tables/questions.ts";
import type { ScheduleTables } from "./tables/schedules.ts";
import type { ServiceTables } from "./tables/services.ts";

export interface Database
  extends PeopleTables,
    JournalTables,
    DatasetTables,
    PartnerTables,
    JobTables,
    FlowTables,
    ModelTables,
    QuestionTables,
    ScheduleTables,
    ServiceTables {}
