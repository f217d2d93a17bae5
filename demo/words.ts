/** What people of the demo say: plain support talk, without names. */
export const questions = [
  'My payment went through twice. Which one is refunded?',
  'I cannot sign in since the update.',
  'How do I move my account to a new e-mail address?',
  'The launcher stops at 80 % and stays there.',
  'A player keeps writing to me after I asked them to stop.',
  'Where do I find the invoice of last month?',
  'My role is missing since yesterday.',
  'The voice channel drops every few minutes.',
] as const;
export const details = [
  'It happens on both of my devices.',
  'I tried it again just now, the same.',
  'It worked last week.',
  'There is no error, it just stays like that.',
  'I can send a screenshot if that helps.',
] as const;
export const replies = [
  'Thanks, I am looking at it now.',
  'Could you restart it once and tell me what you see?',
  'I found it: a setting on our side. Please try again.',
  'That is known and will be mended today.',
  'I have passed it on to billing; they answer within the hour.',
] as const;
export const thanks = ['Works now, thank you.', 'That was it. Thanks!', 'All good again.'] as const;
export const reasons = ['Solved', 'Answered', 'Refunded', 'Known problem, mended'] as const;
export const comments = ['Quick and clear.', 'Took a while but it works.', 'Friendly, thank you.'] as const;
export const subjects = ['A question about my account', 'Something else', 'Partnership'] as const;
export const notes = [
  'The same as last week: the payment provider sent it twice.',
  'I would like a second opinion before I answer.',
  'Known to engineering, mended with the next release.',
] as const;
export const together = ['The same here, since this morning.', 'I saw it too, I can confirm that.'] as const;
/** The values of /priority, but the one that a ticket has already. */
export const priorities = ['low', 'high', 'high', 'urgent'] as const;
/** The labels of each server. */
export const labels = [
  { name: 'Bug', colour: '#D64545' },
  { name: 'Refund', colour: '#2F9E6E' },
  { name: 'Question', colour: '#3B82C4' },
  { name: 'Known problem', colour: '#C98A1B' },
] as const;
/** The form that one of the panels asks. */
export const playerForm = {
  name: 'About a player',
  questions: ['Who is it about?', 'Where did it happen?', 'What happened?'],
} as const;

/** One of a list, by chance. */
export function oneOf<T>(list: readonly [T, ...T[]] | readonly T[]): T {
  const picked = list[Math.floor(Math.random() * list.length)];
  if (picked === undefined) throw new RangeError('the list is empty');
  return picked;
}
