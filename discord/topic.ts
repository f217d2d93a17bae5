// The topic of a ticket's channel carries the ticket's id: CHANNEL_CREATE brings it before the first message can arrive, on
// whatever pod the shard runs, before any database knows the channel (design.md 3).
const pattern = /(?:^|\n)Docket ticket (\d{4,15})$/;

/** The most that Discord lets a text channel's topic be. https://discord.com/developers/docs/resources/channel#channel-object */
const maxTopicLength = 1_024;

/** A channel topic that names its ticket, after what people should read there. */
export function formatTopic(ticketId: number, text = ''): string {
  const mark = `Docket ticket ${ticketId}`;
  return text === '' ? mark : `${text.slice(0, maxTopicLength - mark.length - 1)}\n${mark}`;
}

/** The ticket that a channel's topic names; null when it names none. */
export function parseTopic(topic: string | null | undefined): number | null {
  const match = topic ? pattern.exec(topic) : null;
  return match ? Number(match[1]) : null;
}
