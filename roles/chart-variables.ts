import type { Variable } from '#runtime/config.ts';
import * as declared from './variables.ts';

/** Read by `up` alone, which no cluster runs. */
const onlyUp = new Set(['INTERACTIONS_PORT']);

const isVariable = (value: unknown): value is Variable<unknown> =>
  typeof value === 'object' && value !== null && 'parse' in value && 'schema' in value;

const found: Record<string, Variable<unknown>> = {};
for (const [name, value] of Object.entries(declared)) {
  // A set of variables holds again what is declared alone, or (`optional`) the same under looser terms: the first one counts.
  const members = isVariable(value) ? [[name, value] as const] : typeof value === 'object' ? Object.entries(value) : [];
  for (const [each, variable] of members) {
    if (isVariable(variable) && !onlyUp.has(each) && (!found[each] || isVariable(value))) found[each] = variable;
  }
}

/** What the chart lets an operator set for the processes in a cluster; bounds and words come from the variables themselves. */
export const chartVariables = Object.fromEntries(
  Object.entries(found).toSorted(([one], [other]) => (one < other ? -1 : 1)),
);
