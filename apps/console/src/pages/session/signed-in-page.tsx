import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../../components/failure.tsx";
import { Notice, Skeleton } from "../../components/page.tsx";
import { rememberCsrf } from "../../lib/client.ts";
import { queryClient, useAct } from "../../lib/queries.ts";
import { SessionFrame } from "./frame.tsx";
import { takeStarted } from "./started.ts";

interface Brought {
  readonly code: string;
  readonly state: string;
  readonly binding: string;
  readonly next: string;
}

/** From the address, which keeps none of it, and what this tab kept; undefined: it began no sign-in, or was turned away. */
function takeBrought(): Brought | undefined {
  const query = new URLSearchParams(window.location.search);
  window.history.replaceState(null, "", window.location.pathname);
  const started = takeStarted();
  const [code, state] = [query.get("code"), query.get("state")];
  return started === undefined || code === null || state === null ? undefined : { code, state, ...started };
}

/** Where the identity provider sends people back to. */
export function SignedInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [brought] = useState(takeBrought);
  const finish = useAct("finishSignIn", {
    inline: true,
    after: (me) => {
      rememberCsrf(me.csrfToken);
      queryClient.setQueryData(["me", {}], me);
      void navigate({ href: brought?.next ?? "/", replace: true });
    },
  });
  const { mutate } = finish;
  useEffect(() => {
    if (brought === undefined) return;
    const { code, state, binding } = brought;
    mutate({ body: { code, state, binding } });
  }, [brought, mutate]);
  const failed = brought === undefined || finish.error !== null;
  return (
    <SessionFrame title={t("session.signIn")}>
      {brought === undefined && (
        <Notice tone="wait" title={t("session.notBegun")}>
          {t("session.notBegunHint")}
        </Notice>
      )}
      {finish.error !== null && <CallFailure error={finish.error} />}
      {failed ? <Link to="/signin">{t("session.toSignIn")}</Link> : <Skeleton />}
    </SessionFrame>
  );
}
