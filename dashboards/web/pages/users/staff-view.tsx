import type { StaffFigures } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { Card, Cell, StatCard, Strip } from '../../parts/card.tsx';
import { Before } from '../../parts/before.tsx';
import { Figure } from '../../parts/figure.tsx';
import { HoursCard } from '../../parts/hours.tsx';
import { PerDayCard } from '../../parts/per-day.tsx';
import { RankedList } from '../../parts/ranked-list.tsx';
import { Nothing } from '../../parts/states.tsx';
import { Trio } from '../../parts/trio.tsx';

const HEIGHT = 210;

/** What somebody did as staff. */
export const StaffView = ({ figures }: { figures: StaffFigures }) => {
  const { t, f } = useLanguage();
  const { ownFirstReply, rating } = figures;
  const points = (list: { at: string; answered: number }[]) =>
    list.map((d) => ({ at: Date.parse(d.at), n: d.answered }));
  return (
    <>
      <StaffStrip figures={figures} />
      <div className="grid">
        <StatCard span={8} name={t('user.ownFirstReply')} metric="ownFirstReplyMean">
          <Trio
            duration={figures.ownFirstReplyWindow}
            previous={figures.ownFirstReplyPrevious}
            metrics={['ownFirstReplyMean', 'ownFirstReplyMedian', 'ownFirstReplyP90']}
          >
            <div className="sub aside">
              {t('user.allTimeMean', { mean: f.duration(ownFirstReply.mean) })}
              <br />
              {t('user.allTimeRest', { median: f.duration(ownFirstReply.median), p90: f.duration(ownFirstReply.p90) })}
            </div>
          </Trio>
        </StatCard>
        <StatCard span={4} name={t('user.claimedRating')} metric="claimedRatingMean">
          <Figure value={f.stars(rating.mean)} unit={rating.mean === null ? '' : t('unit.ofFive')} />
          <div className="sub">
            {rating.mean === null
              ? t('analytics.noRatingsYet')
              : `${t('unit.ratings', { count: rating.count, shown: f.count(rating.count) })}, ${t('window.allTime')}`}
          </div>
        </StatCard>
        <PerDayCard
          span={8}
          title={t('user.answeredPerDay')}
          days={points(figures.perDay)}
          previous={points(figures.perDayPrevious)}
          height={HEIGHT}
        />
        <Card span={4} title={t('user.panelsAnswered')} end={t('window.allTime')}>
          {figures.panels.length === 0 ? (
            <Nothing height={HEIGHT}>{t('analytics.noPanels')}</Nothing>
          ) : (
            <RankedList
              label={t('user.panelsAnswered')}
              rows={figures.panels.map((panel) => ({
                key: String(panel.panelId),
                name: panel.panelId === null ? t('ticket.noPanel') : panel.name,
                n: panel.answered,
                share: panel.share,
              }))}
            />
          )}
        </Card>
        <HoursCard
          span={12}
          title={t('user.repliesByHour')}
          unit={t('user.replies')}
          values={figures.replyHours}
          height={180}
        />
      </div>
    </>
  );
};

const StaffStrip = ({ figures }: { figures: StaffFigures }) => {
  const { t, f } = useLanguage();
  const windows = [
    { n: 7, now: figures.d7, before: figures.d7Previous },
    { n: 30, now: figures.d30, before: figures.d30Previous },
  ];
  return (
    <Strip label={t('user.ticketsAnswered')} size="five">
      <Cell name={t('user.answeredEver')} metric="ticketsAnswered">
        <Figure value={f.count(figures.answered)} />
        <div className="sub">{t('window.allTime')}</div>
      </Cell>
      {windows.map(({ n, now, before }) => (
        <Cell key={n} name={t('window.last', { n })} metric="ticketsAnswered">
          <Figure value={f.count(now)} />
          <div className="sub">
            <Before now={now} before={before} metric="ticketsAnswered" />
          </div>
        </Cell>
      ))}
      <Cell name={t('user.peakHour')} metric="peakReplyHour">
        <Figure value={f.hour(figures.peakHour)} unit={figures.peakHour === null ? '' : 'UTC'} />
        <div className="sub">{t('user.mostReplies')}</div>
      </Cell>
      <Cell name={t('user.openClaimed')} metric="openClaimed">
        <Figure value={f.count(figures.openClaimed)} />
        <div className="sub">{t('window.now')}</div>
      </Cell>
    </Strip>
  );
};
