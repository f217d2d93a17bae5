import { parse } from 'discord-markdown-parser';
import { Fragment, type ReactNode, useMemo, useState } from 'react';
import { useLanguage } from '../../app/language.ts';

type Node = { type: string; content?: unknown; [key: string]: unknown };
type Names = ReadonlyMap<string, string>;

/** Only these addresses become links: what people write may hold `javascript:` and worse. */
export const isWebAddress = (address: unknown): address is string => {
  if (typeof address !== 'string') return false;
  try {
    return ['http:', 'https:'].includes(new URL(address).protocol);
  } catch {
    return false;
  }
};

/** What somebody wrote in Discord, as elements: never as HTML. Text that cannot be parsed is shown as it was written. */
export const Markdown = ({ text, names }: { text: string; names: Names }) => {
  const nodes = useMemo(() => {
    try {
      return parse(text, 'extended') as Node[];
    } catch {
      return [{ type: 'text', content: text }];
    }
  }, [text]);
  return <Nodes nodes={nodes} names={names} depth={0} />;
};

// Nobody nests deeper by hand; a text made of `*` must not exhaust the stack.
const MAX_DEPTH = 30;

const Nodes = ({ nodes, names, depth }: { nodes: unknown; names: Names; depth: number }): ReactNode => {
  if (typeof nodes === 'string') return nodes;
  if (!Array.isArray(nodes) || depth > MAX_DEPTH) return null;
  // A parsed text never changes its order, so its places are its keys.
  return (nodes as Node[]).map((node, index) => (
    // oxlint-disable-next-line react/no-array-index-key
    <Fragment key={index}>{draw(node, names, depth + 1)}</Fragment>
  ));
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

const draw = (node: Node, names: Names, depth: number): ReactNode => {
  const inner = () => <Nodes nodes={node.content} names={names} depth={depth} />;
  switch (node.type) {
    case 'strong':
      return <strong>{inner()}</strong>;
    case 'em':
      return <em>{inner()}</em>;
    case 'underline':
      return <u>{inner()}</u>;
    case 'strikethrough':
      return <s>{inner()}</s>;
    case 'inlineCode':
      return <code>{asText(node.content)}</code>;
    case 'codeBlock':
      return (
        <pre>
          <code>{asText(node.content)}</code>
        </pre>
      );
    case 'blockQuote':
      return <blockquote>{inner()}</blockquote>;
    case 'heading':
      return <span className={`heading h${Number(node.level) || 3}`}>{inner()}</span>;
    case 'subtext':
      return <span className="subtext">{inner()}</span>;
    case 'spoiler':
      return <Spoiler>{inner()}</Spoiler>;
    case 'link':
    case 'url':
    case 'autolink':
      return isWebAddress(node.target) ? (
        <a href={node.target} target="_blank" rel="noreferrer noopener nofollow">
          {inner()}
        </a>
      ) : (
        inner()
      );
    case 'br':
    case 'newline':
      return '\n';
    default:
      return (
        <Mention node={node} names={names}>
          {inner()}
        </Mention>
      );
  }
};

/** What only Discord has: people, channels, roles, commands, emoji, times. Anything unknown is its own text. */
const Mention = ({ node, names, children }: { node: Node; names: Names; children: ReactNode }): ReactNode => {
  const { f } = useLanguage();
  const id = asText(node.id);
  const marked = (text: string) => <span className="mention">{text}</span>;
  switch (node.type) {
    case 'user':
      return marked(`@${names.get(id) ?? id}`);
    case 'channel':
      return marked(`#${id}`);
    case 'role':
      return marked(`@${id}`);
    case 'everyone':
    case 'here':
      return marked(`@${node.type}`);
    case 'slashCommand':
      return marked(`/${asText(node.fullName)}`);
    case 'guildNavigation':
      return marked(`#${asText(node.navigation) || id}`);
    case 'emoji':
      return `:${asText(node.name)}:`;
    case 'twemoji':
      return asText(node.name);
    case 'timestamp': {
      const ms = Number(node.timestamp) * 1_000;
      return Math.abs(ms) < 8.64e15 ? <time dateTime={new Date(ms).toISOString()}>{f.moment(ms)} UTC</time> : null;
    }
    default:
      return children;
  }
};

const Spoiler = ({ children }: { children: ReactNode }) => {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <span className="spoiler">{children}</span>;
  return (
    <button type="button" className="spoiler" onClick={() => setOpen(true)}>
      {t('talk.spoiler')}
    </button>
  );
};
