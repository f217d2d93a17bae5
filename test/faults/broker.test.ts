import { afterAll, beforeAll, describe, test } from 'vitest';
import { until } from '../harness/desk.ts';
import { type Fleet, startFleet } from '../harness/fleet.ts';
import { givenBrokers, skipWithoutKafka, startKafka, type TestBroker } from '../harness/kafka.ts';
import { nothingSent } from '../harness/traffic.ts';
import { survive } from './survive.ts';

const isSkipped = await skipWithoutKafka('test/faults/broker.test.ts');

// Only a broker of one's own may be broken.
describe.skipIf(isSkipped || givenBrokers !== undefined)('with a broker between the outbox and ClickHouse', () => {
  let broker: TestBroker;
  let fleet: Fleet;
  const sent = nothingSent();

  beforeAll(async () => {
    broker = await startKafka();
    fleet = await startFleet({ kafka: broker.brokers });
  }, 240_000);
  afterAll(async () => {
    await fleet?.stop();
    await broker?.stop();
  }, 60_000);

  /** People send so many more messages. */
  const moreMessages = async (count: number): Promise<void> => {
    const before = sent.messageIds.size;
    await until(
      async () => sent.messageIds.size - before,
      (more) => more >= count,
      60_000,
    );
  };

  test.each(['kill', 'terminate'] as const)('a broker that ends (%s) and comes back loses nothing', async (end) => {
    await survive(fleet, sent, `broker: ${end}`, async () => {
      await broker[end]();
      await moreMessages(60);
      await broker.start();
    });
  });

  test('a broker that answers nothing for a while loses nothing', async () => {
    await survive(fleet, sent, 'broker: hangs', async () => {
      broker.pause();
      await moreMessages(120);
      broker.resume();
    });
  });

  test.each(['kill', 'terminate'] as const)('each half that ends (%s) leaves its work to the other', async (end) => {
    await survive(fleet, sent, `analytics: ${end}`, async () => {
      for (const name of ['analytics-0', 'analytics-1'] as const) {
        await fleet.roles[name][end]();
        await moreMessages(40);
        await fleet.roles[name].start();
      }
    });
  });
});
