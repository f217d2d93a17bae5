import { Link } from '@tanstack/react-router';
import { useLanguage } from './language.ts';

const Alone = ({ title, text }: { title: string; text: string }) => {
  const { t } = useLanguage();
  return (
    <main id="main" className="page-alone" tabIndex={-1}>
      <div className="none" style={{ minBlockSize: '60vh' }}>
        <div>
          <h1>{title}</h1>
          {text}
          <br />
          <Link className="btn" to="/dashboard">
            {t('guild.choose')}
          </Link>
        </div>
      </div>
    </main>
  );
};

/** No page has this address. */
export const NotFound = () => {
  const { t } = useLanguage();
  return <Alone title={t('notFound.title')} text={t('notFound.text')} />;
};

/** A server that is not there, or not this person's: the page does not say which (design.md 6). */
export const GuildNotFound = () => {
  const { t } = useLanguage();
  return <Alone title={t('guild.unknown')} text={t('guild.unknownText')} />;
};

/** A page that failed while it was drawn. */
export const Unexpected = () => {
  const { t } = useLanguage();
  return <Alone title={t('state.pageFailed')} text={t('state.pageFailedText')} />;
};
