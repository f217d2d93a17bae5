import { Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLanguage } from '../app/language.ts';
import type { Guild } from '../data/types.ts';
import { AccountMenu } from './account-menu.tsx';
import { Navigation } from './navigation.tsx';
import { ServerSwitcher } from './server-switcher.tsx';

/** Sidebar (a bar and a drawer on phones) around the pages of a server. */
export const Shell = ({ guild, children }: { guild: Guild; children: ReactNode }) => {
  const { t } = useLanguage();
  const [isMenuOpen, menu] = useDisclosure(false);
  return (
    <>
      <SkipLink />
      <div className="shell">
        <aside className="side" aria-label={t('nav.label')}>
          <ServerSwitcher guild={guild} />
          <Navigation guild={guild} />
          <div className="me">
            <AccountMenu />
          </div>
        </aside>
        <div className="body">
          <header className="top">
            <button
              type="button"
              className="icon"
              aria-label={t('nav.menu')}
              aria-expanded={isMenuOpen}
              onClick={menu.open}
            >
              <IconMenu2 className="i" aria-hidden />
            </button>
            <ServerSwitcher guild={guild} />
            {guild.level === 'admin' && (
              <Link
                className="icon"
                to="/dashboard/$guild/users"
                params={{ guild: guild.id }}
                aria-label={t('lookUp.title')}
              >
                <IconSearch className="i" aria-hidden />
              </Link>
            )}
            <AccountMenu isCompact />
          </header>
          {children}
        </div>
      </div>
      <Drawer
        opened={isMenuOpen}
        onClose={menu.close}
        size={280}
        title={guild.name}
        closeButtonProps={{ 'aria-label': t('nav.close') }}
      >
        <div className="drawer-side">
          <Navigation guild={guild} onChoose={menu.close} />
        </div>
      </Drawer>
    </>
  );
};

/** The first thing that Tab reaches: past the navigation. */
export const SkipLink = () => {
  const { t } = useLanguage();
  return (
    <a className="skip" href="#main" onClick={() => document.getElementById('main')?.focus()}>
      {t('nav.skip')}
    </a>
  );
};
