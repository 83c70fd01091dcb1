import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { allows, type CallOutput, type Me, type Permission, type RouteName } from "@tombolo/sdk";
import { App } from "antd";
import { useTranslation } from "react-i18next";
import { codes } from "../i18n/codes.ts";
import { useLanguage } from "../i18n/i18n.ts";
import { type CallError, call, csrfToken, type Input, rememberCsrf } from "./client.ts";

const statusOf = (error: unknown): number | undefined =>
  typeof error === "object" && error !== null && "status" in error ? Number(error.status) : undefined;

/** Several calls fail at once when a session ends; the first one leads away. */
let leaving = false;

/** A session that ended shows the sign-in page, whichever call noticed. */
export function onFailure(error: unknown): void {
  const here = window.location.pathname;
  if (leaving || statusOf(error) !== 401 || here.startsWith("/signin") || here.startsWith("/link")) return;
  leaving = true;
  // Somebody was signed in on this page, so a session ended under their eyes; else they are only arriving.
  const ended = csrfToken() === undefined ? "" : "&ended=1";
  rememberCsrf(undefined);
  window.location.assign(`/signin?next=${encodeURIComponent(here + window.location.search)}${ended}`);
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: onFailure }),
  mutationCache: new MutationCache({ onError: onFailure }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => count < 2 && (statusOf(error) ?? 500) >= 500,
    },
  },
});

export interface ReadOptions {
  readonly enabled?: boolean;
  readonly everyMs?: number;
  /** Keeps the last answer on screen while the next one loads. */
  readonly keep?: boolean;
}

export function useRead<N extends RouteName>(
  name: N,
  input: Input<N>,
  options: ReadOptions = {},
): UseQueryResult<CallOutput<N>, CallError> {
  const result = useQuery({
    queryKey: [name, input],
    queryFn: ({ signal }) => call(name, input, { signal }),
    enabled: options.enabled ?? true,
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
    ...(options.keep === true ? { placeholderData: keepPreviousData } : {}),
  });
  return result as UseQueryResult<CallOutput<N>, CallError>;
}

export interface ActOptions<N extends RouteName> {
  /** Reads to refresh afterwards. */
  readonly refresh?: readonly RouteName[];
  /** Said when it worked. */
  readonly said?: string;
  /** The page shows the failure itself. */
  readonly inline?: boolean;
  readonly after?: (output: CallOutput<N>) => void;
}

/** A call that changes something: refreshes what it touches and says how it went. */
export function useAct<N extends RouteName>(
  name: N,
  options: ActOptions<N> = {},
): UseMutationResult<CallOutput<N>, CallError, Input<N>> {
  const { notification, message } = App.useApp();
  const { t } = useTranslation();
  const queries = useQueryClient();
  const language = useLanguage();
  return useMutation<CallOutput<N>, CallError, Input<N>>({
    mutationFn: (input) => call(name, input),
    onSuccess: (output) => {
      for (const read of options.refresh ?? []) void queries.invalidateQueries({ queryKey: [read] });
      if (options.said !== undefined) void message.success(options.said);
      options.after?.(output);
    },
    onError: (error) => {
      if (options.inline === true) return;
      const said = codes["code" in error ? error.code : "transport.unreachable"];
      const remedy = "remedy" in error ? error.remedy : undefined;
      notification.error({
        title: (language === "zh" ? said?.what : undefined) ?? error.message,
        description: (language === "zh" ? said?.remedy.zh : undefined) ?? remedy ?? t("common.failure.noRemedy"),
        duration: 8,
      });
    },
  });
}

export const useMe = (): Me | undefined => useRead("me", {}).data;

export function useMay(): (permission: Permission) => boolean {
  const me = useMe();
  return (permission) => me !== undefined && allows(me.user.roles, permission);
}
