import { IconAlertTriangle, IconCheck, IconClock, IconHandStop } from '@tabler/icons-react';
import type { TextKey } from '../../app/i18n.ts';
import { useLanguage } from '../../app/language.ts';
import type { TicketRow } from '../../data/types.ts';

type Tone = 'good' | 'bad' | 'warn' | 'info' | '';
type Chip = { tone: Tone; icon: typeof IconClock; name: TextKey };

/** Where a ticket stands, in one word: what hinders it before anything else, then who has to speak. */
export const chipOf = (ticket: Pick<TicketRow, 'state' | 'waiting' | 'claimedBy' | 'problem'>): Chip => {
  if (ticket.problem !== null) return { tone: 'bad', icon: IconAlertTriangle, name: 'ticket.hindered' };
  if (ticket.state === 'closed') return { tone: '', icon: IconCheck, name: 'ticket.closed' };
  if (ticket.state === 'reserved' || ticket.state === 'channel')
    return { tone: '', icon: IconClock, name: 'ticket.opening' };
  if (ticket.state === 'abandoned') return { tone: '', icon: IconAlertTriangle, name: 'ticket.abandoned' };
  if (ticket.waiting === 'staff') return { tone: 'warn', icon: IconClock, name: 'ticket.waitingStaff' };
  if (ticket.claimedBy !== null) return { tone: 'info', icon: IconHandStop, name: 'ticket.claimed' };
  return { tone: '', icon: IconClock, name: 'ticket.waitingMember' };
};

/** A ticket's chip; what hinders it stands beside. */
export const Status = ({ ticket }: { ticket: TicketRow }) => {
  const { t } = useLanguage();
  const { tone, icon: Icon, name } = chipOf(ticket);
  return (
    <>
      <span className={`chip ${tone}`}>
        <Icon className="i" aria-hidden />
        {t(name)}
      </span>
    </>
  );
};
