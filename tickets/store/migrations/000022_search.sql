-- Lists of one person, panel or number stay short walks however many tickets a server has had (ticket_opener: 000015).
create index ticket_claimer on ticket (guild_id, claimed_by, id) where claimed_by is not null;
create index ticket_panel on ticket (guild_id, panel_id, id) where panel_id is not null;
create index ticket_number on ticket (guild_id, display_no, id);
