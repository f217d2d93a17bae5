/** What became of one row in one step: it goes on, it is not needed, or it cannot be stored and is kept with the reason. */
export type Result<T> = { readonly ok: T } | { readonly drop: string } | { readonly dead: string };
