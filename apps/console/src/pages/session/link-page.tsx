import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { Empty, Skeleton } from "../../components/page.tsx";
import { rememberCsrf } from "../../lib/client.ts";
import { queryClient, useAct, useRead } from "../../lib/queries.ts";
import { SessionFrame } from "./frame.tsx";

const LENGTH_MIN = 12;

/** The token stands in the path, the query or, best, the fragment, which no server log sees. */
function useToken(): string {
  const params: { token?: string } = useParams({ strict: false });
  const query = new URLSearchParams(window.location.search).get("token");
  return params.token ?? query ?? decodeURIComponent(window.location.hash.slice(1));
}

function PasswordForm({ token, username }: { token: string; username: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const set = useAct("setPassword", {
    inline: true,
    after: (me) => {
      rememberCsrf(me.csrfToken);
      queryClient.setQueryData(["me", {}], me);
      void navigate({ to: "/", replace: true });
    },
  });
  const missing = LENGTH_MIN - password.length;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate({ body: { token, password } });
  };
  return (
    <form onSubmit={submit}>
      <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
      <Field
        label={t("session.newPassword")}
        hint={password === "" || missing <= 0 ? t("session.rule") : t("session.tooShort", { count: missing })}
      >
        <Input.Password
          size="large"
          autoFocus
          autoComplete="new-password"
          maxLength={200}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Field label={t("session.again")} error={again !== "" && again !== password ? t("session.differ") : undefined}>
        <Input.Password
          size="large"
          autoComplete="new-password"
          maxLength={200}
          value={again}
          onChange={(event) => setAgain(event.target.value)}
        />
      </Field>
      <Button
        type="primary"
        size="large"
        htmlType="submit"
        disabled={missing > 0 || again !== password}
        loading={set.isPending}
      >
        {t("session.set")}
      </Button>
      {set.error !== null && <CallFailure error={set.error} />}
    </form>
  );
}

export function LinkPage() {
  const { t } = useTranslation();
  const token = useToken();
  const info = useRead("linkInfo", { params: { token } }, { enabled: token !== "" });
  const dead = token === "" || info.error !== null;
  return (
    <SessionFrame title={dead ? t("session.linkDead") : t("session.linkTitle")}>
      {dead && (
        <Empty
          title={t("session.linkDead")}
          hint={t("session.linkDeadHint")}
          action={<Link to="/signin">{t("session.toSignIn")}</Link>}
        />
      )}
      {!dead && info.data === undefined && <Skeleton rows={3} />}
      {!dead && info.data !== undefined && (
        <>
          <p className="soft">
            {t("session.linkFor", {
              name: info.data.displayName,
              username: info.data.username,
              party: info.data.party,
            })}
          </p>
          <PasswordForm token={token} username={info.data.username} />
        </>
      )}
    </SessionFrame>
  );
}
