/** OpenAPI from the same schemas the server validates with, and Swagger UI from local files, at /api/docs. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { servesTls } from "../auth/origin.ts";
import { cookieName } from "../auth/sessions.ts";
import type { NodeContext } from "../context.ts";
import { version } from "../version.ts";

export async function serveDocumentation(server: FastifyInstance, context: NodeContext): Promise<void> {
  const cookie = cookieName(context.config.party, servesTls(context.config));
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: `Tombolo node of ${context.config.name}`,
        version,
        description:
          "Failed calls answer {error: {code, message, remedy, problems}}. People sign in and send x-csrf-protection on calls that change something; business systems send an API key as a bearer token.",
      },
      components: {
        securitySchemes: {
          apiKey: { type: "http", scheme: "bearer" },
          session: { type: "apiKey", in: "cookie", name: cookie },
        },
      },
      security: [{ apiKey: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await server.register(swaggerUi, {
    routePrefix: "/api/docs",
    uiConfig: { persistAuthorization: false },
  });
}
