import { Type } from 'typebox';
import { attachmentReasons, attachmentStates } from '#tickets/attachment.ts';
import { nullable } from './basic.ts';

/** A file of a message, as a transcript lists it. */
export const attachment = Type.Object({
  id: Type.String(),
  name: nullable(Type.String({ description: 'Null when it was erased' })),
  sizeBytes: Type.Integer(),
  contentType: nullable(Type.String()),
  state: Type.Enum([...attachmentStates], { description: 'wanted: on its way; stored: `url` serves it' }),
  reason: nullable(Type.Enum([...attachmentReasons])),
  url: nullable(
    Type.String({
      description: "Where it is served, below this API; while it is not stored, Discord's own address, which dies",
    }),
  ),
  isPicture: Type.Boolean({ description: 'Served so that a page can show it; everything else is a download' }),
});
