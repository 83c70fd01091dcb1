/** A host of the form that hides who is scored, as the guest's part of a service asks it. */

import type { Peer } from "@tombolo/channel";
import { TagFile } from "@tombolo/datasets";
import { tabulatedAnswer } from "@tombolo/federated/vertical/boosting";
import type { HostAnswer } from "@tombolo/federated/vertical/serving";
import { entryBytes, idPrefix } from "@tombolo/protocols/psi/unbalanced";
import { type Asking, guest, type KeywordOptions, messages } from "@tombolo/protocols/query/keyword";
import { type KeptCatalogue, tagsFile } from "../boosting-tabulate/kept.ts";
import type { TaskContext } from "../component.ts";
import type { HostSession, Meet } from "../score-service/link.ts";

type Context = TaskContext<{ readonly padTo: number }, unknown>;

/** How the host at this place of the model is met, and under which prefix ids are digested for it. */
export function meetByKeyword(
  context: Context,
  folder: string,
  { party, stored: { header, scores } }: KeptCatalogue,
  host: number,
): { prefix: Uint8Array; meet: Meet } {
  const { secrets, parameters, clock } = context;
  const meet: Meet = async () => {
    const peer = await context.peer(messages, "guest", "host", party);
    return async () => {
      const entries = await TagFile.open(tagsFile(folder, host), entryBytes(header), header.tagBytes);
      const options = { secrets, header, entries, padTo: parameters.padTo };
      const session = new KeywordSession(peer, options, async (ask, ids) => {
        const { found, records } = await ask(ids);
        return tabulatedAnswer(found, records, scores!, clock.now());
      });
      session.done.catch(() => {}).finally(() => entries.close());
      await session.opened;
      return session;
    };
  };
  return { prefix: idPrefix(header.catalogue), meet };
}

class KeywordSession implements HostSession {
  readonly done: Promise<void>;
  /** Resolves once it may be asked. */
  readonly opened: Promise<void>;
  readonly #ending = Promise.withResolvers<void>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #answer: (ask: Asking, ids: Uint8Array) => Promise<HostAnswer>;
  readonly #peer: Peer<typeof messages, "guest">;
  #ask!: Asking;

  constructor(
    peer: Peer<typeof messages, "guest">,
    options: KeywordOptions,
    answer: (ask: Asking, ids: Uint8Array) => Promise<HostAnswer>,
  ) {
    this.#answer = answer;
    this.#peer = peer;
    const { promise: opened, resolve } = Promise.withResolvers<void>();
    this.done = guest(peer, options, async (ask) => {
      this.#ask = ask;
      resolve();
      await this.#ended(peer.signal);
    });
    this.opened = Promise.race([opened, this.done]);
  }

  get wear(): number {
    return this.#peer.wear;
  }

  /** Rejects with what the host broke, which ends the session too. */
  ask(ids: Uint8Array): Promise<HostAnswer> {
    const work = this.#answer(this.#ask, ids).catch((error: unknown) => {
      this.#ending.reject(error);
      throw error;
    });
    this.#underWay.add(work);
    work.catch(() => {}).finally(() => this.#underWay.delete(work));
    return work;
  }

  async end(): Promise<void> {
    this.#ending.resolve();
    await this.done;
  }

  /** A host that goes while nothing is asked ends it too. */
  async #ended(signal: AbortSignal): Promise<void> {
    const { promise: gone, reject } = Promise.withResolvers<never>();
    const fail = (): void => reject(signal.reason);
    signal.addEventListener("abort", fail, { once: true });
    try {
      if (signal.aborted) throw signal.reason;
      await Promise.race([this.#ending.promise, gone]);
      await Promise.allSettled(this.#underWay);
    } finally {
      signal.removeEventListener("abort", fail);
    }
  }
}
