import type { Handler } from './define.ts';
import { aboutCommand, dashboardCommand, inviteCommand, voteCommand } from './commands/about.ts';
import { assignCommand, transferCommand } from './commands/assign.ts';
import { claimButton, claimCommand, unclaimCommand } from './commands/claim.ts';
import {
  closeButton,
  closeCommand,
  closeConfirmButton,
  closeReasonButton,
  closeReasonModal,
} from './commands/close.ts';
import { reopenCommand } from './commands/reopen.ts';
import { openForMenu, startTicketMenu } from './commands/menus.ts';
import { onCallCommand } from './commands/on-call.ts';
import { joinButton } from './commands/join.ts';
import { helpCommandOf } from './commands/help.ts';
import { languageCommand } from './commands/language.ts';
import { historyButton, historyCommand } from './commands/history.ts';
import { jumpToTopCommand } from './commands/jump-to-top.ts';
import { labelAdd, labelCreate, labelDelete, labelList, labelRemove } from './commands/label.ts';
import { autocloseConfigure, autocloseExclude, autocloseStatus } from './commands/autoclose.ts';
import { closeAllButton, closeAllCommand } from './commands/close-all.ts';
import { acceptCloseButton, closeRequestCommand, denyCloseButton } from './commands/close-request.ts';
import { addCommand, removeCommand } from './commands/members.ts';
import { priorityCommand, renameCommand, topicCommand } from './commands/properties.ts';
import { switchPanelCommand } from './commands/switch-panel.ts';
import { ticketsButton, ticketsCommand } from './commands/tickets.ts';
import { openButton, openCommand, openFormButton, openFormSelect, openModal, openSelect } from './commands/open.ts';
import {
  panelCategorySelect,
  panelChannelSelect,
  panelCommand,
  panelHomeButton,
  panelMakeButton,
  panelNewButton,
  panelNewModal,
  panelPresetSelect,
  panelTeamsSelect,
} from './commands/panel.ts';
import {
  combineButton,
  combineChannelSelect,
  combineLayoutButton,
  combineMakeButton,
  combinePanelsSelect,
} from './commands/panel-combine.ts';
import {
  panelDeleteButton,
  panelDeleteYesButton,
  panelKeepButton,
  panelLookModal,
  panelLookSelect,
  panelPickSelect,
  panelSendButton,
  panelSetSelect,
  panelShowSelect,
  panelTextsModal,
  panelTextsSelect,
  panelWelcomeModal,
  panelWelcomeSelect,
} from './commands/panel-edit.ts';
import {
  messageDeleteButton,
  messageDeleteYesButton,
  messageOpenButton,
  messagePicturesModal,
  messagePicturesSelect,
  messageSendButton,
  messageSetSelect,
  messageShowSelect,
  messageTextsModal,
  messageTextsSelect,
  panelMessagePickSelect,
} from './commands/panel-message.ts';
import { reasonEditButton, reasonEditModal } from './commands/reason.ts';
import { problemsCommand, problemsRetryButton } from './commands/problems.ts';
import { rateButton, rateCommentButton, rateCommentModal } from './commands/rate.ts';
import {
  scheduleDelete,
  scheduleHoliday,
  scheduleSet,
  scheduleShow,
  scheduleTimezone,
} from './commands/schedule.ts';
import { settingsCommands, settingsUndoButton } from './commands/settings.ts';
import {
  setupAuto,
  setupCategory,
  setupLimit,
  setupPrefix,
  setupThreads,
  setupTranscripts,
  setupWelcome,
} from './commands/setup.ts';
import { addAdmin, addSupport, removeAdmin, removeSupport, staffTidyButton, viewStaff } from './commands/staff.ts';
import { statsServer, statsUser } from './commands/stats.ts';

/** Everything that people can do with Docket inside Discord. A list, not a scan of folders: it type-checks, and a test finds what is missing here. */
export const interactions: readonly Handler[] = [
  aboutCommand,
  helpCommandOf(() => interactions),
  inviteCommand,
  voteCommand,
  dashboardCommand,
  languageCommand,
  setupAuto,
  setupCategory,
  setupLimit,
  setupPrefix,
  setupTranscripts,
  setupThreads,
  setupWelcome,
  addAdmin,
  addSupport,
  removeAdmin,
  removeSupport,
  viewStaff,
  staffTidyButton,
  panelCommand,
  panelCategorySelect,
  panelChannelSelect,
  panelHomeButton,
  panelMakeButton,
  panelNewButton,
  panelNewModal,
  panelPresetSelect,
  panelTeamsSelect,
  combineButton,
  combineChannelSelect,
  combineLayoutButton,
  combineMakeButton,
  combinePanelsSelect,
  panelDeleteButton,
  panelDeleteYesButton,
  panelKeepButton,
  panelLookModal,
  panelLookSelect,
  panelPickSelect,
  panelSendButton,
  panelSetSelect,
  panelShowSelect,
  panelTextsModal,
  panelTextsSelect,
  panelWelcomeModal,
  panelWelcomeSelect,
  messageDeleteButton,
  messageDeleteYesButton,
  messageOpenButton,
  messagePicturesModal,
  messagePicturesSelect,
  messageSendButton,
  messageSetSelect,
  messageShowSelect,
  messageTextsModal,
  messageTextsSelect,
  panelMessagePickSelect,
  ...settingsCommands,
  settingsUndoButton,
  scheduleShow,
  scheduleSet,
  scheduleTimezone,
  scheduleHoliday,
  scheduleDelete,
  problemsCommand,
  problemsRetryButton,
  openCommand,
  openButton,
  openFormButton,
  openSelect,
  openFormSelect,
  openModal,
  joinButton,
  onCallCommand,
  startTicketMenu,
  openForMenu,
  reopenCommand,
  claimCommand,
  claimButton,
  unclaimCommand,
  assignCommand,
  transferCommand,
  switchPanelCommand,
  renameCommand,
  priorityCommand,
  topicCommand,
  labelAdd,
  labelRemove,
  labelCreate,
  labelDelete,
  labelList,
  jumpToTopCommand,
  historyCommand,
  historyButton,
  ticketsCommand,
  ticketsButton,
  addCommand,
  removeCommand,
  closeCommand,
  closeButton,
  closeConfirmButton,
  closeReasonButton,
  closeReasonModal,
  autocloseConfigure,
  autocloseExclude,
  autocloseStatus,
  closeAllCommand,
  closeAllButton,
  closeRequestCommand,
  acceptCloseButton,
  denyCloseButton,
  reasonEditButton,
  reasonEditModal,
  rateButton,
  rateCommentButton,
  rateCommentModal,
  statsServer,
  statsUser,
];
