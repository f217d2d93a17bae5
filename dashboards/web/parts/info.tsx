import { Popover } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useLanguage } from '../app/language.ts';

/** The definition of a figure, from the metric registry: on hover, focus or tap; Escape closes it. */
export const Info = ({ name, definition }: { name: string; definition: string }) => {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
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
          onMouseEnter={() => setOpen(true)}
          onMouseLeave={() => setOpen(false)}
          onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}
        >
          <IconInfoCircle className="i" aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="tip" onMouseEnter={() => setOpen(true)} onMouseLeave={() => setOpen(false)}>
        <b>{name}</b>
        {definition}
      </Popover.Dropdown>
    </Popover>
  );
};
