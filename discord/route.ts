// Parts of a path that are somebody's: ids, tokens of interactions and webhooks, emojis.
const id = /\/\d{1,20}(?=\/|$)/g;
const token = /\/(interactions|webhooks)\/([^/]+)\/[^/]+/;
const emoji = /\/reactions\/[^/]+/;

/** The address without what would let anybody answer in the bot's place: interactions and webhooks carry a token. */
export const withoutToken = (url: string): string => url.replace(token, '/$1/$2/…');

/** The route of a request as a label: `POST /channels/:id/messages`. As many values as Discord has routes, whatever is asked. */
export function routeOf(method: string, url: string): string {
  const path = (URL.parse(url)?.pathname ?? url).replace(/^\/api(\/v\d+)?(?=\/)/, '');
  const general = path.replace(token, '/$1/:id/:token').replace(emoji, '/reactions/:emoji').replace(id, '/:id');
  return `${method.toUpperCase()} ${general}`;
}
