/** The built console at `/`; every other path that asks for a page gets its index, as the console routes itself. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import staticFiles from "@fastify/static";
import { TomboloError } from "@tombolo/base";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendError } from "./errors.ts";

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Tombolo</title>
<h1>The console is not built</h1>
<p>The node is running and its API works (<a href="/api/docs">/api/docs</a>). Build the console with
<code>npm run setup</code> in the repository, then reload.</p>
<p>控制台尚未构建。节点与 API 正常运行；请在仓库中执行 <code>npm run setup</code> 后刷新。</p>
`;

export async function serveConsole(server: FastifyInstance, folder: string): Promise<void> {
  await server.register(staticFiles, {
    root: folder,
    // A missing folder is no error: the console may be built while the node runs.
    globIgnore: [],
    wildcard: true,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const named = /-[\w-]{8,}\.\w+$/.test(path);
      reply.header("cache-control", named ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  server.get("/", (request, reply) => page(folder, request, reply));
  server.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
    if (wantsPage && !request.url.startsWith("/api/")) return page(folder, request, reply);
    return sendError(new TomboloError("state.unknown", "there is nothing at this address"), request, reply);
  });
}

function page(folder: string, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (existsSync(join(folder, "index.html"))) return reply.header("cache-control", "no-cache").sendFile("index.html");
  return reply.code(503).type("text/html; charset=utf-8").send(NOT_BUILT);
}
