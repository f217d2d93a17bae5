import { randomBytes } from 'node:crypto';
import fastifyCookie from '@fastify/cookie';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { metrics } from '#runtime/telemetry.ts';
import type { ApiDeps, App, RouteDeps } from './app.ts';
import { createDirectory } from './discord.ts';
import { addAuth } from './plugins/auth.ts';
import { addClosing } from './plugins/closing.ts';
import { addGuildAccess } from './plugins/guild.ts';
import { addHeaders } from './plugins/headers.ts';
import { addProblems, sendProblem } from './plugins/problems.ts';
import { addWeb } from './plugins/web.ts';
import { HttpError, problemOf } from './problem.ts';
import { analyticsRoutes } from './routes/analytics.ts';
import { attachmentRoutes } from './routes/attachment.ts';
import { auditRoutes } from './routes/audit.ts';
import { guildRoutes } from './routes/guild.ts';
import { guildsRoutes } from './routes/guilds.ts';
import { labelsRoutes } from './routes/labels.ts';
import { logsRoutes } from './routes/logs.ts';
import { addOpenapi, openapiRoutes } from './routes/openapi.ts';
import { formsRoutes } from './routes/forms.ts';
import { panelMessagesRoutes } from './routes/panel-messages.ts';
import { panelsRoutes } from './routes/panels.ts';
import { schedulesRoutes } from './routes/schedules.ts';
import { problemsRoutes } from './routes/problems.ts';
import { sessionRoutes } from './routes/session.ts';
import { settingsRoutes } from './routes/settings.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { streamRoutes } from './routes/stream.ts';
import { ticketActRoutes } from './routes/ticket-acts.ts';
import { threadsRoutes } from './routes/threads.ts';
import { bulkCloseRoutes } from './routes/bulk-close.ts';
import { ticketClosingRoutes } from './routes/ticket-closing.ts';
import { teamsRoutes } from './routes/teams.ts';
import { ticketRoutes } from './routes/ticket.ts';
import { ticketsRoutes } from './routes/tickets.ts';
import { transcriptRoutes } from './routes/transcript.ts';
import { connectStreams, createStreams } from './stream.ts';
import { validatorCompiler } from './validation.ts';

export type { ApiDeps } from './app.ts';

// The largest body is a set of settings: a welcome message of 4,096 characters and some.
const BODY_BYTES = 64 * 1_024;
// To receive a request, and to answer it. Queries have limits of their own below the latter.
const REQUEST_MS = 15_000;
const HANDLER_MS = 20_000;

/** Makes the API and the server of the web app; the caller listens and closes. Closing ends open streams first. */
export async function createServer(deps: ApiDeps): Promise<FastifyInstance> {
  const app: App = Fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    // Requests are counted (addMetrics); what fails is logged once, by plugins/problems.ts.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomBytes(5).toString('hex'),
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    handlerTimeout: HANDLER_MS,
    routerOptions: { maxParamLength: 100 },
    exposeHeadRoutes: false,
    // Addresses that cannot be decoded never reach a route.
    frameworkErrors: (_error, request, reply) => {
      sendProblem(request, reply, problemOf(new HttpError('route.unknown'), request.id));
    },
  }).withTypeProvider();
  app.setValidatorCompiler(validatorCompiler);

  const streams = createStreams({ now: deps.now });
  const directory = createDirectory({ rest: deps.rest, addresses: deps.discord.addresses });
  const routeDeps: RouteDeps = { ...deps, directory, streams };

  addHeaders(app, { publicUrl: deps.publicUrl, cdnUrl: deps.discord.addresses.cdn });
  addProblems(app);
  addMetrics(app);
  await app.register(fastifyCookie);
  addAuth(app, deps);
  addGuildAccess(app, routeDeps);
  await addOpenapi(app, routeDeps);

  openapiRoutes(app);
  sessionRoutes(app, routeDeps);
  signInRoutes(app, routeDeps);
  guildsRoutes(app, routeDeps);
  guildRoutes(app, routeDeps);
  panelsRoutes(app, routeDeps);
  panelMessagesRoutes(app, routeDeps);
  formsRoutes(app, routeDeps);
  teamsRoutes(app, routeDeps);
  problemsRoutes(app, routeDeps);
  ticketsRoutes(app, routeDeps);
  ticketRoutes(app, routeDeps);
  ticketActRoutes(app, routeDeps);
  ticketClosingRoutes(app, routeDeps);
  bulkCloseRoutes(app, routeDeps);
  threadsRoutes(app, routeDeps);
  labelsRoutes(app, routeDeps);
  logsRoutes(app, routeDeps);
  transcriptRoutes(app, routeDeps);
  attachmentRoutes(app, routeDeps);
  analyticsRoutes(app, routeDeps);
  settingsRoutes(app, routeDeps);
  auditRoutes(app, routeDeps);
  schedulesRoutes(app, routeDeps);
  streamRoutes(app, routeDeps);
  await addWeb(app, deps);

  const listening = await connectStreams({ databaseUrl: deps.databaseUrl, streams, log: deps.log });
  addClosing(app, async () => {
    streams.close();
    await listening.close();
  });
  return app as unknown as FastifyInstance; // callers listen and close; the routes' types are ours alone
}

function addMetrics(app: App): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: `${Math.floor(reply.statusCode / 100)}xx` };
    metrics.httpRequests.observe(labels, reply.elapsedTime / 1_000);
  });
}
