import { Popover } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useLanguage } from '../app/language.ts';

const HOVER_MS = 150;

/** The definition of a figure, from the metric registry: on hover, focus or tap; Escape closes it. */
export const Info = ({ name, definition }: { name: string; definition: string }) => {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const hover = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(hover.current), []);
  // A pointer on its way elsewhere opens nothing, and may cross the gap to what it reads.
  const later = (open: boolean) => {
    clearTimeout(hover.current);
    hover.current = setTimeout(() => setOpen(open), HOVER_MS);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom" width={300} shadow="none" closeOnEscape>
      <Popover.Target>
        <button
          type="button"
          className="tool"
          aria-label={t('info.label', { name })}
          onClick={() => setOpen(true)}
          onFocus={(event) => setOpen(event.currentTarget.matches(':focus-visible'))}
          onBlur={() => setOpen(false)}
          onMouseEnter={() => later(true)}
          onMouseLeave={() => later(false)}
          onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}
        >
          <IconInfoCircle className="i" aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="tip" onMouseEnter={() => later(true)} onMouseLeave={() => later(false)}>
        <b>{name}</b>
        {definition}
      </Popover.Dropdown>
    </Popover>
  );
};
