import { useLanguage } from '../app/language.ts';

/** A moment in UTC; hovering adds the reader's local time. */
export const Moment = ({ at, isDay }: { at: string; isDay?: boolean }) => {
  const { t, f } = useLanguage();
  const ms = Date.parse(at);
  const local = new Intl.DateTimeFormat(f.tag, { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
  return (
    <time dateTime={at} title={t('time.local', { local })}>
      {isDay ? f.date(ms) : f.moment(ms)}
    </time>
  );
};
