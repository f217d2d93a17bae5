import type { Admin } from 'kafkajs';
import { createKafka, groupOf } from '#analytics/log/kafka.ts';
import { readProgress } from '#analytics/log/progress.ts';
import { readTopic, refusalOf, type TopicState, withAdmin } from '#analytics/log/topic.ts';
import { createLog } from '#runtime/log.ts';
import type { Finding } from '../doctor.ts';
import type { KafkaChoice } from '../kafka.ts';

const hourMs = 3_600_000;
const shortestRetentionMs = 24 * hourMs;
// What kafkajs reads: as it was sent (zstd), or one of these.
const readable = new Set(['producer', 'uncompressed', 'gzip', 'zstd']);

/** Brokers answer, the topic is as declared, and somebody reads it. Nothing when no Kafka is configured. */
export async function checkKafka(choice: KafkaChoice | null): Promise<Finding[]> {
  if (!choice) return [];
  const log = createLog({ role: 'doctor', level: 'silent' });
  const kafka = createKafka(choice.place, log);
  try {
    return await withAdmin(kafka, async (admin) => {
      const { brokers } = await admin.describeCluster();
      const answered: Finding = { kind: 'ok', what: `Kafka: ${brokers.length} brokers` };
      const findings = [answered, ...checkAccess(choice)];
      const state = await readTopic(admin, choice.place.topic);
      if (state)
        return [...findings, ...checkTopic(choice, state, brokers.length), ...(await checkReader(admin, choice))];
      const what = `Kafka: there is no topic ${choice.place.topic} yet`;
      return [...findings, { kind: 'note', what, fix: 'The role analytics makes it: start that.' }];
    });
  } catch (error) {
    const fix = 'Start it, or correct KAFKA_BROKERS, KAFKA_TLS and KAFKA_SASL_….';
    return [{ kind: 'wrong', what: `Kafka: ${(error as Error).message}`, fix }];
  }
}

function checkAccess({ place }: KafkaChoice): Finding[] {
  if (place.sasl?.mechanism !== 'plain' || place.tls) return [];
  return [{ kind: 'note', what: 'Kafka: the password goes over the network as it is', fix: 'Set KAFKA_TLS=true.' }];
}

function checkTopic({ place, settings }: KafkaChoice, state: TopicState, brokers: number): Finding[] {
  const { topic } = place;
  if (state.partitions !== settings.partitions) {
    const what = `Kafka: the topic ${topic} has ${state.partitions} partitions, not ${settings.partitions}`;
    return [{ kind: 'wrong', what, fix: refusalOf(topic, state.partitions, settings) }];
  }
  const findings: Finding[] = [{ kind: 'ok', what: `Kafka: the topic ${topic}, ${state.partitions} partitions` }];
  const alter = `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config`;
  if (!readable.has(state.compression)) {
    const what = `Kafka: brokers pack ${topic} as ${state.compression}, which Docket cannot read`;
    findings.push({ kind: 'wrong', what, fix: `${alter} compression.type=producer` });
  }
  if (state.replicationFactor === 1 && brokers > 1) {
    const what = `Kafka: ${topic} has one copy: what is not in ClickHouse yet is lost with its broker`;
    findings.push({ kind: 'note', what, fix: 'Give it three copies: kafka-reassign-partitions.sh' });
  } else if (state.replicationFactor > 2 && state.minInsyncReplicas < 2) {
    const what = `Kafka: ${topic} counts a message as written with one copy`;
    findings.push({ kind: 'note', what, fix: `${alter} min.insync.replicas=2` });
  }
  if (state.retentionMs >= 0 && state.retentionMs < shortestRetentionMs) {
    const what = `Kafka: ${topic} keeps messages for ${Math.floor(state.retentionMs / hourMs)} h: ClickHouse may not be away longer`;
    findings.push({ kind: 'note', what, fix: `${alter} retention.ms=${settings.retentionMs}` });
  }
  return findings;
}

async function checkReader(admin: Admin, { place: { topic } }: KafkaChoice): Promise<Finding[]> {
  const { groups } = await admin.describeGroups([groupOf(topic)]);
  const members = groups[0]?.members.length ?? 0;
  const { behind, expired } = await readProgress(admin, topic);
  const findings: Finding[] = [];
  if (members === 0) {
    const what = `Kafka: nobody reads ${topic}, ${behind} messages wait`;
    findings.push({ kind: 'note', what, fix: 'Start the role analytics; its log says what it waits for.' });
  } else findings.push({ kind: 'ok', what: `Kafka: ${members} readers, ${behind} messages behind` });
  if (expired > 0) {
    const what = `Kafka: ${expired} messages were deleted before they were read`;
    findings.push({ kind: 'wrong', what, fix: 'Run: npm run -s docket -- rebuild' });
  }
  return findings;
}
