import { useLanguage } from '../app/language.ts';

export type RankedRow = { key: string; name: string; n: number; share?: number; isHollow?: boolean };

/** A list of five fills its card evenly; what is shorter stands at the top, as a list does. */
const sizeOf = (count: number): string => {
  if (count < 5) return 'rank few short';
  return count === 5 ? 'rank few' : 'rank';
};

/** A table with a bar in it: name, bar from zero relative to the largest, count, share. Zero has no bar. */
export const RankedList = ({ label, rows }: { label: string; rows: readonly RankedRow[] }) => {
  const { f } = useLanguage();
  const most = Math.max(1, ...rows.map((row) => row.n));
  return (
    <table className={sizeOf(rows.length)} aria-label={label}>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row" title={row.name}>
              {row.name}
            </th>
            <td aria-hidden="true">
              <span className="track">
                {row.n > 0 && (
                  <i className={row.isHollow ? 'hollow' : ''} style={{ inlineSize: `${(row.n / most) * 100}%` }} />
                )}
              </span>
            </td>
            <td className="num">{f.count(row.n)}</td>
            {row.share !== undefined && <td className="num pc">{f.share(row.share)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
};
