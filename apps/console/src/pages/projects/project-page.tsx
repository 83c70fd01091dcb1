import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Facts, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { JobState, State } from "../../components/state.tsx";
import { Table } from "../../components/table.tsx";
import { Time, When } from "../../components/values.tsx";
import { useAct, useRead } from "../../lib/queries.ts";
import { Members } from "./projects-page.tsx";

export function ProjectPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { id } = useParams({ from: "/shell/projects/$id" });
  const project = useRead("getProject", { params: { id } });
  const jobs = useRead("listJobs", { query: { limit: 200 } });
  const archive = useAct("archiveProject", { refresh: ["getProject", "listProjects"], said: t("projects.archived") });
  const own = (jobs.data?.items ?? []).filter((job) => job.projectId === id);
  return (
    <Page
      title={project.data?.name ?? t("projects.name")}
      crumb={<Link to="/projects">{t("projects.title")}</Link>}
      sub={project.data?.description}
      actions={
        <>
          {project.data?.status === "ACTIVE" && (
            <Act
              needs="projects:manage"
              title={t("projects.archiveHint")}
              loading={archive.isPending}
              onClick={() => archive.mutate({ params: { id } })}
            >
              {t("projects.archive")}
            </Act>
          )}
          <Act type="primary" needs="jobs:submit" onClick={() => void navigate({ to: "/joint-model" })}>
            {t("jobs.buildJoint")}
          </Act>
        </>
      }
    >
      <Loaded of={project}>
        {(data) => (
          <Card>
            <Facts
              items={[
                [t("projects.status"), <State key="status" of={data.status} />],
                [t("projects.members"), <Members key="members" project={data} />],
                ...data.members
                  .filter((each) => each.reason !== null)
                  .map((each) => [t("projects.said", { party: each.partyId }), each.reason] as const),
                [t("jobs.initiator"), <Party key="initiator" id={data.initiator} />],
                [t("projects.created"), <Time key="created" at={data.createdAt} />],
              ]}
            />
          </Card>
        )}
      </Loaded>
      <Card title={t("projects.jobs")} flush>
        <Loaded of={jobs}>
          {() =>
            own.length === 0 ? (
              <Empty title={t("projects.jobsEmpty")} hint={t("projects.jobsEmptyHint")} />
            ) : (
              <Table
                label={t("projects.jobs")}
                rows={own}
                keyOf={(row) => row.id}
                onOpen={(row) => void navigate({ to: "/jobs/$id", params: { id: row.id } })}
                columns={[
                  {
                    key: "name",
                    title: t("jobs.name"),
                    cell: (row) => (
                      <Link to="/jobs/$id" params={{ id: row.id }}>
                        {row.name}
                      </Link>
                    ),
                  },
                  { key: "status", title: t("jobs.status"), cell: (row) => <JobState of={row.status} /> },
                  { key: "created", title: t("jobs.created"), num: true, cell: (row) => <When at={row.createdAt} /> },
                ]}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
