import { useNavigate } from '@tanstack/react-router';
import { type WindowDays, windowDays } from '../app/window.ts';
import { useLanguage } from '../app/language.ts';
import { Segment } from './segment.tsx';

/** The window of everything below it; kept in the address. */
export const WindowFilter = ({ days }: { days: WindowDays }) => {
  const { t } = useLanguage();
  const setDays = useSetDays();
  const options = windowDays.map((n) => ({ value: n, name: t('window.days', { n }) }));
  return <Segment label={t('window.label')} options={options} value={days} onChange={setDays} />;
};

/** Changes the window of this page, leaving the rest of the address as it is. */
export const useSetDays = () => {
  const navigate = useNavigate();
  return (days: WindowDays) =>
    void navigate({
      to: '.',
      // The usual window needs no word in the address.
      search: (old: Record<string, unknown>) => ({ ...old, days: days === 30 ? undefined : days }),
      replace: true,
      resetScroll: false,
    });
};
