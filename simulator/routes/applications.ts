import { createProblems, DiscordError, invalid } from '../http/errors.ts';
import { checkEndpoint } from '../http/post.ts';
import { type Call, created, nothing, ok, type Reply, type Route } from '../http/route.ts';
import { applicationPayload } from '../state/payloads.ts';
import type { Command } from '../state/types.ts';
import { applicationOf, type World } from '../state/world.ts';
import { asText, asArray, asObject, checkText, type Json } from '../validate/fields.ts';
import { checkCommands } from '../validate/command.ts';
import { idOf } from './access.ts';

const base = '/applications/:applicationId';
const maxCommands = 100;

/** The application itself, and its commands, global and of servers. */
export const applicationRoutes: Route[] = [
  { method: 'GET', path: '/applications/@me', run: (call) => ok(applicationPayload(call.world)) },
  { method: 'PATCH', path: '/applications/@me', run: updateApplication },
  { method: 'GET', path: '/oauth2/applications/@me', run: (call) => ok(applicationPayload(call.world)) },
  ...commandRoutes(`${base}/commands`),
  ...commandRoutes(`${base}/guilds/:guildId/commands`),
];

/** Only the address of interactions can be changed; what else Discord lets an application change is not known here. */
async function updateApplication({ world, body }: Call): Promise<Reply> {
  const { interactions_endpoint_url: url, ...others } = body;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const route = `PATCH /applications/@me with ${unknown}`;
    return { status: 501, body: { message: `The simulator does not know ${route}`, code: 0, route } };
  }
  if (url !== undefined) await setInteractionsUrl(world, url);
  return ok(applicationPayload(world));
}

/** Sets where interactions are posted to, once the application has answered there; null or '' takes the address away. Throws 50035. */
export async function setInteractionsUrl(world: World, value: unknown): Promise<void> {
  const path = ['interactions_endpoint_url'];
  const problems = createProblems();
  checkText(problems, path, value, { min: 0, max: 2_048 });
  problems.throwIfAny();
  const url = asText(value);
  if (url !== '') {
    const parsed = URL.parse(url);
    if (!parsed) throw invalid(path, 'URL_TYPE_INVALID_URL', 'Not a well formed URL.');
    // Discord takes https alone; what runs beside a local Discord has no certificate.
    if (!['http:', 'https:'].includes(parsed.protocol)) {
      const scheme = parsed.protocol.slice(0, -1);
      throw invalid(
        path,
        'URL_TYPE_INVALID_SCHEME',
        `Scheme "${scheme}" is not supported. Scheme must be http or https.`,
      );
    }
    if (!(await checkEndpoint(world, url))) {
      const words = 'The specified interactions endpoint url could not be verified.';
      throw invalid(path, 'APPLICATION_INTERACTIONS_ENDPOINT_URL_INVALID', words);
    }
  }
  world.saveApplication({ ...applicationOf(world), interactionsUrl: url === '' ? null : url });
}

function commandRoutes(path: string): Route[] {
  return [
    {
      method: 'GET',
      path,
      run: (call) => ok(commandsOf(call.world, scopeOf(call)).map((command) => shown(call, command))),
    },
    { method: 'PUT', path, run: replaceAll },
    { method: 'POST', path, run: create },
    { method: 'GET', path: `${path}/:commandId`, run: (call) => ok(shown(call, commandOf(call))) },
    { method: 'PATCH', path: `${path}/:commandId`, run: update },
    {
      method: 'DELETE',
      path: `${path}/:commandId`,
      run(call) {
        call.world.dropCommand(commandOf(call));
        return nothing;
      },
    },
  ];
}

/** The server whose commands are meant; null for the global ones. Refuses another application's (20012). */
function scopeOf(call: Call): string | null {
  if (idOf(call, 'applicationId') !== applicationOf(call.world).id) throw new DiscordError(20012);
  if (call.params.guildId === undefined) return null;
  const guildId = idOf(call, 'guildId');
  if (!call.world.guilds.has(guildId)) throw new DiscordError(50001);
  return guildId;
}

export function commandsOf(world: World, guildId: string | null): Command[] {
  return [...world.commands.values()].filter((command) => command.guildId === guildId);
}

function commandOf(call: Call): Command {
  const guildId = scopeOf(call);
  const command = call.world.commands.get(idOf(call, 'commandId'));
  if (!command || command.guildId !== guildId) throw new DiscordError(10063);
  return command;
}

function shown(call: Call, command: Command): Json {
  if (call.query.get('with_localizations') === 'true') return command.body;
  const { name_localizations: _names, description_localizations: _texts, ...rest } = command.body;
  return rest;
}

// What Discord keeps of a command; anything else is dropped.
const optionKeys = [
  'type',
  'name',
  'name_localizations',
  'description',
  'description_localizations',
  'required',
  'choices',
  'options',
  'channel_types',
  'min_value',
  'max_value',
  'min_length',
  'max_length',
  'autocomplete',
];

function optionOf(value: unknown): Json {
  const option = asObject(value);
  const kept = Object.fromEntries(
    optionKeys.filter((key) => option[key] !== undefined).map((key) => [key, option[key]]),
  );
  if (kept.required === false) delete kept.required;
  if (kept.options !== undefined) kept.options = asArray(kept.options).map(optionOf);
  return kept;
}

function bodyOf(world: World, id: string, guildId: string | null, input: Json): Json {
  const type = Number(input.type ?? 1);
  const permissions = input.default_member_permissions;
  return {
    id,
    application_id: applicationOf(world).id,
    version: world.nextId(),
    default_member_permissions: permissions === undefined || permissions === null ? null : asText(permissions),
    type,
    name: input.name,
    name_localizations: input.name_localizations ?? null,
    description: type === 1 ? input.description : '',
    description_localizations: input.description_localizations ?? null,
    ...(guildId === null
      ? { dm_permission: input.dm_permission ?? true, contexts: input.contexts ?? null }
      : { guild_id: guildId }),
    integration_types: input.integration_types ?? [0],
    nsfw: input.nsfw ?? false,
    ...(asArray(input.options).length > 0 ? { options: asArray(input.options).map(optionOf) } : {}),
  };
}

function put(world: World, guildId: string | null, input: Json): { command: Command; isNew: boolean } {
  const known = commandsOf(world, guildId).find(
    ({ body }) => body.name === input.name && body.type === Number(input.type ?? 1),
  );
  const id = known?.id ?? world.nextId();
  const command: Command = { id, guildId, body: bodyOf(world, id, guildId, input) };
  world.saveCommand(command);
  return { command, isNew: !known };
}

function create(call: Call): Reply {
  const guildId = scopeOf(call);
  checkCommands([{ path: [], body: call.body }]);
  if (commandsOf(call.world, guildId).length >= maxCommands) throw new DiscordError(30032);
  const { command, isNew } = put(call.world, guildId, call.body);
  return isNew ? created(command.body) : ok(command.body);
}

function update(call: Call): Reply {
  const command = commandOf(call);
  checkCommands([{ path: [], body: { type: command.body.type, ...call.body }, isPartial: true }]);
  command.body = bodyOf(call.world, command.id, command.guildId, { ...command.body, ...call.body });
  call.world.saveCommand(command);
  return ok(command.body);
}

function replaceAll(call: Call): Reply {
  const { world } = call;
  const guildId = scopeOf(call);
  const inputs = call.list.map(asObject);
  checkCommands(inputs.map((body, index) => ({ path: [index], body })));
  if (inputs.length > maxCommands) throw new DiscordError(30032);
  const kept = new Set(inputs.map((input) => put(world, guildId, input).command.id));
  for (const command of commandsOf(world, guildId)) if (!kept.has(command.id)) world.dropCommand(command);
  return ok(commandsOf(world, guildId).map((command) => command.body));
}
