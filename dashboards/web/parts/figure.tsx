import type { ReactNode } from 'react';
import type { Piece } from '#analytics/plot/format.ts';
import { useLanguage } from '../app/language.ts';

/** The largest and darkest thing of its card; its unit stands beside it, smaller. */
export const Figure = ({ value, unit, isSecond }: { value: ReactNode; unit?: string; isSecond?: boolean }) => (
  <div className={isSecond ? 'fig s' : 'fig'}>
    {value}
    {unit && (
      <>
        {' '}
        <small>{unit}</small>
      </>
    )}
  </div>
);

const Pieces = ({ pieces }: { pieces: Piece[] }) =>
  pieces.map((piece, index) => (
    <span key={piece.unit}>
      {index > 0 && ' '}
      {piece.value}
      {piece.unit && <i>{piece.unit}</i>}
    </span>
  ));

/** Seconds as a figure: 1h 38m with small letters. */
export const DurationFigure = ({ seconds, isSecond }: { seconds: number | null; isSecond?: boolean }) => {
  const { f } = useLanguage();
  return <Figure value={<Pieces pieces={f.durationPieces(seconds)} />} {...(isSecond && { isSecond })} />;
};
