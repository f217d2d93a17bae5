import type { Handler } from './define.ts';
import { claimButton, claimCommand, unclaimCommand } from './commands/claim.ts';
import {
  closeButton,
  closeCommand,
  closeConfirmButton,
  closeReasonButton,
  closeReasonModal,
} from './commands/close.ts';
import { addCommand, removeCommand } from './commands/members.ts';
import { openButton, openCommand, openFormButton, openModal } from './commands/open.ts';
import {
  panelCategorySelect,
  panelChannelSelect,
  panelCommand,
  panelMakeButton,
  panelNewButton,
  panelNewModal,
} from './commands/panel.ts';
import { rateButton, rateCommentButton, rateCommentModal } from './commands/rate.ts';
import { settingsCommands } from './commands/settings.ts';
import { addAdmin, addSupport, viewStaff } from './commands/staff.ts';
import { statsServer, statsUser } from './commands/stats.ts';

/** Everything that people can do with Docket inside Discord. A list, not a scan of folders: it type-checks, and a test finds what is missing here. */
export const interactions: readonly Handler[] = [
  addAdmin,
  addSupport,
  viewStaff,
  panelCommand,
  panelNewButton,
  panelNewModal,
  panelChannelSelect,
  panelCategorySelect,
  panelMakeButton,
  ...settingsCommands,
  openCommand,
  openButton,
  openFormButton,
  openModal,
  claimCommand,
  claimButton,
  unclaimCommand,
  addCommand,
  removeCommand,
  closeCommand,
  closeButton,
  closeConfirmButton,
  closeReasonButton,
  closeReasonModal,
  rateButton,
  rateCommentButton,
  rateCommentModal,
  statsServer,
  statsUser,
];
