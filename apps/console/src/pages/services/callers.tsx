import type { Service } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { CallerName } from "../../components/caller-name.tsx";
import { Bar, Card, Empty } from "../../components/page.tsx";
import { Table } from "../../components/table.tsx";
import { Num } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { useAct } from "../../lib/queries.ts";
import { LimitFields } from "./limit-fields.tsx";

function Limits({ service }: { service: Service }) {
  const { t } = useTranslation();
  const [limits, setLimits] = useState(service.limits);
  const save = useAct("changeService", { refresh: ["listServices", "getService"], said: t("services.saved") });
  return (
    <Card title={t("services.limits")} hint={t("services.hint.callers")}>
      <div className="stack">
        <LimitFields
          limits={limits}
          scores={service.kind === "score"}
          change={(next) => setLimits((before) => ({ ...before, ...next }))}
        />
        {service.stopped === null && (
          <div>
            <Act
              type="primary"
              needs="services:manage"
              loading={save.isPending}
              onClick={() => save.mutate({ params: { name: service.name }, body: { limits } })}
            >
              {t("services.save")}
            </Act>
          </div>
        )}
      </div>
    </Card>
  );
}

export function Callers({ service }: { service: Service }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const callers = service.callers.map(({ id, caller: name }) => ({ id, name }));
  return (
    <div className="stack">
      <Card title={t("services.today")} flush>
        {service.callers.length === 0 ? (
          <Empty title={t("services.callersNone")} hint={t("services.callerKeysHint")} />
        ) : (
          <Table
            label={t("services.tab.callers")}
            rows={service.callers}
            keyOf={({ id }) => id}
            columns={[
              {
                key: "caller",
                title: t("services.caller"),
                cell: ({ id, caller }) => <CallerName id={id} name={caller} among={callers} />,
              },
              { key: "rows", title: t("services.usedToday"), num: true, cell: ({ rows }) => <Num of={rows} /> },
              {
                key: "quota",
                title: "",
                width: 260,
                cell: ({ rows, rowsPerDay }) => (
                  <div>
                    <Bar share={rows / rowsPerDay} tone={rows > rowsPerDay * 0.9 ? "wait" : "ok"} />
                    <div className="small muted">
                      {t("services.ofQuota", { quota: formatNumber(rowsPerDay, language) })}
                    </div>
                  </div>
                ),
              },
            ]}
          />
        )}
      </Card>
      <Limits service={service} />
    </div>
  );
}
