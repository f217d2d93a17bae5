import { Menu, type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconCheck, IconDeviceDesktop, IconLogout, IconMoon, IconSelector, IconSun } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLanguage } from '../app/language.ts';
import { sessionQuery } from '../data/queries.ts';
import { postChange } from '../data/request.ts';
import { FaceMark } from '../parts/face.tsx';

const schemes = [
  { value: 'auto', name: 'theme.auto', icon: IconDeviceDesktop },
  { value: 'light', name: 'theme.light', icon: IconSun },
  { value: 'dark', name: 'theme.dark', icon: IconMoon },
] as const satisfies { value: MantineColorScheme; name: string; icon: typeof IconSun }[];

/** Who is signed in, their theme, and signing out. */
export const AccountMenu = ({ isCompact }: { isCompact?: boolean }) => {
  const { t } = useLanguage();
  const { data: session } = useQuery(sessionQuery());
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut(session?.csrf ?? null);
  const user = session?.user;
  if (!user) return null;
  return (
    <Menu position={isCompact ? 'bottom-end' : 'top-start'} width={200} shadow="none">
      <Menu.Target>
        <button type="button" className={isCompact ? 'icon' : ''}>
          <FaceMark name={user.name} avatarUrl={user.avatarUrl} />
          <span className="sr">{isCompact ? t('account.label', { name: user.name }) : t('account.title')}</span>
          {!isCompact && (
            <>
              <span className="name">{user.name}</span>
              <IconSelector className="i" aria-hidden />
            </>
          )}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('theme.label')}</Menu.Label>
        {schemes.map(({ value, name, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon className="i" aria-hidden />}
            rightSection={colorScheme === value && <IconCheck className="i" aria-label={t('theme.chosen')} />}
            onClick={() => setColorScheme(value)}
          >
            {t(name)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout className="i" aria-hidden />} onClick={() => signOut.mutate()}>
          {t('account.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
};

const useSignOut = (csrf: string | null) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => postChange('/api/sign-out', csrf ?? ''),
    // Nothing of this person may stay in memory, whether or not the server could be reached.
    onSettled: () => {
      queries.clear();
      window.location.assign('/');
    },
  });
};
