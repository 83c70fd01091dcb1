import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../../components/failure.tsx";
import { useAct, useRead } from "../../lib/queries.ts";
import { keepStarted } from "./started.ts";

/** Where the node's people have an identity provider: to sign in there. */
export function AtProvider({ next }: { next: string | undefined }) {
  const { t } = useTranslation();
  const provider = useRead("signInProvider", {}).data?.provider ?? null;
  const start = useAct("startSignIn", {
    inline: true,
    after: ({ url, binding }) => {
      keepStarted({ binding, next: next ?? "/" });
      window.location.assign(url);
    },
  });
  if (provider === null) return null;
  return (
    <>
      <Button size="large" loading={start.isPending} onClick={() => start.mutate({})}>
        {t("session.atProvider", { name: provider.name })}
      </Button>
      {start.error !== null && <CallFailure error={start.error} />}
    </>
  );
}
