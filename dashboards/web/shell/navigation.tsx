import { IconChartBar, IconTicket, IconUsers } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import type { TextKey } from '../app/i18n.ts';
import { useLanguage } from '../app/language.ts';
import type { Guild } from '../data/types.ts';

type Entry = {
  to: '/dashboard/$guild/tickets' | '/dashboard/$guild/analytics' | '/dashboard/$guild/users';
  name: TextKey;
  icon: ComponentType<{ className?: string }>;
  adminsOnly: boolean;
};
type Group = { name: TextKey; isTitled: boolean; entries: Entry[] };

/** The pages that exist. One that a role may not see is absent, not grey. */
const groups: Group[] = [
  {
    name: 'nav.main',
    isTitled: false,
    entries: [{ to: '/dashboard/$guild/tickets', name: 'nav.tickets', icon: IconTicket, adminsOnly: false }],
  },
  {
    name: 'nav.analytics',
    isTitled: true,
    entries: [
      { to: '/dashboard/$guild/analytics', name: 'nav.server', icon: IconChartBar, adminsOnly: true },
      { to: '/dashboard/$guild/users', name: 'nav.people', icon: IconUsers, adminsOnly: true },
    ],
  },
];

export const Navigation = (props: { guild: Guild; onChoose?: () => void }) => {
  const { t, f } = useLanguage();
  const { guild } = props;
  const { openTicketCount } = guild;
  const mine = groups.map((group) => ({
    ...group,
    entries: group.entries.filter((entry) => !entry.adminsOnly || guild.level === 'admin'),
  }));
  return mine
    .filter((group) => group.entries.length > 0)
    .map((group) => (
      <nav key={group.name} aria-label={t(group.name)}>
        {group.isTitled && <h2 className="group">{t(group.name)}</h2>}
        <ul>
          {group.entries.map(({ to, name, icon: Icon }) => (
            <li key={to}>
              <Link
                to={to}
                params={{ guild: guild.id }}
                activeProps={{ 'aria-current': 'page' }}
                title={t(name)}
                onClick={() => props.onChoose?.()}
              >
                <Icon className="i" aria-hidden />
                <span>{t(name)}</span>
                {name === 'nav.tickets' && openTicketCount > 0 && (
                  <b>
                    {f.count(openTicketCount)}
                    <span className="sr"> {t('nav.openCount')}</span>
                  </b>
                )}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
    ));
};
