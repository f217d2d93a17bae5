import { afterAll, describe } from 'vitest';
import { givenBrokers, skipWithoutKafka, startKafka, type TestBroker } from '../harness/kafka.ts';
import { startStack } from '../harness/stack.ts';
import { walkPath } from './path.ts';

const isSkipped = await skipWithoutKafka('test/journeys/path-on-kafka.test.ts');
let broker: TestBroker | undefined;

describe.skipIf(isSkipped)('with a broker between the outbox and ClickHouse', () => {
  afterAll(() => broker?.stop());
  walkPath(async () => {
    if (givenBrokers === undefined) broker = await startKafka();
    const env = { KAFKA_BROKERS: givenBrokers ?? broker?.brokers ?? '', KAFKA_TOPIC: `test.path.${process.pid}` };
    return startStack({ env });
  });
});
