import { mustBeText } from './bounds.ts';
import type { PanelName } from './form.ts';

/** People and roles who work on the tickets of some panels. */
export type Team = {
  readonly id: number;
  readonly name: string;
  /** The team that /addadmin and /addsupport fill; it cannot be deleted. */
  readonly isDefault: boolean;
  /** Raised by every change of its name: the ETag. */
  readonly version: number;
  /** The panels whose tickets it gets. */
  readonly panels: readonly PanelName[];
};

/** A select menu's option holds 100 characters. */
export const teamBounds = { name: 100 } as const;

/** Checks a team's name. Throws AppError input.invalid. */
export const checkTeamName = (name: string): void => mustBeText('name', name, teamBounds.name);
