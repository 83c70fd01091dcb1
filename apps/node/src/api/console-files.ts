/** The built console at `/`; every other path that asks for a page gets its index, as the console routes itself. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import staticFiles from "@fastify/static";
import { TomboloError } from "@tombolo/base";
import type { FastifyInstance, FastifyReply } from "fastify";
import { sendError } from "./errors.ts";

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Tombolo</title>
<h1>The console is not built</h1>
<p>The node is running and its API works (<a href="/api/docs">/api/docs</a>). Build the console with
<code>npm run setup</code> in the repository, then start the node again.</p>
<p>控制台尚未构建。节点与 API 正常运行；请在仓库中执行 <code>npm run setup</code> ，然后重新启动节点。</p>
`;

export async function serveConsole(server: FastifyInstance, folder: string): Promise<void> {
  const built = existsSync(join(folder, "index.html"));
  await server.register(staticFiles, {
    // Not built: pages say so, and nothing is served as a file.
    ...(built ? { root: folder } : { root: tmpdir(), serve: false }),
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const named = /-[\w-]{8,}\.\w+$/.test(path);
      reply.header("cache-control", named ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  server.get("/", { schema: { hide: true } }, (_request, reply) => page(built, reply));
  server.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
    if (wantsPage && !request.url.startsWith("/api/")) return page(built, reply);
    return sendError(new TomboloError("state.unknown", "there is nothing at this address"), request, reply);
  });
}

function page(built: boolean, reply: FastifyReply): FastifyReply {
  if (built) return reply.header("cache-control", "no-cache").sendFile("index.html");
  return reply.code(503).type("text/html; charset=utf-8").send(NOT_BUILT);
}
