/** Discord's error codes that the simulator answers, with their HTTP status and text. */
export const discordErrors = {
  0: [404, '404: Not Found'],
  10003: [404, 'Unknown Channel'],
  10004: [404, 'Unknown Guild'],
  10007: [404, 'Unknown Member'],
  10008: [404, 'Unknown Message'],
  10009: [404, 'Unknown Permission Overwrite'],
  10011: [404, 'Unknown Role'],
  10013: [404, 'Unknown User'],
  10014: [404, 'Unknown Emoji'],
  10015: [404, 'Unknown Webhook'],
  10062: [404, 'Unknown interaction'],
  10063: [404, 'Unknown application command'],
  20012: [403, 'You are not authorized to perform this action on this application'],
  30005: [400, 'Maximum number of guild roles reached (250)'],
  30013: [400, 'Maximum number of guild channels reached (500)'],
  30032: [400, 'Maximum number of application commands reached (100)'],
  30060: [400, 'Maximum number of channel permission overwrites reached'],
  40060: [400, 'Interaction has already been acknowledged.'],
  50001: [403, 'Missing Access'],
  50003: [400, 'Cannot execute action on a DM channel'],
  50005: [403, 'Cannot edit a message authored by another user'],
  50006: [400, 'Cannot send an empty message'],
  50007: [403, 'Cannot send messages to this user'],
  50008: [400, 'Cannot send messages in a non-text channel'],
  50013: [403, 'Missing Permissions'],
  50024: [403, 'Cannot execute action on this channel type'],
  50027: [401, 'Invalid Webhook Token'],
  50028: [400, 'Invalid role'],
  50033: [400, 'Invalid Recipient(s)'],
  50034: [400, 'You can only bulk delete messages that are under 14 days old.'],
  50035: [400, 'Invalid Form Body'],
  50083: [400, 'Thread is archived'],
  50109: [400, 'The request body contains invalid JSON.'],
  160004: [400, 'A thread has already been created for this message'],
  160006: [400, 'Maximum number of active threads reached'],
  160005: [400, 'Thread is locked'],
} as const satisfies Record<number, readonly [status: number, message: string]>;

export type DiscordCode = keyof typeof discordErrors;

/** A refusal as Discord words it. `fields` are 50035's nested errors. */
export class DiscordError extends Error {
  readonly status: number;
  readonly code: number;
  readonly fields: object | null;
  constructor(code: DiscordCode, o: { fields?: object; status?: number; message?: string } = {}) {
    const [status, message] = discordErrors[code];
    super(o.message ?? message);
    this.name = 'DiscordError';
    this.code = code;
    this.status = o.status ?? status;
    this.fields = o.fields ?? null;
  }
  body(): object {
    return this.fields
      ? { message: this.message, code: this.code, errors: this.fields }
      : { message: this.message, code: this.code };
  }
}

/** Collects what is wrong with a body, field by field, and refuses it at the end with 50035. */
export function createProblems() {
  const fields: Record<string, unknown> = {};
  let isEmpty = true;
  return {
    /** @param path keys and indexes, e.g. ['components', 0, 'components', 1, 'label'] */
    add(path: readonly (string | number)[], code: string, message: string): void {
      isEmpty = false;
      let at: Record<string, unknown> = fields;
      for (const key of path) at = (at[key] ??= {}) as Record<string, unknown>;
      ((at._errors ??= []) as object[]).push({ code, message });
    },
    isEmpty: () => isEmpty,
    throwIfAny(): void {
      if (!isEmpty) throw new DiscordError(50035, { fields });
    },
  };
}
export type Problems = ReturnType<typeof createProblems>;

/** The refusal of a body for one field. */
export function invalid(path: readonly (string | number)[], code: string, message: string): DiscordError {
  let fields: object = { _errors: [{ code, message }] };
  for (const key of [...path].reverse()) fields = { [key]: fields };
  return new DiscordError(50035, { fields });
}
