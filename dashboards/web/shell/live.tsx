import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useLanguage } from '../app/language.ts';
import { useStream } from './stream-context.tsx';

/** How often the figures may be spoken, whatever happens. */
const SPEAK_EVERY_MS = 60_000;

/** Whether figures move, since when they stand, and a switch for both; spoken at most once a minute. */
export const Live = ({ updatedAt, spoken }: { updatedAt: number; spoken: string }) => {
  const { t } = useLanguage();
  const { state, pause, resume } = useStream();
  const isPaused = state === 'paused';
  const Icon = isPaused ? IconPlayerPlay : IconPlayerPause;
  return (
    <span className="live">
      <span className={state === 'live' ? 'dot' : 'dot off'} />
      <span>{state === 'live' && updatedAt > 0 ? <Age updatedAt={updatedAt} /> : t(`live.${state}`)}</span>
      <button
        type="button"
        className="tool"
        aria-label={t(isPaused ? 'live.resume' : 'live.pause')}
        onClick={isPaused ? resume : pause}
      >
        <Icon className="i" aria-hidden />
      </button>
      <span role="status" className="sr">
        <Spoken text={isPaused ? '' : spoken} />
      </span>
    </span>
  );
};

const Age = ({ updatedAt }: { updatedAt: number }) => {
  const { t } = useLanguage();
  const now = useSecond();
  const seconds = Math.max(0, Math.round((now - updatedAt) / 1_000));
  if (seconds < 60) return t('live.seconds', { n: seconds });
  return t('live.minutes', { n: Math.floor(seconds / 60) });
};

const useSecond = (): number => {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
};

/** The newest text, renewed once a minute: the first is not spoken, because the page itself has just been read. */
const Spoken = ({ text }: { text: string }) => {
  const [said, setSaid] = useState('');
  const newest = useRef(text);
  newest.current = text;
  useEffect(() => {
    const timer = setInterval(() => setSaid(newest.current), SPEAK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return said;
};
