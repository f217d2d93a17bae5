import type { MemberFigures } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { Cell, StatCard, Strip } from '../../parts/card.tsx';
import { Before } from '../../parts/before.tsx';
import { Figure } from '../../parts/figure.tsx';
import { HoursCard } from '../../parts/hours.tsx';
import { PerDayCard } from '../../parts/per-day.tsx';
import { Trio } from '../../parts/trio.tsx';

const HEIGHT = 210;

/** What somebody did as a member: opened, closed, how long it took, what they thought of it. */
export const MemberView = ({ figures }: { figures: MemberFigures }) => {
  const { t, f } = useLanguage();
  const { duration, ratingGiven } = figures;
  const hasDuration = duration.mean !== null;
  const days = figures.perDay.map((day) => ({ at: Date.parse(day.at), n: day.opened }));
  return (
    <>
      <MemberStrip figures={figures} />
      <div className="grid">
        {hasDuration && (
          <StatCard span={8} name={t('user.duration')} metric="durationMean">
            <Trio duration={duration} metrics={['durationMean', 'durationMedian', 'durationP90']}>
              <div className="sub aside">
                {t('user.closedTickets', { count: duration.count, shown: f.count(duration.count) })}
              </div>
            </Trio>
          </StatCard>
        )}
        <StatCard span={hasDuration ? 4 : 12} name={t('user.ratingGiven')} metric="ratingMean">
          <Figure value={f.stars(ratingGiven.mean)} unit={ratingGiven.mean === null ? '' : t('unit.ofFive')} />
          <div className="sub">
            {ratingGiven.mean === null
              ? t('user.noRatingGiven')
              : t('unit.ratings', { count: ratingGiven.count, shown: f.count(ratingGiven.count) })}
          </div>
        </StatCard>
        <PerDayCard span={7} title={t('user.openedPerDay')} days={days} previous={[]} height={HEIGHT} />
        <HoursCard
          span={5}
          title={t('user.openedByHour')}
          unit={t('analytics.ticketsOpened')}
          values={figures.openHours}
          height={HEIGHT}
        />
      </div>
    </>
  );
};

const MemberStrip = ({ figures }: { figures: MemberFigures }) => {
  const { t, f } = useLanguage();
  const windows = [
    { n: 7, now: figures.d7, before: figures.d7Previous },
    { n: 30, now: figures.d30, before: figures.d30Previous },
  ];
  return (
    <Strip label={t('user.ticketsOpened')} size={figures.peakHour === null ? 'four' : 'five'}>
      <Cell name={t('user.openedEver')} metric="ticketsOpened">
        <Figure value={f.count(figures.opened)} />
        <div className="sub">{t('window.allTime')}</div>
      </Cell>
      {windows.map(({ n, now, before }) => (
        <Cell key={n} name={t('window.last', { n })} metric="ticketsOpened">
          <Figure value={f.count(now)} />
          <div className="sub">
            <Before now={now} before={before} metric="ticketsOpened" />
          </div>
        </Cell>
      ))}
      <Cell name={t('analytics.closed')} metric="ticketsClosed">
        <Figure value={f.count(figures.closed)} />
        <div className="sub">{t('user.ofOpened', { opened: f.count(figures.opened) })}</div>
      </Cell>
      {figures.peakHour !== null && (
        <Cell name={t('user.peakOpening')} metric="peakOpeningHour">
          <Figure value={f.hour(figures.peakHour)} unit="UTC" />
          <div className="sub">{t('user.mostOpened')}</div>
        </Cell>
      )}
    </Strip>
  );
};
