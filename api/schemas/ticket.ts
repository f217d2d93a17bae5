import { Type } from 'typebox';
import { ticketStates } from '#tickets/ticket.ts';
import { docketId, moment, nullable, person } from './basic.ts';

/** A ticket as lists show it. */
export const ticketRow = Type.Object({
  id: docketId,
  displayNo: Type.Integer(),
  lifetimeNo: nullable(Type.Integer()),
  state: Type.Enum([...ticketStates]),
  panelId: nullable(docketId),
  panelName: nullable(Type.String()),
  opener: person,
  claimedBy: nullable(person),
  openedAt: moment,
  closedAt: nullable(moment),
  closeReason: nullable(Type.String()),
  rating: nullable(Type.Integer({ minimum: 1, maximum: 5 })),
  staleAt: nullable(Type.String({ description: 'Since when nobody has written for longer than the server likes' })),
  waiting: nullable(Type.Enum(['staff', 'member'])),
  problem: nullable(Type.String({ description: 'What hinders Docket in Discord, for people' })),
});
