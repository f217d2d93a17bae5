import type { FastifyInstance } from 'fastify';

/**
 * Headers that every answer carries. Pictures come from Discord's CDN, everything else from here; styles may stand in
 * attributes because Mantine and ECharts write them there, scripts may not.
 */
export function addHeaders(app: FastifyInstance, o: { publicUrl: string; cdnUrl: string }): void {
  const policy = [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: ${new URL(o.cdnUrl).origin}`,
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  const isSecure = o.publicUrl.startsWith('https:');

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    });
    if (isSecure) void reply.header('strict-transport-security', 'max-age=31536000');
    // Answers are about one person: no proxy may keep them.
    if (request.url.startsWith('/api')) void reply.header('cache-control', 'no-store');
  });
}
