import type { FastifyReply, FastifyRequest } from "fastify";

/** Inline styles only: the console's component library writes its styles at run time; scripts are files of ours. */
const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function securityHeaders(_request: FastifyRequest, reply: FastifyReply, tls: boolean): void {
  reply.headers({
    "content-security-policy": CONSOLE_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ...(tls ? { "strict-transport-security": "max-age=31536000" } : {}),
  });
}
