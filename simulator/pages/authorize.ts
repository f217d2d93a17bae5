import type { Call, Reply, Route } from '../http/route.ts';
import { issueCode } from '../routes/oauth.ts';
import { compareIds } from '../state/snowflake.ts';
import type { Guild } from '../state/types.ts';
import { applicationOf, type World } from '../state/world.ts';
import { isSnowflake } from '../validate/fields.ts';

const scopes = ['identify', 'guilds', 'guilds.members.read', 'email'];
const listedPerGuild = 200;

type Question = {
  clientId: string;
  redirectUri: string;
  scope: string;
  state: string;
  challenge: string;
};

/** Discord's consent page: whoever is chosen is signed in. */
export const authorizePages: Route[] = [
  { method: 'GET', path: '/oauth2/authorize', auth: 'none', run: ask },
  { method: 'POST', path: '/oauth2/authorize', auth: 'none', run: answer },
];

function ask(call: Call): Reply {
  const { world, query } = call;
  const problem = problemOf(world, query);
  if (problem) return page(400, 'Something is wrong with this link', `<p class="problem">${escape(problem)}</p>`);
  // A script may choose without the page: `user_id` beside the rest.
  const chosen = query.get('user_id');
  if (chosen !== null) return redirect(world, questionOf(query), chosen);
  return page(200, `${applicationOf(world).name} wants to know who you are`, formOf(world, questionOf(query)));
}

function answer(call: Call): Reply {
  const form = new URLSearchParams(Object.entries(call.body).map(([key, value]) => [key, String(value)]));
  const problem = problemOf(call.world, form);
  if (problem) return page(400, 'Something is wrong with this form', `<p class="problem">${escape(problem)}</p>`);
  return redirect(call.world, questionOf(form), form.get('user_id') ?? '');
}

function questionOf(from: URLSearchParams): Question {
  return {
    clientId: from.get('client_id') ?? '',
    redirectUri: from.get('redirect_uri') ?? '',
    scope: from.get('scope') ?? '',
    state: from.get('state') ?? '',
    challenge: from.get('code_challenge') ?? '',
  };
}

function problemOf(world: World, from: URLSearchParams): string | null {
  const { clientId, redirectUri, scope, challenge } = questionOf(from);
  if (clientId !== applicationOf(world).id) return 'The client_id is not this application.';
  if (!['http:', 'https:'].includes(URL.parse(redirectUri)?.protocol ?? ''))
    return 'The redirect_uri is no web address.';
  if (from.get('response_type') !== 'code') return 'The response_type must be "code".';
  const unknown = scope.split(' ').filter((word) => word !== '' && !scopes.includes(word));
  if (scope === '' || unknown.length > 0) return `The scope is missing or unknown: ${unknown.join(', ')}`;
  if (challenge !== '' && from.get('code_challenge_method') !== 'S256')
    return 'Only code_challenge_method S256 is known.';
  return null;
}

function redirect(world: World, question: Question, userId: string): Reply {
  const target = new URL(question.redirectUri);
  if (question.state !== '') target.searchParams.set('state', question.state);
  if (userId === '') {
    target.searchParams.set('error', 'access_denied');
    target.searchParams.set('error_description', 'The resource owner or authorization server denied the request');
  } else {
    const user = isSnowflake(userId) ? world.users.get(userId) : undefined;
    if (!user || user.isBot)
      return page(400, 'Nobody of this id', '<p class="problem">Choose somebody of the list.</p>');
    target.searchParams.set(
      'code',
      issueCode(world, {
        userId,
        scopes: question.scope.split(' ').filter((word) => word !== ''),
        redirectUri: question.redirectUri,
        challenge: question.challenge === '' ? null : question.challenge,
      }),
    );
  }
  // 303: the browser follows a POST with a GET.
  return { status: 303, headers: { location: target.href, 'cache-control': 'no-store' } };
}

function formOf(world: World, question: Question): string {
  const hidden = Object.entries({
    client_id: question.clientId,
    redirect_uri: question.redirectUri,
    response_type: 'code',
    scope: question.scope,
    state: question.state,
    ...(question.challenge === '' ? {} : { code_challenge: question.challenge, code_challenge_method: 'S256' }),
  }).map(([name, value]) => `<input type="hidden" name="${name}" value="${escape(value)}">`);
  const lists = [...world.guilds.values()].map((guild) => listOf(world, guild));
  return `<p>This is the local Discord: choose whom to sign in as.</p>
<form method="post" action="/oauth2/authorize">${hidden.join('')}${lists.join('')}
<button class="cancel" name="user_id" value="">Cancel</button></form>`;
}

function listOf(world: World, guild: Guild): string {
  const people = [...guild.members.values()]
    .filter((member) => world.users.get(member.userId)?.isBot === false)
    .sort((a, b) => rank(guild, b.userId) - rank(guild, a.userId) || compareIds(a.userId, b.userId))
    .slice(0, listedPerGuild);
  const buttons = people.map((member) => {
    const user = world.users.get(member.userId);
    const roles = member.roleIds.map((id) => guild.roles.get(id)?.name ?? '');
    const titles = [...(guild.ownerId === member.userId ? ['owner'] : []), ...roles].filter((title) => title !== '');
    const name = member.nick ?? user?.globalName ?? user?.username ?? member.userId;
    const note = titles.length > 0 ? ` <small>${escape(titles.join(', '))}</small>` : '';
    return `<button name="user_id" value="${member.userId}"><img alt="" src="${avatarOf(member.userId, user?.avatar)}">
<span>${escape(name)}${note}</span></button>`;
  });
  return `<h2>${escape(guild.name)}</h2><div class="people">${buttons.join('')}</div>`;
}

function avatarOf(userId: string, hash: string | null | undefined): string {
  return `/cdn/avatars/${userId}/${hash ?? '0'}.png?size=32`;
}

// Owners first, then those with roles.
function rank(guild: Guild, userId: string): number {
  return guild.ownerId === userId ? 2 : (guild.members.get(userId)?.roleIds.length ?? 0) > 0 ? 1 : 0;
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:44rem;margin:2rem auto;padding:0 1rem}
.people{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.5rem}button{display:flex;gap:.6rem;
align-items:center;padding:.5rem .7rem;border:1px solid #8886;border-radius:.5rem;background:transparent;color:inherit;font:inherit;
text-align:left;cursor:pointer}button:hover,button:focus-visible{border-color:#5865f2;outline:2px solid #5865f2}img{width:2rem;
height:2rem;border-radius:50%}small{display:block;opacity:.7}.cancel{margin-top:1.5rem}.problem{color:#d33}`;

function page(status: number, title: string, content: string): Reply {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width"><style>${style}</style></head><body><main><h1>${escape(title)}</h1>${content}</main></body></html>`;
  return {
    status,
    raw: { contentType: 'text/html; charset=utf-8', bytes: html },
    headers: {
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
    },
  };
}
