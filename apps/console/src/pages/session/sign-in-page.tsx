import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { Notice } from "../../components/page.tsx";
import { rememberCsrf } from "../../lib/client.ts";
import { queryClient, useAct } from "../../lib/queries.ts";
import { AtProvider } from "./at-provider.tsx";
import { SessionFrame } from "./frame.tsx";

export function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { next, ended } = useSearch({ from: "/signin" });
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useAct("signIn", {
    inline: true,
    after: (me) => {
      rememberCsrf(me.csrfToken);
      queryClient.setQueryData(["me", {}], me);
      void navigate({ href: next ?? "/" });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ body: { username: username.trim(), password } });
  };
  return (
    <SessionFrame title={t("session.signIn")}>
      {ended !== undefined && signIn.error === null && (
        <Notice tone="wait" title={t("session.ended")}>
          {t("session.endedHint")}
        </Notice>
      )}
      <form onSubmit={submit}>
        <Field label={t("session.username")}>
          <Input
            size="large"
            name="username"
            autoComplete="username"
            autoFocus
            maxLength={64}
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        </Field>
        <Field label={t("session.password")}>
          <Input.Password
            size="large"
            name="password"
            autoComplete="current-password"
            maxLength={200}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
        <Button
          type="primary"
          size="large"
          htmlType="submit"
          disabled={username === "" || password === ""}
          loading={signIn.isPending}
        >
          {t("session.signIn")}
        </Button>
      </form>
      {signIn.error !== null && <CallFailure error={signIn.error} />}
      <AtProvider next={next} />
      <p className="small muted">{t("session.noAccount")}</p>
      <p className="small muted">{t("session.forgotten")}</p>
    </SessionFrame>
  );
}
