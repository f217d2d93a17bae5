import type { PremiumFeature } from '../entitlement.ts';
import { locales } from './locales.ts';

/** Kinds of setting; each kind has one validator, one form input and one option in Discord. */
type Base = {
  readonly group: Group;
  /** Anything but the default is part of premium. */
  readonly premium?: PremiumFeature;
};
export type BooleanSetting = Base & { readonly kind: 'boolean'; readonly default: boolean };
export type IntegerSetting = Base & {
  readonly kind: 'integer';
  readonly default: number | null;
  readonly min: number;
  readonly max: number;
  readonly nullable: boolean;
};
/** Milliseconds; people write `2d 12h`. */
export type DurationSetting = Base & {
  readonly kind: 'duration';
  readonly default: null;
  readonly min: number;
  readonly max: number;
};
export type TextSetting = Base & {
  readonly kind: 'text';
  readonly default: string | null;
  readonly max: number;
  readonly nullable: boolean;
};
export type ChoiceSetting<T extends string = string> = Base & {
  readonly kind: 'choice';
  readonly of: readonly T[];
  readonly default: T;
};
/** A language that Docket has texts in; null follows Discord's preferred language of the server. */
export type LanguageSetting = Base & {
  readonly kind: 'language';
  readonly of: readonly string[];
  readonly default: null;
};
export type ChannelSetting = Base & {
  readonly kind: 'channel';
  readonly types: 'text' | 'category';
  readonly default: null;
};
/** Ids of one kind, in the order that was chosen, without repetition. */
export type ListSetting = Base & {
  readonly kind: 'list';
  readonly of: 'category' | 'role' | 'user';
  readonly max: number;
  readonly default: readonly [];
};
/** The id of a panel or a schedule of this server; null: none. */
export type ReferenceSetting = Base & {
  readonly kind: 'reference';
  readonly to: 'panel' | 'schedule';
  readonly default: null;
};
export type ColourSetting = Base & { readonly kind: 'colour'; readonly default: string };
export type Setting =
  | BooleanSetting
  | IntegerSetting
  | DurationSetting
  | TextSetting
  | ChoiceSetting
  | LanguageSetting
  | ChannelSetting
  | ListSetting
  | ReferenceSetting
  | ColourSetting;

/** Groups are the subcommands of /settings: 25 at most, and 25 options in each (Discord's limits). */
export const groups = [
  'general',
  'opening',
  'limits',
  'places',
  'threads',
  'welcome',
  'members',
  'claiming',
  'closing',
  'autoclose',
  'hours',
  'feedback',
  'logs',
  'context',
  'access',
] as const;
export type Group = (typeof groups)[number];

const boolean = (o: Omit<BooleanSetting, 'kind'>): BooleanSetting => ({ kind: 'boolean', ...o });
const integer = (o: Omit<IntegerSetting, 'kind'>): IntegerSetting => ({ kind: 'integer', ...o });
const text = (o: Omit<TextSetting, 'kind'>): TextSetting => ({ kind: 'text', ...o });
const choice = <const T extends string>(o: Omit<ChoiceSetting<T>, 'kind'>): ChoiceSetting<T> => ({
  kind: 'choice',
  ...o,
});
const channel = (o: Omit<ChannelSetting, 'kind' | 'default'>): ChannelSetting => ({
  kind: 'channel',
  default: null,
  ...o,
});
const colour = (o: Omit<ColourSetting, 'kind'>): ColourSetting => ({ kind: 'colour', ...o });
const list = (o: Omit<ListSetting, 'kind' | 'default'>): ListSetting => ({ kind: 'list', default: [], ...o });
const reference = (o: Omit<ReferenceSetting, 'kind' | 'default'>): ReferenceSetting => ({
  kind: 'reference',
  default: null,
  ...o,
});
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Longer than a minute, so that the sweep keeps its time; shorter than most people's patience with a dead ticket. */
const duration = (o: Base): DurationSetting => ({
  kind: 'duration',
  default: null,
  min: 5 * minute,
  max: 90 * day,
  ...o,
});

/** Every setting of a server. Titles and help are the locale keys `settings.<name>.title` and `.help`. Numbers: features.md 1.3 and section 0. */
export const settings = {
  language: { kind: 'language', group: 'general', of: locales, default: null } as LanguageSetting,
  commandPrefix: text({ group: 'general', default: '?', max: 5, nullable: false, premium: 'commandPrefix' }),
  primaryColour: colour({ group: 'general', default: '#252B4C', premium: 'primaryColour' }),
  footerText: text({ group: 'general', default: null, max: 2048, nullable: true, premium: 'footerText' }),

  openCommand: boolean({ group: 'opening', default: true }),
  dedicatedChannel: channel({ group: 'opening', types: 'text' }),
  namingScheme: choice({ group: 'opening', of: ['number', 'username'], default: 'number' }),
  continuousNumbering: boolean({ group: 'opening', default: true }),
  manualTicketStyle: choice({ group: 'opening', of: ['channel', 'thread'], default: 'channel' }),

  openTicketsPerUser: integer({ group: 'limits', default: 5, min: 1, max: 50, nullable: true }),
  openTicketsInServer: integer({ group: 'limits', default: null, min: 1, max: 500, nullable: true }),

  ticketCategory: channel({ group: 'places', types: 'category' }),
  overflowCategories: list({ group: 'places', of: 'category', max: 10 }),
  createCategories: boolean({ group: 'places', default: false }),
  overflowToThreads: boolean({ group: 'places', default: false }),
  waitingQueue: boolean({ group: 'places', default: true }),

  useThreads: boolean({ group: 'threads', default: false }),
  threadNotificationChannel: channel({ group: 'threads', types: 'text' }),
  threadCloseAction: choice({ group: 'threads', of: ['usual', 'archive', 'delete'], default: 'usual' }),
  staffThread: boolean({ group: 'threads', default: false }),

  welcomeMessage: text({ group: 'welcome', default: null, max: 4096, nullable: true }),
  pingStaffOnOpen: boolean({ group: 'welcome', default: true }),
  deleteMention: boolean({ group: 'welcome', default: true }),

  openerReactions: boolean({ group: 'members', default: true }),
  openerTts: boolean({ group: 'members', default: true }),
  openerEmbeds: boolean({ group: 'members', default: true }),
  openerFiles: boolean({ group: 'members', default: true }),
  openerEmojis: boolean({ group: 'members', default: true }),
  openerStickers: boolean({ group: 'members', default: true }),
  openerVoiceMessages: boolean({ group: 'members', default: true }),

  claimingMode: choice({
    group: 'claiming',
    of: ['disabled', 'no-changes', 'readonly', 'private'],
    default: 'readonly',
  }),
  claimButton: choice({ group: 'claiming', of: ['usual', 'on', 'off'], default: 'usual' }),
  pingOpenerOnClaim: boolean({ group: 'claiming', default: false }),

  confirmClose: boolean({ group: 'closing', default: true }),
  closeRequiresReason: boolean({ group: 'closing', default: false }),
  defaultCloseReason: text({ group: 'closing', default: null, max: 1024, nullable: true }),
  usersCanClose: boolean({ group: 'closing', default: true }),
  dmOnClose: boolean({ group: 'closing', default: true }),
  hideCloser: boolean({ group: 'closing', default: false }),

  autoclose: boolean({ group: 'autoclose', default: false }),
  autocloseOnLeave: boolean({ group: 'autoclose', default: false }),
  autocloseNoResponse: duration({ group: 'autoclose', premium: 'autocloseTimers' }),
  autocloseInactive: duration({ group: 'autoclose', premium: 'autocloseTimers' }),
  autocloseIgnoresStaff: boolean({ group: 'autoclose', default: false }),
  autocloseWarning: duration({ group: 'autoclose' }),
  staleAfter: duration({ group: 'autoclose' }),

  schedule: reference({ group: 'hours', to: 'schedule' }),
  outsideHours: choice({ group: 'hours', of: ['open', 'notice', 'refuse'], default: 'notice' }),

  feedback: boolean({ group: 'feedback', default: false }),

  transcriptsChannel: channel({ group: 'logs', types: 'text' }),
  storeTranscripts: boolean({ group: 'logs', default: true }),
  logChannel: channel({ group: 'logs', types: 'text' }),
  openedLogChannel: channel({ group: 'logs', types: 'text' }),
  closedLogChannel: channel({ group: 'logs', types: 'text' }),
  countStaffMessages: boolean({ group: 'logs', default: true }),

  contextMenuLevel: choice({ group: 'context', of: ['member', 'support', 'admin'], default: 'support' }),
  contextMenuAddsSender: boolean({ group: 'context', default: true }),
  contextMenuPanel: reference({ group: 'context', to: 'panel' }),

  trustManageGuild: boolean({ group: 'access', default: true }),
  supportRoles: list({ group: 'access', of: 'role', max: 25 }),
  blockedRoles: list({ group: 'access', of: 'role', max: 100 }),
  blockedUsers: list({ group: 'access', of: 'user', max: 1000 }),
  transcriptsByRole: boolean({ group: 'access', default: false }),
} as const;

/** A setting's name. */
export type SettingName = keyof typeof settings;

type ValueOf<S> = S extends BooleanSetting
  ? boolean
  : S extends IntegerSetting
    ? number | null
    : S extends DurationSetting | ReferenceSetting
      ? number | null
      : S extends ListSetting
        ? readonly string[]
        : S extends ChoiceSetting<infer T>
          ? T
          : S extends ColourSetting
            ? string
            : S extends TextSetting
              ? S['nullable'] extends false
                ? string
                : string | null
              : string | null;

/** Every setting with its value in force. */
export type Settings = { readonly [K in SettingName]: ValueOf<(typeof settings)[K]> };
/** Only what a server chose; what it never chose follows the default, also a later one. */
export type Overrides = Partial<Settings>;
