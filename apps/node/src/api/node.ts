import { X509Certificate } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { kernelsKind } from "@tombolo/kernels";
import type { DoctorReport } from "@tombolo/sdk";
import { requireDiskSpace } from "../config/data-folder.ts";
import type { NodeContext } from "../context.ts";
import { ownReport } from "../doctor/own-checks.ts";
import type { NodeMetrics } from "../operations/metrics.ts";
import { version } from "../version.ts";
import type { Handlers } from "./handlers.ts";

const SIZE_SECONDS = 60;

/** `partnerReports`: the paths to all partners, tested from both ends. */
export function nodeApi(
  context: NodeContext,
  partnerReports: () => Promise<readonly DoctorReport[]>,
  metrics: NodeMetrics,
): Handlers<"node" | "health" | "ready" | "metrics" | "doctor"> {
  const { config, keys, store, paths } = context;
  let size = { bytes: 0, at: Number.NEGATIVE_INFINITY };
  return {
    node: async () => {
      const now = context.clock.now().getTime();
      if (now - size.at > SIZE_SECONDS * 1000) size = { bytes: await bytesUnder(paths.root), at: now };
      return {
        partyId: config.party,
        name: config.name,
        version,
        signingKeyFingerprint: keys.signing.fingerprint,
        certificateFingerprint: keys.tls.fingerprint,
        certificateExpiresAt: new X509Certificate(keys.tls.certificatePem).validToDate.toISOString(),
        publicAddress: config.partner.publicAddress ?? null,
        database: store.kind,
        kernels: kernelsKind,
        startedAt: context.startedAt.toISOString(),
        dataBytes: size.bytes,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      };
    },
    health: async () => {
      await store.db.selectFrom("journal_head").select("size").execute();
      return { ok: true };
    },
    ready: async () => {
      await store.db.selectFrom("journal_head").select("size").execute();
      await requireDiskSpace(paths, config.limits.diskFreeBytesMin);
      return { ok: true };
    },
    metrics: async () => ({ filename: "metrics.txt", contentType: metrics.contentType, body: await metrics.text() }),
    doctor: async () => ({ items: [await ownReport(context), ...(await partnerReports())] }),
  };
}

async function bytesUnder(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(file.parentPath, file.name)).then(
        (found) => found.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, each) => sum + each, 0);
}
