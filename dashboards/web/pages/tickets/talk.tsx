import { useMemo } from 'react';
import { useLanguage } from '../../app/language.ts';
import type { Message, Transcript } from '../../data/types.ts';
import { FaceMark } from '../../parts/face.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Alert, Nothing } from '../../parts/states.tsx';
import { Files } from './files.tsx';
import { Markdown } from './markdown.tsx';
import { entriesOf } from './talk-entries.ts';

/** What was said, as Discord shows it: messages of one author in a row under one name. */
export const Talk = ({ transcript }: { transcript: Transcript }) => {
  const { t } = useLanguage();
  const { messages, gaps } = transcript;
  const names = useMemo(() => new Map(messages.map(({ author }) => [author.id, author.name])), [messages]);
  if (transcript.erased) return <Nothing height={200}>{t('talk.erased')}</Nothing>;
  if (messages.length === 0) return <Nothing height={200}>{t('talk.none')}</Nothing>;
  return (
    <>
      {transcript.contentMissing && <Alert title={t('talk.contentMissing')}>{t('talk.contentMissingHow')}</Alert>}
      <ol className="talk">
        {entriesOf(messages, gaps).map((entry) =>
          entry.kind === 'gap' ? (
            <li key={`gap-${entry.at}`} className="gap">
              {t('talk.gap')}
            </li>
          ) : (
            <Said key={entry.message.id} message={entry.message} isFirst={entry.isFirst} names={names} />
          ),
        )}
      </ol>
    </>
  );
};

const Said = ({
  message,
  isFirst,
  names,
}: {
  message: Message;
  isFirst: boolean;
  names: ReadonlyMap<string, string>;
}) => {
  const { t } = useLanguage();
  const { author } = message;
  return (
    <li className={isFirst ? 'first' : ''}>
      {isFirst ? <FaceMark name={author.name} avatarUrl={author.avatarUrl} size="m" /> : <span />}
      <div>
        {isFirst && (
          <div className="by">
            <b>{author.name}</b>
            <span className={`tag ${author.kind}`}>{t(`author.${author.kind}`)}</span>
            <Moment at={message.at} />
          </div>
        )}
        {message.content !== null && (
          <div className="words" dir="auto">
            <Markdown text={message.content} names={names} />
          </div>
        )}
        {message.content === null && <span className="aside">{t('talk.wordsErased')}</span>}
        <Files files={message.attachments} />
        {message.editedAt && <span className="aside">{t('talk.edited')} </span>}
        {message.deleted && <span className="aside">{t('talk.deleted')}</span>}
      </div>
    </li>
  );
};
