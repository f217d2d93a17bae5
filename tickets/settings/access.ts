import type { SettingName } from './registry.ts';

/** The settings that decide who sees a ticket's channel, and what its opener may do there. */
export const accessSettings: readonly SettingName[] = [
  'claimingMode',
  'supportRoles',
  'openerReactions',
  'openerTts',
  'openerEmbeds',
  'openerFiles',
  'openerEmojis',
  'openerStickers',
  'openerVoiceMessages',
];
