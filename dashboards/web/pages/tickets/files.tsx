import { IconFile, IconFileOff } from '@tabler/icons-react';
import { useLanguage } from '../../app/language.ts';
import type { Attachment } from '../../data/types.ts';
import { isWebAddress } from './markdown.tsx';

/** Why a file is not there, as a text. */
const whyNot = {
  off: 'talk.fileOff',
  'too-large': 'talk.fileTooLarge',
  type: 'talk.fileType',
  address: 'talk.fileAddress',
  gone: 'talk.fileGone',
  cdn: 'talk.fileCdn',
  store: 'talk.fileStore',
  erased: 'talk.fileErased',
  before: 'talk.fileBefore',
} as const satisfies Record<NonNullable<Attachment['reason']>, string>;

/** An address of this API, or one of the web: what people send may hold `javascript:` and worse. */
const isSafe = (url: string | null): url is string => url !== null && (url.startsWith('/api/') || isWebAddress(url));

/** The files of a message: pictures as such, others by name and size, and why one is not there. */
export const Files = ({ files }: { files: readonly Attachment[] }) => {
  if (files.length === 0) return null;
  return (
    <ul className="files">
      {files.map((file) => (
        <li key={file.id} className={file.isPicture ? 'picture' : ''}>
          <File file={file} />
        </li>
      ))}
    </ul>
  );
};

const File = ({ file }: { file: Attachment }) => {
  const { t, f } = useLanguage();
  const { url, state, reason, sizeBytes } = file;
  const name = file.name ?? t('talk.fileErased');
  const size =
    sizeBytes < 1_000_000
      ? `${f.count(Math.ceil(sizeBytes / 1_000))} kB`
      : `${f.count(Math.round(sizeBytes / 1_000_000))} MB`;
  if (file.isPicture && isSafe(url)) {
    return (
      <a href={url} target="_blank" rel="noreferrer noopener">
        <img src={url} alt={name} title={`${name}, ${size}`} loading="lazy" decoding="async" />
      </a>
    );
  }
  const why = state === 'stored' || file.name === null ? null : t(reason ? whyNot[reason] : 'talk.fileWanted');
  return (
    <>
      {state === 'stored' ? <IconFile className="i" aria-hidden /> : <IconFileOff className="i" aria-hidden />}
      {isSafe(url) ? (
        <a href={url} target="_blank" rel="noreferrer noopener">
          {name}
        </a>
      ) : (
        name
      )}
      <span className="muted">{why === null ? size : `${size}, ${why}`}</span>
    </>
  );
};
