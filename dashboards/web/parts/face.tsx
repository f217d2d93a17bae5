import { useState } from 'react';

/** The first letters of up to two words, for a picture that is missing. */
export const initialsOf = (name: string, length: 1 | 2 = 1): string => {
  const words = name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.slice(0, length).map((word) => word.match(/[\p{L}\p{N}]/u)?.[0] ?? '');
  const isOneWord = words.length === 1 && length === 2;
  const short = isOneWord ? (words[0]?.match(/^.{1,2}/u)?.[0] ?? '') : letters.join('');
  return short.toLocaleUpperCase() || '?';
};

const Picture = ({ url, initials }: { url: string | null; initials: string }) => {
  const [isBroken, setBroken] = useState(false);
  if (!url || isBroken) return initials;
  return <img src={url} alt="" loading="lazy" referrerPolicy="no-referrer" onError={() => setBroken(true)} />;
};

/** A person's picture or initial; decoration beside their name. */
export const FaceMark = (props: { name: string; avatarUrl?: string | null; size?: 's' | 'm' | 'l' }) => (
  <span className={`face ${props.size ?? 's'}`} aria-hidden="true">
    <Picture url={props.avatarUrl ?? null} initials={initialsOf(props.name)} />
  </span>
);

/** A server's icon or initials. */
export const Crest = ({ name, iconUrl }: { name: string; iconUrl: string | null }) => (
  <span className="crest" aria-hidden="true">
    <Picture url={iconUrl} initials={initialsOf(name, 2)} />
  </span>
);
