import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import { useLanguage } from '../app/language.ts';
import { onlyDigits, userIdIn } from './user-id.ts';

/** Looks a person up by their Discord id: Enter or Search; a pasted mention gives its digits. */
export const LookUp = (props: { guildId: string; initial?: string; problem?: string; isWide?: boolean }) => {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const problemId = useId();
  const [text, setText] = useState(props.initial ?? '');
  const [isWrong, setWrong] = useState(false);
  const problem = isWrong ? t('lookUp.notAnId') : props.problem;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const user = userIdIn(text);
    setWrong(user === null);
    if (user === null) return;
    void navigate({ to: '/dashboard/$guild/users/$user', params: { guild: props.guildId, user } });
  };
  return (
    <form className={props.isWide ? 'find wide' : 'find'} role="search" onSubmit={onSubmit}>
      <label>
        <span className="sr">{t('lookUp.label')}</span>
        <IconSearch className="i" aria-hidden />
        <input
          className="input"
          inputMode="numeric"
          autoComplete="off"
          placeholder={t('lookUp.label')}
          value={text}
          aria-invalid={problem !== undefined}
          aria-describedby={problem ? problemId : undefined}
          onChange={(event) => {
            setText(onlyDigits(event.target.value));
            setWrong(false);
          }}
        />
        {problem && (
          <span id={problemId} className="problem" role="alert">
            {problem}
          </span>
        )}
      </label>
      <button type="submit" className="btn">
        {t('lookUp.search')}
      </button>
    </form>
  );
};
