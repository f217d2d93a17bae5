import { Combobox, useCombobox } from '@mantine/core';
import { IconCheck, IconSelector } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useLanguage } from '../app/language.ts';
import { guildsQuery } from '../data/queries.ts';
import type { GuildSummary } from '../data/types.ts';
import { Crest } from '../parts/face.tsx';

/** The server that the page is about; opens a searchable list of the others. */
export const ServerSwitcher = ({ guild }: { guild: GuildSummary }) => {
  const { t, f } = useLanguage();
  const navigate = useNavigate();
  const [search, setSearch] = useState('');
  const { data: guilds = [guild] } = useQuery(guildsQuery());
  const box = useCombobox({
    onDropdownClose: () => {
      box.resetSelectedOption();
      box.focusTarget();
      setSearch('');
    },
    onDropdownOpen: () => box.focusSearchInput(),
  });
  const wanted = search.trim().toLocaleLowerCase();
  const found = guilds.filter((one) => one.name.toLocaleLowerCase().includes(wanted));
  const choose = (id: string) => {
    box.closeDropdown();
    void navigate({ to: '/dashboard/$guild', params: { guild: id } });
  };
  const members = (one: GuildSummary) =>
    t('guild.members', { count: one.memberCount, shown: f.count(one.memberCount) });
  return (
    <Combobox store={box} onOptionSubmit={choose} position="bottom-start" width={260} shadow="none">
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <button
          type="button"
          className="switch"
          aria-haspopup="listbox"
          aria-expanded={box.dropdownOpened}
          onClick={() => box.toggleDropdown()}
        >
          <Crest name={guild.name} iconUrl={guild.iconUrl} />
          <span className="what">
            <span className="sr">{t('guild.switch')}: </span>
            <b>{guild.name}</b>
            <small>{members(guild)}</small>
          </span>
          <IconSelector className="i" aria-hidden />
        </button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            box.updateSelectedOptionIndex();
          }}
          placeholder={t('guild.find')}
          aria-label={t('guild.find')}
        />
        <Combobox.Options aria-label={t('guild.servers')} style={{ maxHeight: 320, overflowY: 'auto' }}>
          {found.map((one) => (
            <Combobox.Option key={one.id} value={one.id} className="option" active={one.id === guild.id}>
              <Crest name={one.name} iconUrl={one.iconUrl} />
              <span className="what">
                <b>{one.name}</b>
                <small>{members(one)}</small>
              </span>
              {one.id === guild.id && <IconCheck className="i" aria-label={t('guild.current')} />}
            </Combobox.Option>
          ))}
          {found.length === 0 && <Combobox.Empty>{t('guild.notFound')}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
};
