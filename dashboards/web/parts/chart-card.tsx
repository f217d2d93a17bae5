import { IconChartBar, IconTable } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useLanguage } from '../app/language.ts';
import { Card, type Span } from './card.tsx';

/** What a chart's table holds; the first column names the rows. */
export type ChartTable = { head: readonly string[]; rows: readonly { key: string; cells: readonly string[] }[] };

/** A card with a chart that can also be read as a table. `key` explains lines and stands beside the tool. */
export const ChartCard = (props: {
  span: Span;
  title: string;
  note?: ReactNode;
  legend?: ReactNode;
  height: number;
  table: ChartTable;
  children: ReactNode;
}) => {
  const { t } = useLanguage();
  const [isTable, setTable] = useState(false);
  const Icon = isTable ? IconChartBar : IconTable;
  const tool = (
    <>
      {!isTable && props.legend}
      <button
        type="button"
        className="tool"
        aria-pressed={isTable}
        aria-label={t('chart.asTable', { title: props.title })}
        title={t(isTable ? 'chart.showChart' : 'chart.showTable')}
        onClick={() => setTable(!isTable)}
      >
        <Icon className="i" aria-hidden />
      </button>
    </>
  );
  return (
    <Card span={props.span} title={props.title} note={props.note} end={tool}>
      {isTable ? <AsTable title={props.title} height={props.height} table={props.table} /> : props.children}
    </Card>
  );
};

const AsTable = ({ title, height, table }: { title: string; height: number; table: ChartTable }) => (
  <section
    className={table.head.length > 8 ? 'as-table cells' : 'as-table'}
    style={{ blockSize: height + 16, flex: 'none' }}
    aria-label={title}
    // A region that scrolls can be reached and scrolled by keyboard.
    tabIndex={0}
  >
    <table className="table">
      <thead>
        <tr>
          {table.head.map((name, index) => (
            <th key={name} scope="col" className={index === 0 ? '' : 'num'}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row) => (
          <tr key={row.key}>
            {row.cells.map((cell, index) =>
              index === 0 ? (
                <th key={table.head[index]} scope="row">
                  {cell}
                </th>
              ) : (
                <td key={table.head[index]} className="num">
                  {cell}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
