/** Kinds of setting; each kind has one validator, one form input and one option in Discord. */
type Base = { readonly group: Group };
export type BooleanSetting = Base & { readonly kind: 'boolean'; readonly default: boolean };
export type IntegerSetting = Base & {
  readonly kind: 'integer';
  readonly default: number | null;
  readonly min: number;
  readonly max: number;
  readonly nullable: boolean;
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
export type ChannelSetting = Base & {
  readonly kind: 'channel';
  readonly types: 'text' | 'category';
  readonly default: null;
};
export type ColourSetting = Base & { readonly kind: 'colour'; readonly default: string };
export type Setting = BooleanSetting | IntegerSetting | TextSetting | ChoiceSetting | ChannelSetting | ColourSetting;

/** Groups are the subcommands of /settings: 25 at most (Discord's limit of options). */
export const groups = ['opening', 'welcome', 'claiming', 'closing', 'feedback', 'logs', 'access'] as const;
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

/** Every setting of a server. Titles and help are the locale keys `settings.<name>.title` and `.help`. Numbers: features.md 1.3 and section 0. */
export const settings = {
  openTicketsPerUser: integer({ group: 'opening', default: 5, min: 1, max: 50, nullable: true }),
  openTicketsInServer: integer({ group: 'opening', default: null, min: 1, max: 500, nullable: true }),
  ticketCategory: channel({ group: 'opening', types: 'category' }),
  openCommand: boolean({ group: 'opening', default: true }),
  namingScheme: choice({ group: 'opening', of: ['number', 'username'], default: 'number' }),
  welcomeMessage: text({ group: 'welcome', default: null, max: 4096, nullable: true }),
  primaryColour: colour({ group: 'welcome', default: '#252B4C' }),
  footerText: text({ group: 'welcome', default: null, max: 2048, nullable: true }),
  pingStaffOnOpen: boolean({ group: 'welcome', default: true }),
  claimingMode: choice({
    group: 'claiming',
    of: ['disabled', 'no-changes', 'readonly', 'private'],
    default: 'readonly',
  }),
  confirmClose: boolean({ group: 'closing', default: true }),
  closeRequiresReason: boolean({ group: 'closing', default: false }),
  defaultCloseReason: text({ group: 'closing', default: null, max: 1024, nullable: true }),
  usersCanClose: boolean({ group: 'closing', default: true }),
  dmOnClose: boolean({ group: 'closing', default: true }),
  feedback: boolean({ group: 'feedback', default: false }),
  transcriptsChannel: channel({ group: 'logs', types: 'text' }),
  trustManageGuild: boolean({ group: 'access', default: true }),
} as const;

/** A setting's name. */
export type SettingName = keyof typeof settings;

type ValueOf<S> = S extends BooleanSetting
  ? boolean
  : S extends IntegerSetting
    ? number | null
    : S extends ChoiceSetting<infer T>
      ? T
      : S extends ColourSetting
        ? string
        : string | null;

/** Every setting with its value in force. */
export type Settings = { readonly [K in SettingName]: ValueOf<(typeof settings)[K]> };
/** Only what a server chose; what it never chose follows the default, also a later one. */
export type Overrides = Partial<Settings>;
