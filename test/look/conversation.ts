import { NOW } from './tickets.ts';

const at = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const opener = { id: '111111111111111111', name: 'Member 12' };
const staff = { id: '1180000000000000000', name: 'Staff A' };
const row = {
  lifetimeNo: 12_841,
  panelId: 1_000,
  panelName: 'Technical help',
  opener,
  closedAt: null,
  closeReason: null,
  rating: null,
  problem: null,
};

/** Tickets in each state that a list can show. */
export const ticketRows = [
  { ...row, id: 5_001, displayNo: 12_841, state: 'open', claimedBy: null, openedAt: at(38), waiting: 'staff' },
  {
    ...row,
    id: 5_000,
    displayNo: 12_836,
    state: 'open',
    claimedBy: staff,
    openedAt: at(195),
    waiting: 'member',
    panelName: 'Billing',
  },
  {
    ...row,
    id: 4_999,
    displayNo: 12_830,
    state: 'open',
    claimedBy: null,
    openedAt: at(400),
    waiting: 'member',
    panelId: null,
    panelName: null,
  },
  {
    ...row,
    id: 4_998,
    displayNo: 12_829,
    state: 'open',
    claimedBy: staff,
    openedAt: at(720),
    waiting: 'staff',
    problem: 'Docket may not delete this channel.',
  },
];
export const closedRows = [
  {
    ...row,
    id: 4_990,
    displayNo: 12_822,
    state: 'closed',
    claimedBy: staff,
    openedAt: at(2_000),
    closedAt: at(900),
    closeReason: 'Solved',
    rating: 4,
    waiting: null,
  },
  {
    ...row,
    id: 4_989,
    displayNo: 12_817,
    state: 'closed',
    claimedBy: null,
    openedAt: at(2_600),
    closedAt: at(1_200),
    waiting: null,
    panelName: 'Billing',
  },
];

/** One closed ticket with everything that a page can show. */
export const ticket = {
  ...closedRows[0],
  subject: 'The launcher stops at 40%',
  answers: [
    { label: 'What happened?', value: 'The launcher stops at 40% since the update.' },
    { label: 'Which version?', value: '3.2.1' },
  ],
  comment: 'Quick and kind.',
  members: [{ id: '222222222222222222', name: 'Member 13' }],
  history: [
    {
      version: 1,
      name: 'opened',
      at: at(2_000),
      actor: opener,
      actorKind: 'opener',
      reason: null,
      user: null,
      rating: null,
    },
    {
      version: 2,
      name: 'claimed',
      at: at(1_990),
      actor: staff,
      actorKind: 'staff',
      reason: null,
      user: null,
      rating: null,
    },
    {
      version: 3,
      name: 'member_added',
      at: at(1_900),
      actor: staff,
      actorKind: 'staff',
      reason: null,
      user: { id: '222222222222222222', name: 'Member 13' },
      rating: null,
    },
    {
      version: 4,
      name: 'closed',
      at: at(900),
      actor: staff,
      actorKind: 'staff',
      reason: 'Solved',
      user: null,
      rating: null,
    },
    {
      version: 5,
      name: 'rated',
      at: at(880),
      actor: opener,
      actorKind: 'opener',
      reason: null,
      user: null,
      rating: 4,
    },
  ],
};

const say = (id: string, author: typeof opener, kind: string, minutes: number, content: string, more: object = {}) => ({
  id,
  author: { ...author, avatarUrl: null, kind },
  at: at(minutes),
  content,
  attachments: [],
  editedAt: null,
  deleted: false,
  ...more,
});

export const transcript = {
  ticket: closedRows[0],
  messages: [
    say(
      '1',
      { id: '900000000000000001', name: 'Docket' },
      'bot',
      2_000,
      '<@111111111111111111>, staff will be with you soon.',
    ),
    say('2', opener, 'opener', 1_999, 'Hi! Since the update the launcher **stops at 40%**.\nI tried `repair` twice.'),
    say('3', opener, 'opener', 1_998, '', {
      attachments: [
        {
          id: 'a1',
          name: 'launcher.log',
          sizeBytes: 48_200,
          contentType: 'text/plain',
          state: 'stored',
          reason: null,
          url: '/api/guilds/1/tickets/4990/attachments/1',
          isPicture: false,
        },
        {
          id: 'a3',
          name: 'screen.png',
          sizeBytes: 210_000,
          contentType: 'image/png',
          state: 'stored',
          reason: null,
          url: '/api/guilds/1/tickets/4990/attachments/3',
          isPicture: true,
        },
        {
          id: 'a4',
          name: 'run.txt',
          sizeBytes: 900,
          contentType: 'text/plain',
          state: 'failed',
          reason: 'gone',
          url: 'javascript:alert(1)',
          isPicture: false,
        },
        {
          id: 'a2',
          name: 'recording.mp4',
          sizeBytes: 88_200_000,
          contentType: 'video/mp4',
          state: 'refused',
          reason: 'too-large',
          url: 'https://cdn.example.com/recording.mp4',
          isPicture: false,
        },
      ],
    }),
    say(
      '4',
      staff,
      'staff',
      1_990,
      '> stops at 40%\nThanks. Which line is last in the log? See [the guide](https://example.com/guide) or [not this](javascript:alert(1)).',
    ),
    say('5', opener, 'opener', 1_985, '```\nERR 0x80 disk full\n```', { editedAt: at(1_984) }),
    say(
      '6',
      staff,
      'staff',
      1_970,
      '# Free 2 GB\nthen start it as ||administrator|| and tell me <t:1763820000:R> 🙂 <:ok:123456789012345678>',
    ),
    say('7', opener, 'opener', 905, 'That was it, thank you __so__ much! <script>alert(1)</script>'),
    say('8', opener, 'opener', 904, 'sent to the wrong channel', { deleted: true }),
  ],
  contentMissing: false,
  erased: false,
  gaps: [{ from: at(1_000), to: at(950) }],
};
