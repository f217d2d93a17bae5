import { PermissionFlagsBits } from 'discord-api-types/v10';

/** Whether somebody's permissions, as Discord writes them, let them manage the server. */
export const managesGuild = (permissions: string): boolean =>
  (BigInt(permissions) & (PermissionFlagsBits.ManageGuild | PermissionFlagsBits.Administrator)) !== 0n;
