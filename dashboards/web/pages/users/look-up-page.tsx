import { getRouteApi } from '@tanstack/react-router';
import { useLanguage } from '../../app/language.ts';
import { Card } from '../../parts/card.tsx';
import { LookUp } from '../../shell/look-up.tsx';
import { Page } from '../../shell/page.tsx';

const route = getRouteApi('/dashboard/$guild/users');

/** Where a person is looked up, with how to find an id. */
export const LookUpPage = () => {
  const { t } = useLanguage();
  const { guild } = route.useParams();
  return (
    <Page title={t('nav.people')} lead={t('lookUp.lead')}>
      <Card span={12} title={t('lookUp.title')}>
        <LookUp guildId={guild} isWide />
        <p className="muted" style={{ marginBlockStart: 28 }}>
          {t('lookUp.how')}
        </p>
      </Card>
    </Page>
  );
};
