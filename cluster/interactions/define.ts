import type { APIInteraction, APIMessage, APIModalInteractionResponseCallbackData } from 'discord-api-types/v10';
import type { Actor, Level } from '#tickets/permission.ts';
import type { Settings } from '#tickets/settings/registry.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { readCustomId, writeCustomId } from './custom-id.ts';
import type { Deps } from './deps.ts';
import type { Args, ArgValues, Options, OptionValues } from './options.ts';
import type { Reply } from './reply.ts';
import type { Target } from './target.ts';

/** What every handler gets: who asks, where, and how to answer. */
export type Call = {
  readonly deps: Deps;
  readonly guildId: string;
  /** The server as Docket knows it, settings in force. */
  readonly guild: { readonly name: string; readonly ownerId: string; readonly settings: Settings };
  readonly actor: Actor;
  readonly level: Level;
  /** The name that Discord shows for who asks. */
  readonly userName: string;
  readonly channelId: string | null;
  readonly interactionId: string;
  readonly token: string;
  /** The moment of the click, ms: the interaction's snowflake. */
  readonly at: number;
  readonly locale: string;
  /** Discord's preferred language of the server, which a server that chose none follows. */
  readonly preferredLocale: string;
  readonly reply: Reply;
};

/** What a handler that answers with a form may use: nothing that must be read first, but `panels`. */
export type FormCall = {
  readonly deps: Deps;
  readonly guildId: string;
  readonly locale: string;
};

/** At most `times` in `everyMs` for one person and handler; more is refused with `rate-limited`. */
export type Rate = { readonly times: number; readonly everyMs: number };
export const defaultRate: Rate = { times: 20, everyMs: 10_000 };

type Guards<InTicket extends boolean> = {
  readonly level: Level;
  /** Whether it belongs to a ticket: the one that the custom id names, else the one whose channel it is. */
  readonly inTicket?: InTicket;
  readonly rate?: Rate;
  /** It shows somebody their own data, so those on the blocklist may use it too. */
  readonly forBlocked?: boolean;
};
type TicketOf<InTicket extends boolean> = InTicket extends true ? { readonly ticket: Ticket } : unknown;

/**
 * How it is acknowledged, from memory: `ephemeral` and `public` promise a message, `update` an edit of the message that was clicked,
 * `form` shows a modal.
 */
export type Defer = 'ephemeral' | 'public' | 'update';
type Form<A extends Args> = (
  call: FormCall & { readonly args: ArgValues<A> },
) => Promise<APIModalInteractionResponseCallbackData>;

/** What somebody may choose while they type: at most 25, each with what is shown and what is sent. */
export type Suggestion = { readonly name: string; readonly value: string };
/** Suggests values of an option. Its guards are the command's, and it answers within 2 s: one bounded query. */
export type Suggest = (
  call: Call & { readonly ticket: Ticket | null; readonly typed: string },
) => Promise<readonly Suggestion[]>;

type Run<Extra> = (call: Call & Extra) => Promise<void>;
/** A handler as the dispatcher sees it; the `define…` functions checked the types of what it is called with. */
export type Handler = {
  readonly kind: 'command' | 'menu' | 'button' | 'select' | 'modal';
  /** A command's name may have two words: `stats server` is the subcommand `server` of `stats`. */
  readonly name: string;
  readonly level: Level;
  readonly inTicket: boolean;
  readonly forBlocked: boolean;
  readonly rate: Rate;
  readonly defer: Defer | 'form';
  readonly options: Options;
  readonly args: Args;
  readonly form: Form<Args> | null;
  /** Options whose values are suggested, by name. */
  readonly suggests: Readonly<Record<string, Suggest>>;
  /** It may be used in direct messages: its custom id names the server. */
  readonly inDms: boolean;
  /** What a context menu belongs to; null for what is none. */
  readonly target: Target['kind'] | null;
  readonly run: Run<{
    target: Target | null;
    ticket: Ticket | null;
    options: Record<string, unknown>;
    args: Record<string, string | number>;
    values: readonly string[];
    fields: Readonly<Record<string, string>>;
    message: APIMessage | null;
    interaction: APIInteraction;
  }>;
};

const base = {
  rate: defaultRate,
  inTicket: false,
  forBlocked: false,
  options: {},
  args: {},
  form: null,
  inDms: false,
  suggests: {},
  target: null,
} as const;

/** A slash command; texts are the locale keys `commands.<name>.…`. */
export function defineCommand<const O extends Options, const T extends boolean = false>(
  o: Guards<T> & {
    readonly name: string;
    readonly defer: 'ephemeral' | 'public';
    readonly options?: O;
    readonly suggests?: { readonly [K in keyof O]?: Suggest };
    readonly run: Run<TicketOf<T> & { readonly options: OptionValues<O> }>;
  },
): Handler {
  return {
    ...base,
    ...o,
    kind: 'command',
    options: o.options ?? {},
    suggests: (o.suggests ?? {}) as Handler['suggests'],
    run: o.run as Handler['run'],
  };
}

/** An entry of the menu that a right click on a message or a person shows; its name is the locale key `commands.<name>.name`. */
export function defineMenu<const K extends Target['kind']>(o: {
  readonly name: string;
  readonly target: K;
  readonly level: Level;
  readonly defer: 'ephemeral';
  readonly run: Run<{ readonly target: Extract<Target, { kind: K }> }>;
}): Handler {
  return { ...base, ...o, kind: 'menu', run: o.run as unknown as Handler['run'] };
}

type Component<A extends Args, T extends boolean> = Guards<T> & {
  readonly name: string;
  readonly args: A;
  readonly inDms?: boolean;
};
type Named<A extends Args> = Handler & {
  /** The custom id of one such component or modal. */
  customId(values: ArgValues<A>): string;
  read(customId: string): ArgValues<A> | null;
};

const named = <A extends Args>(handler: Handler, args: A): Named<A> => ({
  ...handler,
  customId: (values) => writeCustomId(handler.name, args, values),
  read: (customId) => readCustomId(args, customId),
});

/** A button that does something. */
export function defineButton<const A extends Args, const T extends boolean = false>(
  o: Component<A, T> & {
    readonly defer: Defer;
    readonly run: Run<TicketOf<T> & { readonly args: ArgValues<A>; readonly message: APIMessage | null }>;
  },
): Named<A> {
  return named({ ...base, ...o, kind: 'button', run: o.run as Handler['run'] } as Handler, o.args);
}

/** A button that shows a form. It does nothing else, so it has no guards: the form's submission has them. */
export function defineFormButton<const A extends Args>(o: {
  readonly name: string;
  readonly args: A;
  readonly inDms?: boolean;
  readonly form: Form<A>;
}): Named<A> {
  const run = async () => {};
  return named(
    { ...base, ...o, level: 'member', kind: 'button', defer: 'form', form: o.form as unknown as Form<Args>, run },
    o.args,
  );
}

/** A select menu; `values` are what was chosen. */
export function defineSelect<const A extends Args, const T extends boolean = false>(
  o: Component<A, T> & {
    readonly defer: Defer;
    readonly run: Run<
      TicketOf<T> & {
        readonly args: ArgValues<A>;
        readonly values: readonly string[];
        readonly message: APIMessage | null;
      }
    >;
  },
): Named<A> {
  return named({ ...base, ...o, kind: 'select', run: o.run as Handler['run'] } as Handler, o.args);
}

/** The submission of a modal; `fields` are its inputs by custom id. */
export function defineModal<const A extends Args, const T extends boolean = false>(
  o: Component<A, T> & {
    readonly defer: Defer;
    readonly run: Run<
      TicketOf<T> & {
        readonly args: ArgValues<A>;
        readonly fields: Readonly<Record<string, string>>;
        readonly message: APIMessage | null;
      }
    >;
  },
): Named<A> {
  return named({ ...base, ...o, kind: 'modal', run: o.run as Handler['run'] } as Handler, o.args);
}
