import { deploy } from '../harness/deploy.ts';
import { startFleet } from '../harness/fleet.ts';
import type { Row } from './table.ts';

const rounds = 2;
const people = 4;

/** Rolling restarts of two pods × two clusters × two shards and of everything else, interactions by HTTP, under traffic without pause. */
export async function benchDeploy(): Promise<Row[]> {
  const fleet = await startFleet({ interactions: 'http' });
  try {
    const { counts, restarts, identifies, resumes, interactions, late } = await deploy(fleet, { rounds, people });
    const twice = counts.duplicates + counts.invented;
    return [
      {
        what: `deploy, ${restarts} rolling restarts`,
        measured: `${counts.sent} messages: ${counts.lost} lost, ${twice} twice, ${counts.differences} differences; ${identifies} IDENTIFYs, ${resumes} RESUMEs`,
        budget: '0 lost, 0 twice, 0 IDENTIFYs',
        holds: counts.lost + twice + counts.differences + identifies === 0,
      },
      {
        what: 'interactions in them, by HTTP',
        measured: `${late} late of ${interactions}`,
        budget: '0 late',
        holds: late === 0,
      },
    ];
  } finally {
    await fleet.stop();
  }
}
