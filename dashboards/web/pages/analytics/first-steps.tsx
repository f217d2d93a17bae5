import { useQuery } from '@tanstack/react-query';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Trans } from 'react-i18next';
import { useLanguage } from '../../app/language.ts';
import { guildQuery } from '../../data/queries.ts';
import { Card } from '../../parts/card.tsx';

const command = { command: <code /> };

/** What a server without tickets has to do until its first one. */
export const FirstSteps = ({ guildId }: { guildId: string }) => {
  const { t } = useLanguage();
  const { data: guild } = useQuery(guildQuery(guildId));
  if (!guild) return null;
  const [hasStaff, hasPanel] = [guild.staffCount > 0, guild.panelCount > 0];
  const done = [hasStaff, hasPanel].filter(Boolean).length;
  const staffText = hasStaff ? (
    t('steps.staffDone', { count: guild.staffCount })
  ) : (
    <Trans i18nKey="steps.staffHow" components={command} />
  );
  const panelText = hasPanel ? (
    t('steps.panelDone', { count: guild.panelCount })
  ) : (
    <Trans i18nKey="steps.panelHow" components={command} />
  );
  return (
    <Card span={12} title={t('steps.title')} note={t('steps.note')} end={t('steps.done', { done, of: 3 })}>
      <ol className="steps">
        <Step no={1} isDone={hasStaff} name={t('steps.staff')} end="">
          {staffText}
        </Step>
        <Step no={2} isDone={hasPanel} name={t('steps.panel')} end="">
          {panelText}
        </Step>
        <Step no={3} isDone={false} name={t('steps.test')} end={hasPanel ? '' : t('steps.afterTwo')}>
          {t('steps.testHow')}
        </Step>
      </ol>
    </Card>
  );
};

const Step = (props: { no: number; isDone: boolean; name: string; end: string; children: ReactNode }) => {
  const { t } = useLanguage();
  return (
    <li>
      {props.isDone ? (
        <span className="tick done">
          <IconCheck className="i" aria-hidden />
          <span className="sr">{t('steps.isDone')}</span>
        </span>
      ) : (
        <span className="tick" aria-hidden="true">
          {props.no}
        </span>
      )}
      <span>
        <b>{props.name}</b>
        <span className="muted">{props.children}</span>
      </span>
      {props.end && <span className="muted">{props.end}</span>}
    </li>
  );
};
