-- Everybody who is staff: members of teams, and the roles of the setting supportRoles, which count as support of the Default team.
create view staff as
  select guild_id, team_id, subject_id, subject_kind, level from team_member
  union all
  select team.guild_id, team.id, chosen.role_id, 'role', 'support'
  from guild join team using (guild_id) cross join lateral (
    -- Settings are clamped when they are read, so what is stored may be anything; 19 digits can exceed bigint.
    select distinct case when role_id ~ '^[1-9][0-9]{16,17}$' or (role_id ~ '^[1-9][0-9]{18}$' and role_id::numeric < 9223372036854775808)
      then role_id::bigint end as role_id
    from jsonb_array_elements_text(
      case jsonb_typeof(guild.settings -> 'supportRoles') when 'array' then guild.settings -> 'supportRoles' else '[]'::jsonb end
    ) as given (role_id)
  ) as chosen
  where team.is_default and chosen.role_id is not null and not exists (
    select from team_member as member
    where member.guild_id = team.guild_id and member.team_id = team.id and member.subject_id = chosen.role_id
  );
