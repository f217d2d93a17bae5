import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { HttpError } from './problem.ts';

/** The headers of a change: which version it was made from. */
export const conditionHeaders = Type.Object({
  'if-match': Type.Optional(Type.String({ description: 'The ETag of what was read' })),
});

const tagOf = (version: number): string => `"${version}"`;

/** Answers with the version as ETag. */
export function tag(reply: FastifyReply, version: number): void {
  void reply.header('etag', tagOf(version));
}

/**
 * The version that a change was made from; one that nothing has when the tag is not ours.
 * @throws HttpError panel.condition-missing
 */
export function versionIn(request: FastifyRequest): number {
  const condition = request.headers['if-match'];
  if (condition === undefined) throw new HttpError('panel.condition-missing');
  const version = /^"(\d{1,9})"$/.exec(condition)?.[1];
  return version === undefined ? -1 : Number(version);
}
