import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useLanguage } from '../../app/language.ts';

/** An id in monospace, and a button that copies it. */
export const CopyId = ({ id }: { id: string }) => {
  const { t } = useLanguage();
  const clipboard = useClipboard({ timeout: 2_000 });
  const Icon = clipboard.copied ? IconCheck : IconCopy;
  return (
    <span className="label" style={{ display: 'inline-flex' }}>
      <span className="id">{id}</span>
      <button
        type="button"
        className="tool"
        aria-label={t(clipboard.copied ? 'user.copied' : 'user.copy')}
        onClick={() => clipboard.copy(id)}
      >
        <Icon className="i" aria-hidden />
      </button>
    </span>
  );
};
