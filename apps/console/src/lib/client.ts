import {
  type ApiCallError,
  type CallInput,
  type CallOptions,
  type CallOutput,
  Client,
  type RouteName,
} from "@tombolo/sdk";

let csrf: string | undefined;
/** Set from `me` after each sign-in and reload; sent on every call that changes something. */
export const rememberCsrf = (token: string | undefined): void => {
  csrf = token;
};
export const csrfToken = (): string | undefined => csrf;

const UNATTENDED_MS = 60_000;
let lastInputAt = Date.now();
for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"])
  globalThis.addEventListener?.(
    kind,
    () => {
      lastInputAt = Date.now();
    },
    { passive: true, capture: true },
  );
/** A page left open refreshes itself; that must not keep its session alive. */
const unattended = (): boolean => Date.now() - lastInputAt > UNATTENDED_MS;

export const client = new Client({ origin: "", csrfToken: () => csrf, unattended });

export type Input<N extends RouteName> = unknown extends CallInput<N> ? Record<never, never> : CallInput<N>;

/** `client.call` with its input as one optional argument, so that hooks can pass it through. */
export const call = client.call.bind(client) as unknown as <N extends RouteName>(
  name: N,
  input: Input<N>,
  options?: CallOptions,
) => Promise<CallOutput<N>>;

export type CallError = ApiCallError | Error;
