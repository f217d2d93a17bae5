/** What an API key may be allowed. */
export const scopes = ['analytics:read'] as const;
export type Scope = (typeof scopes)[number];
