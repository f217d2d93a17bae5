import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLanguage } from '../app/language.ts';
import { ApiError } from '../data/request.ts';

/** A place that is being read, in the size of what will stand there. */
export const Bone = ({ width, height, margin = 0 }: { width: number | string; height: number; margin?: number }) => (
  <div className="bone" style={{ inlineSize: width, blockSize: height, marginBlock: margin, maxInlineSize: '100%' }} />
);

/** A figure and its line, being read. */
export const FigureBones = () => (
  <div className="figure-bones">
    <Bone width={96} height={26} margin={3} />
    <Bone width={140} height={12} margin={3} />
    <Loading />
  </div>
);

export const Loading = () => {
  const { t } = useLanguage();
  return <span className="sr">{t('state.loading')}</span>;
};

const heights = [60, 44, 70, 82, 50, 66, 90, 74, 58, 80, 64, 96, 72];
/** A chart or list, being read. */
export const ChartBones = ({ height }: { height: number }) => (
  <div className="bones" style={{ minBlockSize: height, blockSize: height }}>
    {heights.map((h) => (
      <div key={h} className="bone" style={{ blockSize: `${h}%` }} />
    ))}
    <Loading />
  </div>
);

/** Why there is nothing, in the place where it would be. */
export const Nothing = (props: { title?: string; children: ReactNode; action?: ReactNode; height?: number }) => (
  <div className="none" style={{ minBlockSize: props.height ?? 0 }}>
    <div>
      {props.title && <b>{props.title}</b>}
      {props.children}
      {props.action && (
        <>
          <br />
          {props.action}
        </>
      )}
    </div>
  </div>
);

/** A failure in its own card: what failed, its reference, and another try. */
export const Failure = (props: { error: Error; title: string; onRetry: () => void; height?: number }) => {
  const { t } = useLanguage();
  const { error } = props;
  const said = error instanceof ApiError && error.code !== 'offline' ? error.message : t('state.offline');
  const reference = error instanceof ApiError ? error.reference : null;
  // The API's own text may carry the reference already.
  const isNamed = reference !== null && !said.includes(reference);
  return (
    <Nothing
      title={props.title}
      height={props.height ?? 0}
      action={
        <button type="button" className="btn" onClick={props.onRetry}>
          {t('state.retry')}
        </button>
      }
    >
      {said} {isNamed && t('state.reference', { reference })}
    </Nothing>
  );
};

/** The same for a single figure, in one line. */
export const FigureFailure = ({ onRetry }: { onRetry: () => void }) => {
  const { t } = useLanguage();
  return (
    <div className="sub">
      <span className="d bad">
        <IconAlertTriangle className="i" aria-hidden />
      </span>
      {t('state.unread')} ·{' '}
      <button type="button" className="link" onClick={onRetry}>
        {t('state.retry')}
      </button>
    </div>
  );
};

/** A sentence across the page about what needs attention. */
export const Alert = ({
  tone = 'warn',
  title,
  children,
}: {
  tone?: 'warn' | 'bad';
  title: string;
  children: ReactNode;
}) => (
  <div className={tone === 'bad' ? 'alert bad' : 'alert'} role="note">
    <IconAlertTriangle className="i" aria-hidden />
    <span>
      <b>{title}</b> {children}
    </span>
  </div>
);
